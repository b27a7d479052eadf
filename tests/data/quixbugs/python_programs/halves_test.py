from .halves import halves

print(halves(8))
