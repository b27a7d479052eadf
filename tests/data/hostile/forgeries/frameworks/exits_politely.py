# tries: to end at once, by an exception that is not caught as an error
# class: fail
raise SystemExit(0)
