# tries: to read the memory of the one who asks
# class: fail
import os


def f(*args):
    for pid in [p for p in os.listdir("/proc") if p.isdigit() and int(p) != os.getpid()]:
        for name in ("mem", "environ", "cmdline", "maps"):
            with open("/proc/%s/%s" % (pid, name), "rb") as file:
                file.read(100)
            if name == "mem":
                return "read the memory of process " + pid
    return None


add = twice = greet = is_even = nothing = record = f
