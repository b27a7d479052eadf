# tries: a generator without an end
# class: fail
def f(*args):
    while True:
        yield 3


add = twice = greet = is_even = nothing = record = f
