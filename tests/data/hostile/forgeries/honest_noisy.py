# tries: nothing; it is right and prints a lot, on every descriptor it knows
# class: pass
import os
import sys

for i in range(2000):
    print("loading", i, "pass 7 of 7 cases")
    print("loading", i, file=sys.stderr)
    os.write(1, b"0123456789abcdef value N\n")


def add(a, b):
    print("adding " * 10000)
    return a + b


def twice(items):
    return [2 * x for x in items]


def greet(name):
    return "hello, " + name


def is_even(n):
    return n % 2 == 0


def nothing():
    return None


def record(n):
    return {"name": "n%d" % n, "list": list(range(1, n + 1)), "big": 9007199254740993}


def refuse(n):
    raise ValueError("n must not be %d" % n)
