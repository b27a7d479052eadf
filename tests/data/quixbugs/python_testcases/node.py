class Node:
    def __init__(self, value=None, successor=None, successors=[]):
        self.value = value
        self.successor = successor
        self.successors = successors
