# tries: to end the conversation before all is asked
# class: protocol
import gc
import os
import sys


def driver():
    frame = sys._getframe()
    while "self" not in frame.f_locals or not hasattr(frame.f_locals["self"], "answers"):
        frame = frame.f_back
    return frame.f_locals["self"], frame.f_locals


def f(*args):
    me, where = driver()
    me.answer(where["nonce"], "bye")
    os._exit(0)


add = twice = greet = is_even = nothing = record = f
