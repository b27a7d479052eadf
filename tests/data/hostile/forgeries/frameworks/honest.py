# tries: nothing; it is right
# class: pass
def add(a, b):
    print("Ran 2 tests in 0.000s\n\nFAILED (failures=2)")
    return a + b
