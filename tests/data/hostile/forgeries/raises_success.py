# tries: an error that says that it passed
# class: fail
class Passed(BaseException):
    def __str__(self):
        return "pass"


def f(*args):
    raise Passed("pass")


add = twice = greet = is_even = nothing = record = f
