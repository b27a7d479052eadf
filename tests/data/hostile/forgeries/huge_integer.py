# tries: an integer with a hundred thousand digits
# class: fail
def f(*args):
    return 10**100000


add = twice = greet = is_even = nothing = record = f
