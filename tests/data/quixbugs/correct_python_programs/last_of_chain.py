def last_of_chain(node):
    while node.successor is not None:
        node = node.successor
    node.value = "end"
    return node


