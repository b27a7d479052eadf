# tries: a module without the functions
# class: fail
passed = True
