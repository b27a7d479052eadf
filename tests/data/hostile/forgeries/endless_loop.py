# tries: to live on after its limit
# class: limit:time
# limits: time=0.2
import signal

signal.signal(signal.SIGTERM, signal.SIG_IGN)


def f(*args):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass


add = twice = greet = is_even = nothing = record = f
