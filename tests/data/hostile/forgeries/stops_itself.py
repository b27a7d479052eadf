# tries: to stop without ending, so that whoever waits for it waits for ever
# class: limit:time
# limits: time=1
import os
import signal


def f(*args):
    os.kill(os.getpid(), signal.SIGSTOP)


add = twice = greet = is_even = nothing = record = f
