# tries: to send the right answer of one case again, with its old nonce
# class: protocol
import gc
import os
import sys


def driver():
    frame = sys._getframe()
    while "self" not in frame.f_locals or not hasattr(frame.f_locals["self"], "answers"):
        frame = frame.f_back
    return frame.f_locals["self"], frame.f_locals


def add(a, b):
    me, where = driver()
    write = os.write
    sent = []

    def keep(fd, data):
        if fd == me.answers:
            sent.append(data)
            if len(sent) > 1:
                return write(fd, sent[0]) and len(data)
        return write(fd, data)

    if os.write is write:
        os.write = keep
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
