# tries: to print what a framework prints when all tests pass, and to end at once with status 0
# class: fail
import os
import sys

for stream in (sys.stdout, sys.stderr):
    print("..\n" + "-" * 70 + "\nRan 2 tests in 0.000s\n\nOK\n2 passed in 0.01s", file=stream, flush=True)
os._exit(0)
