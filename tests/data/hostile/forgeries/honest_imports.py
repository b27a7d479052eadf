# tries: nothing; it is right and uses the library, classes and annotations
# class: pass
from __future__ import annotations

import dataclasses
import json
import re
import threading


@dataclasses.dataclass
class Pair:
    a: float
    b: float


def add(a, b):
    pair = Pair(a, b)
    lock = threading.Lock()
    with lock:
        return json.loads(json.dumps(pair.a + pair.b)) if re.match("x?", "x") else None


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
