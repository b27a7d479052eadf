# tries: an error whose text never comes
# class: limit:time
# limits: time=0.2
class Slow(Exception):
    def __str__(self):
        while True:
            pass


def f(*args):
    raise Slow()


add = twice = greet = is_even = nothing = record = f
