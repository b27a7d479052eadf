# tries: to answer with a line that does not end
# class: limit:output
import os


def f(*args):
    for fd in range(3, 10):
        try:
            while True:
                os.write(fd, b"x" * 65536)
        except OSError:
            pass


add = twice = greet = is_even = nothing = record = f
