# tries: to replace the tests by some that always pass
# class: fail
import sys

try:
    with open("test_both.py", "w") as file:
        file.write("import unittest\n\n\nclass Test(unittest.TestCase):\n    pass\n")
except OSError:
    pass
for name in ("test_both", "__main__"):
    tests = vars(sys.modules.get(name, sys))
    for key, value in list(tests.items()):
        if key == "Test":
            del tests[key]


def add(a, b):
    return 0
