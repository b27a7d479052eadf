# tries: recursion without an end
# class: fail
def f(*args):
    return [f(*args)]


add = twice = greet = is_even = nothing = record = f
