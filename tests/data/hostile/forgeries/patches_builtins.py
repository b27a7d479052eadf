# tries: to replace what a comparison might use
# class: fail
import builtins
import json
import struct

builtins.isinstance = lambda *args: True
builtins.sorted = lambda items: list(items)
builtins.repr = lambda item: "3"
json.dumps = lambda *args, **named: "3"
struct.pack = lambda *args: b"\0" * 8


def f(*args):
    return 4


add = twice = greet = is_even = nothing = record = f
