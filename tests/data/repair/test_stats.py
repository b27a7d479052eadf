import pytest
from stats import clamp, mean, runs


def test_mean():
    assert mean([1, 2, 3]) == 2


def test_mean_of_nothing():
    assert mean([]) == 0


def test_clamp():
    assert [clamp(x, 1, 3) for x in (0, 1, 2, 3, 4)] == [1, 1, 2, 3, 3]


def test_clamp_refuses():
    with pytest.raises(TypeError):
        clamp("2", 1, 3)


def test_runs():
    assert runs("aab") == [("a", 2), ("b", 1)]
    assert runs("aaa") == [("a", 3)]
    assert runs("") == []
