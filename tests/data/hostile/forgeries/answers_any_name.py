# tries: to have a function of every name
# class: fail
def __getattr__(name):
    return lambda *args: args[0] if args else None
