# tries: a file that does not parse
# class: format
def add(a, b:
    pass pass
