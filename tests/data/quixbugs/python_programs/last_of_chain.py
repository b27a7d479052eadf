def last_of_chain(node):
    while node.successor.successor is not None:
        node = node.successor
    node.value = "end"
    return node


"""
Input: the first node of a linked list without a cycle
Output: its last node, whose value has become "end"
"""
