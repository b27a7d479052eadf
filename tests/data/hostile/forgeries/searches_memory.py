# tries: to find what is wanted anywhere in its process
# class: fail
import gc
import sys


def f(*args):
    for item in gc.get_objects():
        if isinstance(item, dict) and ("want" in item or "wanted" in item):
            return item.get("want", item.get("wanted"))
    frame = sys._getframe()
    while frame:
        for name in ("want", "wanted", "expected"):
            if name in frame.f_locals:
                return frame.f_locals[name]
        frame = frame.f_back
    return None


add = twice = greet = is_even = record = f
