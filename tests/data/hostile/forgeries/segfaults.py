# tries: to end by a signal, in the middle of an answer
# class: crash
import ctypes


def f(*args):
    ctypes.string_at(0)


add = twice = greet = is_even = nothing = record = f
