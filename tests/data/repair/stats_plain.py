from stats import clamp, mean, runs

assert mean([1, 2, 3]) == 2
assert mean([]) == 0
assert [clamp(x, 1, 3) for x in (0, 2, 4)] == [1, 2, 3]
try:
    clamp("2", 1, 3)
    assert False, "clamp must refuse a text"
except TypeError:
    pass
assert runs("aaa") == [("a", 3)], f"expected [('a', 3)], got {runs('aaa')!r}"
