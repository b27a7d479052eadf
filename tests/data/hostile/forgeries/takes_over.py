# tries: to do all of the driver's work itself: it says ready, answers every question with its own arguments, says goodbye
# class: fail
import os
import sys

frame = sys._getframe()
while "self" not in frame.f_locals:
    frame = frame.f_back
driver, nonce = frame.f_locals["self"], frame.f_locals["nonce"]
driver.answer(nonce, "ready")
while True:
    words = driver.question()
    if words[0] == "call":
        driver.answer(words[1], "value " + words[3].strip("()").split(",")[0])
    else:
        driver.answer(words[1], "bye")
        os._exit(0)
