import unittest

from stats import clamp, mean, runs


class Stats(unittest.TestCase):
    def test_mean(self):
        self.assertEqual(mean([1, 2, 3]), 2)

    def test_mean_of_nothing(self):
        self.assertEqual(mean([]), 0)

    def test_clamp(self):
        self.assertEqual([clamp(x, 1, 3) for x in (0, 1, 2, 3, 4)], [1, 1, 2, 3, 3])

    def test_clamp_refuses(self):
        with self.assertRaises(TypeError):
            clamp("2", 1, 3)

    def test_runs(self):
        self.assertEqual(runs("aab"), [("a", 2), ("b", 1)])
        self.assertEqual(runs("aaa"), [("a", 3)])
