# tries: nothing; it is right, by way of threads, a child and a temporary file, and leaves them all behind
# class: pass
import os
import tempfile
import threading
import time

kept = []


def started():
    thread = threading.Thread(target=time.sleep, args=(1000,), daemon=True)
    thread.start()
    kept.append((thread, tempfile.NamedTemporaryFile(delete=False)))
    if not kept[1:] and os.fork() == 0:
        time.sleep(1000)
        os._exit(0)


def add(a, b):
    started()
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
