# tries: an error whose text is longer than anybody reads
# class: fail
def f(*args):
    raise ValueError("é" * 400000)


add = twice = greet = is_even = nothing = record = f
