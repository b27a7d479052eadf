# tries: to leave with status 0 by an exception
# class: format
import sys

sys.exit(0)
