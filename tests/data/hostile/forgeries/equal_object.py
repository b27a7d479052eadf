# tries: an object whose class calls itself int
# class: fail
class Liar:
    @property
    def __class__(self):
        return int

    def __eq__(self, other):
        return True

    def __index__(self):
        return 3

    __int__ = __index__


def f(*args):
    return Liar()


add = twice = greet = is_even = nothing = record = f
