# tries: a str that calls itself equal to everything
# class: fail
class Text(str):
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


def f(*args):
    return Text("x")


add = twice = greet = is_even = nothing = record = f
