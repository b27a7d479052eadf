import pytest

if pytest.use_correct:
    from correct_python_programs.cheapest_edges import cheapest_edges
else:
    from python_programs.cheapest_edges import cheapest_edges


def test1():
    assert cheapest_edges({("a", "b"): 3, ("b", "c"): 5}, 4) == {("a", "b")}


def test2():
    assert cheapest_edges({}, 1) == set()
