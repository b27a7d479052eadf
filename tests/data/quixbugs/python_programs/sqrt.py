def sqrt(x, epsilon):
    low, high = 0, x
    while high - low > 2:
        middle = (low + high) / 2
        if middle * middle < x:
            low = middle
        else:
            high = middle
    return (low + high) / 2


"""
Input: x >= 1 and epsilon > 0
Output: a float that is at most epsilon away from the square root of x
"""
