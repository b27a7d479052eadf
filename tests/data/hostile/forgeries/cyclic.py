# tries: a list that contains itself
# class: fail
def f(*args):
    items = []
    items.append(items)
    return items


add = twice = greet = is_even = nothing = record = f
