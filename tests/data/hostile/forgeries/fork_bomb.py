# tries: to use up the machine's processes
# class: fail|limit:procs
import os


def endless():
    while True:
        try:
            os.fork()
        except OSError:
            pass


def f(*args):
    if os.fork() == 0:
        endless()
    raise RuntimeError("as many as there may be")


add = twice = greet = is_even = nothing = record = f
