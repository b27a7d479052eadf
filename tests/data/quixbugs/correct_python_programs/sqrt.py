def sqrt(x, epsilon):
    low, high = 0, x
    while high - low > epsilon:
        middle = (low + high) / 2
        if middle * middle < x:
            low = middle
        else:
            high = middle
    return (low + high) / 2


