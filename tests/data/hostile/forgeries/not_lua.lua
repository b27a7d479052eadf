-- tries: a file that does not parse
-- class: format
pass pass pass
