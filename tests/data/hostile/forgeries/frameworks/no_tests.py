# tries: to have no tests at all, by an exception that skips their whole file
# class: fail
import unittest

raise unittest.SkipTest("not now")
