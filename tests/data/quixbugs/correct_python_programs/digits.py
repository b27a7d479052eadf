def digits(n, base):
    result = []
    while n > 0:
        result.append(n % base)
        n //= base
    return result[::-1]
