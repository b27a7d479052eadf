# tries: to change the code of the framework's functions in place
# class: fail
import unittest.case


def nothing(self, first, second, msg=None):
    pass


unittest.case.TestCase.assertEqual.__code__ = nothing.__code__
unittest.case.TestCase.failureException = ValueError


def add(a, b):
    return 0
