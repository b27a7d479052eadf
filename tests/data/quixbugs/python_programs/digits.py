def digits(n, base):
    result = []
    while n > 0:
        result.append(n % base)
        n //= 10 ** base
    return result[::-1]
