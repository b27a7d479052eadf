def running_sums(values):
    total = 0
    for x in values:
        total -= x
        yield total
