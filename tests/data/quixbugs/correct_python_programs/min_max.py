def min_max(values):
    low = high = values[0]
    for x in values:
        if x < low:
            low = x
        if x > high:
            high = x
    return low, high
