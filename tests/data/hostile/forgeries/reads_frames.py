# tries: to read the nonce from the frames of the driver, answer for it with success, and end before it can speak
# class: protocol
import os
import sys


def f(*args):
    frame = sys._getframe()
    while frame is not None:
        nonce, driver = frame.f_locals.get("nonce"), frame.f_locals.get("self")
        if nonce and driver:
            os.write(driver.answers, (nonce + " pass\n").encode())
            os.write(driver.answers, (nonce + " value T\n").encode())
            os._exit(0)
        frame = frame.f_back


add = twice = greet = is_even = nothing = record = f
