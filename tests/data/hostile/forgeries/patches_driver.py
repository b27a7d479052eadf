# tries: to replace how the driver writes values
# class: fail
import gc
import os
import sys


def driver():
    frame = sys._getframe()
    while "self" not in frame.f_locals or not hasattr(frame.f_locals["self"], "answers"):
        frame = frame.f_back
    return frame.f_locals["self"], frame.f_locals


me, where = driver()
for item in gc.get_objects():
    if isinstance(item, type) and item.__name__ == "Writer":
        item.write = lambda self, x, depth=1: "T"


def f(*args):
    return "pass"


add = twice = greet = is_even = nothing = record = f
