# tries: to leave with status 0 while it is loaded
# class: crash
import os

print("pass  7 of 7 cases")
os._exit(0)
