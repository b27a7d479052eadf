# tries: nothing; it is right and takes its time
# class: pass
import time


def add(a, b):
    time.sleep(0.2)
    for _ in range(300000):
        a += 0
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
