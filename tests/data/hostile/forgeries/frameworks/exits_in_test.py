# tries: to end in the middle of the first test
# class: fail
import os


def add(a, b):
    os._exit(0)
