import pytest
from node import Node

if pytest.use_correct:
    from correct_python_programs.last_of_chain import last_of_chain
else:
    from python_programs.last_of_chain import last_of_chain

shared = Node(3)


def test1():
    """Three nodes, of which the test keeps the last."""
    found = last_of_chain(Node(1, Node(2, shared)))

    assert found is shared
    assert shared.value == "end"


def test2():
    """One node."""
    assert last_of_chain(shared) is shared


def test3():
    """Two nodes, one of them in the other's list."""
    last = Node(2)
    first = Node(1, last, [last])

    assert last_of_chain(first) is last
    assert first.successors == [last]
    assert first.value == 1
