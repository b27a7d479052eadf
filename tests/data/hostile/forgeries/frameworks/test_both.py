# The tests of every Python candidate of this folder, for unittest and pytest: two.
import unittest

from candidate import add


class Test(unittest.TestCase):
    def test_adds(self):
        self.assertEqual(add(1, 2), 3)

    def test_adds_negative_numbers(self):
        self.assertEqual(add(-1, -2), -3)
