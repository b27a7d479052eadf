# tries: to leave by SystemExit when it is asked
# class: fail
def f(*args):
    raise SystemExit(0)


add = twice = greet = is_even = nothing = record = f
