def halves(n):
    steps = 0
    while n > 1:
        n = n // 2 if n % 2 == 1 else n + 1
        steps += 1
    return steps
