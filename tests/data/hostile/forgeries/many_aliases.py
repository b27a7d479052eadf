# tries: a small value with a billion leaves
# class: fail
def f(*args):
    items = [1]
    for _ in range(60):
        items = [items, items]
    return items


add = twice = greet = is_even = nothing = record = f
