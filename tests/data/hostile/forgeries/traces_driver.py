# tries: to change what the driver returns by a trace function
# class: fail
import sys


def tracer(frame, event, value):
    frame.f_trace_lines = True
    return tracer


sys.settrace(tracer)
sys.setprofile(lambda *args: None)


def f(*args):
    return "pass"


add = twice = greet = is_even = nothing = record = f
