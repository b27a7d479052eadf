# tries: NaN where a number is wanted
# class: fail
def f(*args):
    return float("nan")


add = twice = greet = is_even = nothing = record = f
