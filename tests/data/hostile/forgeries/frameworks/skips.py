# tries: to have the tests skipped
# class: fail
import unittest


def add(a, b):
    raise unittest.SkipTest("not now")
