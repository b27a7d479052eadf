# tries: to change the arguments, as if they were what is compared
# class: fail
def f(*args):
    for item in args:
        if isinstance(item, list):
            item.clear()
    return list(args)


add = twice = greet = is_even = nothing = record = f
