# tries: more of an answer than anybody reads
# class: limit:output
def f(*args):
    return "x" * 10000000


add = twice = greet = is_even = nothing = record = f
