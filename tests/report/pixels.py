"""What is on a screenshot: pixels.py FILE.png COLOUR... prints the width, the height, the share of
pixels that are not the ground, the ground (the colour of the first pixel), and how many pixels have
each of the colours, written as #rrggbb. Needs nothing beside python3."""
import struct
import sys
import zlib


def chunks(data):
    at = 8
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        yield kind, data[at + 8 : at + 8 + size]
        at += 12 + size


def paeth(a, b, c):
    pa, pb, pc = abs(b - c), abs(a - c), abs(a + b - 2 * c)
    return a if pa <= pb and pa <= pc else b if pb <= pc else c


def unfilter(kind, row, above, size):
    """One row of PNG (RFC 2083, 6): each byte is a difference to what lies left of it and above it."""
    if kind == 2:
        return bytearray((x + y) & 255 for x, y in zip(row, above))
    for i in range(len(row) if kind else 0):
        a = row[i - size] if i >= size else 0
        c = above[i - size] if i >= size else 0
        guess = {1: a, 3: (a + above[i]) // 2}.get(kind)
        row[i] = (row[i] + (paeth(a, above[i], c) if guess is None else guess)) & 255
    return row


def rows_of(path):
    with open(path, "rb") as file:
        data = file.read()
    packed = b""
    for kind, body in chunks(data):
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", body[:10])
        elif kind == b"IDAT":
            packed += body
    assert depth == 8 and colour in (2, 6), "8 bits of RGB or RGBA"
    size = 3 if colour == 2 else 4
    raw, stride = zlib.decompress(packed), width * size
    above = bytearray(stride)
    for y in range(height):
        start = y * (stride + 1)
        above = unfilter(raw[start], bytearray(raw[start + 1 : start + 1 + stride]), above, size)
        yield width, height, size, above


def main(path, colours):
    ground, marked, total, counts = None, 0, 0, dict.fromkeys(colours, 0)
    wanted = {bytes.fromhex(colour[1:]): colour for colour in colours}
    for width, height, size, row in rows_of(path):
        ground = ground or bytes(row[:3])
        for x in range(0, width * size, size):
            pixel = bytes(row[x : x + 3])
            marked += pixel != ground
            if pixel in wanted:
                counts[wanted[pixel]] += 1
        total += width
    print(width, height, "%.4f" % (marked / total), "#" + ground.hex(), *counts.values())


main(sys.argv[1], sys.argv[2:])
