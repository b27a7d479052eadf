-- Small Python programs with tests and faults; see lua_programs.lua. A call that must fail names its exception and a part
-- of its message.
return {
  { name = "prices", text = [[
"""Prices and discounts."""


def parse(text):
    if not isinstance(text, str):
        raise TypeError("price must be a text")
    amount, _, unit = text.strip().partition(" ")
    if not amount.replace(".", "", 1).isdigit():
        raise ValueError("no price: " + text)
    return round(float(amount) * 100), unit or "EUR"


def discount(cents, percent):
    if not 0 <= percent <= 100:
        raise ValueError("percent out of range")
    return cents - cents * percent // 100


def total(items):
    result = 0
    for item in items:
        result += item["cents"] * item.get("count", 1)
    return result


def cheapest(items):
    best = items[0]
    for item in items[1:]:
        if item["cents"] < best["cents"]:
            best = item
    return best["name"]


def label(name, category):
    return name.title() + (" (" + category.lower() + ")" if category is not None else "")
]], calls = {
    { "parse('12.50 USD')", "(1250, 'USD')" }, { "parse('3')", "(300, 'EUR')" }, { "discount(1000, 15)", "850" }, { "discount(99, 0)", "99" },
    { "total([{'cents': 5}, {'cents': 2, 'count': 3}])", "11" }, { "total([])", "0" },
    { "cheapest([{'name': 'a', 'cents': 3}, {'name': 'b', 'cents': 2}])", "'b'" }, { "label('red tea', None)", "'Red Tea'" },
    { "label('tea', 'Hot')", "'Tea (hot)'" }, { "parse(5)", fails = "TypeError", with = "price must be a text" },
    { "parse('free')", fails = "ValueError", with = "no price: free" }, { "discount(1, 101)", fails = "ValueError", with = "percent out of range" },
  }, faults = {
    { "LOGIC", "discount", "cents * percent // 100", "cents * percent // 10" }, { "LOGIC", "cheapest", 'item["cents"] < best', 'item["cents"] > best' },
    { "LOGIC", "total", 'item.get("count", 1)', 'item.get("count", 0)' },
    { "RUNTIME", "label", ' (" (" + category.lower() + ")" if category is not None else "")', ' " (" + category.lower() + ")"' },
    { "RUNTIME", "total", 'item.get("count", 1)', 'item["count"]' }, { "RUNTIME", "cheapest", "best = items[0]", "best = items[len(items)]" },
    { "CONTRACT", "parse", '    if not isinstance(text, str):\n        raise TypeError("price must be a text")\n', '    text = str(text)\n' },
    { "CONTRACT", "discount", 'raise ValueError("percent out of range")', 'raise RuntimeError("percent out of range")' },
    { "CONTRACT", "parse", 'return round(float(amount) * 100), unit or "EUR"', 'return [round(float(amount) * 100), unit or "EUR"]' },
  } },
  { name = "primes", text = [[
def is_prime(n):
    if isinstance(n, bool) or not isinstance(n, int):
        raise TypeError("n must be an int")
    if n < 2:
        return False
    divisor = 2
    while divisor * divisor <= n:
        if n % divisor == 0:
            return False
        divisor += 1
    return True


def below(limit):
    return [n for n in range(limit) if is_prime(n)]


def factors(n):
    if n < 1:
        raise ValueError("n must be positive")
    result = []
    divisor = 2
    while n > 1:
        while n % divisor == 0:
            result.append(divisor)
            n //= divisor
        divisor += 1
    return result


def gcd(a, b):
    return a if b == 0 else gcd(b, a % b)


def mean_gap(limit):
    found = below(limit)
    return (found[-1] - found[0]) / (len(found) - 1) if len(found) > 1 else 0.0
]], calls = {
    { "is_prime(2)", "True" }, { "is_prime(9)", "False" }, { "is_prime(1)", "False" }, { "below(12)", "[2, 3, 5, 7, 11]" },
    { "factors(60)", "[2, 2, 3, 5]" }, { "factors(1)", "[]" }, { "gcd(12, 18)", "6" }, { "mean_gap(8)", "5 / 3" }, { "mean_gap(3)", "0.0" },
    { "is_prime('7')", fails = "TypeError", with = "n must be an int" }, { "factors(0)", fails = "ValueError", with = "n must be positive" },
  }, faults = {
    { "LOGIC", "is_prime", "divisor * divisor <= n", "divisor * divisor < n" }, { "LOGIC", "below", "range(limit)", "range(limit - 1)" },
    { "LOGIC", "factors", "result.append(divisor)", "result.append(n)" },
    { "RUNTIME", "factors", "            n //= divisor\n", "            n // divisor\n" },
    { "RUNTIME", "gcd", "gcd(b, a % b)", "gcd(a, b)" },
    { "RUNTIME", "mean_gap", " if len(found) > 1 else 0.0", "" }, { "RUNTIME", "factors", "    result = []\n", "    result = None\n" },
    { "CONTRACT", "is_prime", '    if isinstance(n, bool) or not isinstance(n, int):\n        raise TypeError("n must be an int")\n', '    n = int(n)\n' },
    { "CONTRACT", "factors", '    if n < 1:\n        raise ValueError("n must be positive")\n', '    if n < 1:\n        return []\n' },
    { "CONTRACT", "is_prime", "    return True\n", '    return "prime"\n' },
  } },
  { name = "inventory", text = [[
class Missing(Exception):
    pass


class Store:
    def __init__(self):
        self.stock = {}

    def put(self, name, count):
        if count <= 0:
            raise ValueError("count must be positive")
        self.stock[name] = self.stock.get(name, 0) + count
        return self.stock[name]

    def take(self, name, count):
        have = self.stock.get(name)
        if have is None or have < count:
            raise Missing("not enough of " + name)
        self.stock[name] = have - count
        return self.stock[name]


def run(moves):
    store = Store()
    for kind, name, count in moves:
        getattr(store, kind)(name, count)
    return {name: left for name, left in store.stock.items() if left}


def largest(stock):
    return max(sorted(stock), key=lambda name: stock[name]) if stock else None


def merge(a, b):
    result = dict(a)
    for name, count in b.items():
        result[name] = result.get(name, 0) + count
    return result
]], calls = {
    { "run([('put', 'a', 3), ('take', 'a', 1), ('put', 'b', 1), ('take', 'b', 1)])", "{'a': 2}" }, { "run([])", "{}" },
    { "largest({'a': 1, 'b': 5})", "'b'" }, { "largest({})", "None" }, { "merge({'a': 1}, {'a': 2, 'b': 1})", "{'a': 3, 'b': 1}" },
    { "run([('put', 'a', 0)])", fails = "ValueError", with = "count must be positive" },
    { "run([('take', 'a', 1)])", fails = "Missing", with = "not enough of a" },
  }, faults = {
    { "LOGIC", "Store.take", "self.stock[name] = have - count", "self.stock[name] = have" }, { "LOGIC", "run", "if left}", "}" },
    { "LOGIC", "merge", "result.get(name, 0) + count", "count" },
    { "RUNTIME", "Store.put", "self.stock.get(name, 0) + count", "self.stock[name] + count" },
    { "RUNTIME", "largest", " if stock else None", "" }, { "RUNTIME", "run", "getattr(store, kind)", "getattr(store, kind + 's')" },
    { "CONTRACT", "Store.put", '        if count <= 0:\n            raise ValueError("count must be positive")\n', "" },
    { "CONTRACT", "Store.take", 'raise Missing("not enough of " + name)', 'raise KeyError(name)' },
    { "CONTRACT", "merge", "    return result\n", "    return list(result.items())\n" },
  } },
  { name = "matrix", text = [[
from fractions import Fraction


def shape(rows):
    widths = {len(row) for row in rows}
    if len(widths) != 1:
        raise ValueError("ragged rows")
    return len(rows), widths.pop()


def times(a, b):
    height, inner = shape(a)
    other, width = shape(b)
    if inner != other:
        raise ValueError("shapes do not fit")
    return [[sum(a[y][k] * b[k][x] for k in range(inner)) for x in range(width)] for y in range(height)]


def transpose(rows):
    height, width = shape(rows)
    return [[rows[y][x] for y in range(height)] for x in range(width)]


def determinant(rows):
    size, _ = shape(rows)
    rows = [[Fraction(x) for x in row] for row in rows]
    result = Fraction(1)
    for i in range(size):
        pivot = next((y for y in range(i, size) if rows[y][i] != 0), None)
        if pivot is None:
            return 0
        if pivot != i:
            rows[i], rows[pivot] = rows[pivot], rows[i]
            result = -result
        result *= rows[i][i]
        for y in range(i + 1, size):
            factor = rows[y][i] / rows[i][i]
            rows[y] = [a - factor * b for a, b in zip(rows[y], rows[i])]
    return int(result)
]], calls = {
    { "shape([[1, 2], [3, 4], [5, 6]])", "(3, 2)" }, { "times([[1, 2]], [[3], [4]])", "[[11]]" }, { "transpose([[1, 2]])", "[[1], [2]]" },
    { "determinant([[1, 2], [3, 4]])", "-2" }, { "determinant([[0, 1], [1, 0]])", "-1" }, { "determinant([[1, 1], [1, 1]])", "0" },
    { "shape([[1], [1, 2]])", fails = "ValueError", with = "ragged rows" }, { "times([[1]], [[1], [2]])", fails = "ValueError", with = "shapes do not fit" },
  }, faults = {
    { "LOGIC", "determinant", "            result = -result\n", "" }, { "LOGIC", "times", "a[y][k] * b[k][x]", "a[y][k] + b[k][x]" },
    { "LOGIC", "shape", "return len(rows), widths.pop()", "return widths.pop(), len(rows)" },
    { "RUNTIME", "determinant", "        if pivot is None:\n            return 0\n", "" },
    { "RUNTIME", "transpose", "for y in range(height)] for x in range(width)]", "for y in range(height)] for x in range(width + 1)]" }, { "RUNTIME", "times", "shape(b)", "shape(c)" },
    { "CONTRACT", "shape", '        raise ValueError("ragged rows")\n', "        return 0, 0\n" },
    { "CONTRACT", "times", '    if inner != other:\n        raise ValueError("shapes do not fit")\n', "    inner = min(inner, other)\n" },
    { "CONTRACT", "transpose", "return [[rows[y][x] for y in range(height)] for x in range(width)]", "return list(zip(*rows))" },
  } },
  { name = "dates", sealed = true, text = [[
DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def is_leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in(year, month):
    if not 1 <= month <= 12:
        raise ValueError("no month %s" % month)
    return 29 if month == 2 and is_leap(year) else DAYS[month - 1]


def day_of_year(year, month, day):
    if not 1 <= day <= days_in(year, month):
        raise ValueError("no such day")
    return sum(days_in(year, m) for m in range(1, month)) + day


def parse(text):
    parts = text.split("-")
    if len(parts) != 3:
        raise ValueError("not a date: " + text)
    return tuple(int(part) for part in parts)


def next_day(text):
    year, month, day = parse(text)
    if day < days_in(year, month):
        day += 1
    elif month < 12:
        month, day = month + 1, 1
    else:
        year, month, day = year + 1, 1, 1
    return "%04d-%02d-%02d" % (year, month, day)
]], calls = {
    { "is_leap(2000)", "True" }, { "is_leap(1900)", "False" }, { "days_in(2024, 2)", "29" }, { "day_of_year(2024, 3, 1)", "61" },
    { "parse('2024-03-01')", "(2024, 3, 1)" }, { "next_day('2023-12-31')", "'2024-01-01'" }, { "next_day('2024-02-28')", "'2024-02-29'" },
    { "days_in(2024, 13)", fails = "ValueError", with = "no month 13" }, { "day_of_year(2023, 2, 29)", fails = "ValueError", with = "no such day" },
    { "parse('today')", fails = "ValueError", with = "not a date: today" },
  }, faults = {
    { "LOGIC", "is_leap", "year % 400 == 0", "year % 400 != 0" }, { "LOGIC", "day_of_year", "range(1, month)", "range(1, month + 1)" },
    { "LOGIC", "next_day", "year, month, day = year + 1, 1, 1", "year, month, day = year, 1, 1" },
    { "RUNTIME", "days_in", "DAYS[month - 1]", "DAYS[month]" }, { "RUNTIME", "next_day", "year, month, day = parse(text)", "year, month = parse(text)" },
    { "RUNTIME", "day_of_year", "+ day\n", "+ str(day)\n" },
    { "CONTRACT", "days_in", '        raise ValueError("no month %s" % month)\n', "        return 0\n" },
    { "CONTRACT", "parse", "    return tuple(int(part) for part in parts)\n", "    return tuple(parts)\n" },
    { "CONTRACT", "day_of_year", '        raise ValueError("no such day")\n', '        raise ValueError("bad")\n' },
  } },
}
