# expect: limit:output
yes >&2
