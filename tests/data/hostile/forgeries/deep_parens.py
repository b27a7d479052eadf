# tries: to break the parser by what it is made to read
# class: format
x = """ + "(" * 100000 + """
eval("(" * 100000)


def f(*args):
    return args


add = twice = greet = is_even = nothing = record = f
