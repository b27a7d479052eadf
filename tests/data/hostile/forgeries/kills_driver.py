# tries: to kill the process that it is asked in
# class: crash
import os
import signal


def f(*args):
    os.kill(os.getpid(), signal.SIGKILL)


add = twice = greet = is_even = nothing = record = f
