-- tries: to leave with status 0 before it is asked
-- class: format
os.exit(0)
