-- Small Lua programs with tests and faults, for the corpus of failures (make.lua). A fault is { class, owner function or
-- nil, text, its replacement }; its class was written down with the fault, before anything was run. Every program has
-- calls that must give a value and calls that must fail with a message. Programs marked sealed are for the final count
-- only: whoever writes a classifier does not read them or what came of them.
return {
  { name = "money", text = [[
local M = {}

local function whole(n, what)
  if math.type(n) ~= "integer" then
    error(what .. " must be a whole number")
  end
  return n
end

function M.add(a, b)
  return whole(a, "a") + whole(b, "b")
end

function M.show(cents)
  whole(cents, "cents")
  local sign = cents < 0 and "-" or ""
  local left = math.abs(cents)
  return ("%s%d.%02d"):format(sign, left // 100, left % 100)
end

function M.split(cents, n)
  if n < 1 then
    error("nobody to split among")
  end
  local parts, left = {}, cents
  for i = 1, n do
    parts[i] = left // (n - i + 1)
    left = left - parts[i]
  end
  return parts
end

function M.total(entries)
  local sum = 0
  for _, entry in ipairs(entries) do
    sum = sum + entry.cents
  end
  return sum
end

return M
]], calls = {
    { 'add(2, 3)', '5' }, { 'add(-2, 2)', '0' }, { 'show(1234)', '"12.34"' }, { 'show(-5)', '"-0.05"' },
    { 'split(10, 3)', '{ 3, 3, 4 }' }, { 'total({ { cents = 5 }, { cents = 7 } })', '12' }, { 'total({})', '0' },
    { 'add(1.5, 2)', fails = "a must be a whole number" }, { 'split(10, 0)', fails = "nobody to split among" },
  }, faults = {
    { "LOGIC", "show", "left // 100", "left // 10" }, { "LOGIC", "split", "(n - i + 1)", "(n - i + 2)" },
    { "LOGIC", "total", "sum + entry.cents", "sum - entry.cents" },
    { "RUNTIME", "total", "sum + entry.cents", "sum + entry.amount" },
    { "RUNTIME", "split", "local parts, left = {}, cents", "local parts, left = nil, cents" },
    { "RUNTIME", "total", "local sum = 0", "local sum = M.total(entries)" },
    { "CONTRACT", "split", '  if n < 1 then\n    error("nobody to split among")\n  end\n', "" },
    { "CONTRACT", "whole", '" must be a whole number"', '" is odd"' },
    { "CONTRACT", "show", 'return ("%s%d.%02d"):format(sign, left // 100, left % 100)', "return left / 100" },
  } },
  { name = "stack", text = [[
local Stack = {}
Stack.__index = Stack

function Stack.new(limit)
  if type(limit) ~= "number" or limit < 1 then
    error("limit must be a positive number", 2)
  end
  return setmetatable({ items = {}, limit = limit }, Stack)
end

function Stack:push(item)
  if #self.items >= self.limit then
    error("the stack is full")
  end
  self.items[#self.items + 1] = item
  return #self.items
end

function Stack:pop()
  local n = #self.items
  if n == 0 then
    return nil, "empty"
  end
  local item = self.items[n]
  self.items[n] = nil
  return item
end

local function run(ops, limit)
  local stack, out = Stack.new(limit or 10), {}
  for _, op in ipairs(ops) do
    if op == "pop" then
      out[#out + 1] = stack:pop() or "none"
    else
      stack:push(op)
    end
  end
  return out
end

local function depth(ops)
  local now, most = 0, 0
  for _, op in ipairs(ops) do
    now = op == "pop" and math.max(0, now - 1) or now + 1
    most = math.max(most, now)
  end
  return most
end

return { new = Stack.new, run = run, depth = depth }
]], calls = {
    { 'run({ "a", "b", "pop", "pop", "pop" })', '{ "b", "a", "none" }' }, { 'run({})', '{}' },
    { 'run({ "x", "pop", "y", "pop" })', '{ "x", "y" }' }, { 'depth({ "a", "b", "pop", "c" })', '2' },
    { 'depth({ "pop", "a" })', '1' }, { 'new(0)', fails = "limit must be a positive number" },
    { 'run({ "a", "b", "c" }, 2)', fails = "the stack is full" },
  }, faults = {
    { "LOGIC", "depth", "now + 1", "now + 2" }, { "LOGIC", "Stack:pop", "self.items[n] = nil", "" },
    { "LOGIC", "depth", "math.max(most, now)", "math.min(most, now)" },
    { "RUNTIME", "Stack:pop", "local item = self.items[n]", "local item = self.item[n]" },
    { "RUNTIME", "run", "stack:pop() or", "stack:take() or" },
    { "RUNTIME", "depth", "local now, most = 0, 0", "local now, most = 0" },
    { "CONTRACT", "Stack:push", '  if #self.items >= self.limit then\n    error("the stack is full")\n  end\n', "" },
    { "CONTRACT", "Stack.new", ' or limit < 1', "" },
    { "CONTRACT", "run", "  return out\n", "  return table.concat(out, \" \")\n" },
  } },
  { name = "words", text = [[
local M = {}

local function text_of(value)
  if type(value) ~= "string" then
    error("expected a text, got " .. type(value), 0)
  end
  return value
end

function M.count(text)
  local counts = {}
  for word in text_of(text):lower():gmatch("%a+") do
    counts[word] = (counts[word] or 0) + 1
  end
  return counts
end

function M.longest(text)
  local best = ""
  for word in text_of(text):gmatch("%a+") do
    if #word > #best then
      best = word
    end
  end
  return best
end

function M.wrap(text, width)
  if width < 1 then
    error("width must be at least 1", 0)
  end
  local lines, line = {}, ""
  for word in text_of(text):gmatch("%S+") do
    if line ~= "" and #line + 1 + #word > width then
      lines[#lines + 1] = line
      line = word
    else
      line = line == "" and word or line .. " " .. word
    end
  end
  if line ~= "" then
    lines[#lines + 1] = line
  end
  return lines
end

function M.is_palindrome(text)
  local plain = text_of(text):lower():gsub("%A", "")
  return plain == plain:reverse()
end

return M
]], calls = {
    { 'count("a b A")', '{ a = 2, b = 1 }' }, { 'longest("to be or not")', '"not"' }, { 'longest("")', '""' },
    { 'wrap("aa bb cc", 5)', '{ "aa bb", "cc" }' }, { 'wrap("", 5)', '{}' }, { 'is_palindrome("Never odd or even")', 'true' },
    { 'is_palindrome("ab")', 'false' }, { 'count(5)', fails = "expected a text, got number" },
    { 'wrap("a", 0)', fails = "width must be at least 1" },
  }, faults = {
    { "LOGIC", "wrap", "#line + 1 + #word", "#line + #word" }, { "LOGIC", "longest", "#word > #best", "#word < #best" },
    { "LOGIC", "count", "(counts[word] or 0) + 1", "1" },
    { "RUNTIME", "count", "(counts[word] or 0) + 1", "counts[word] + 1" },
    { "RUNTIME", "longest", "#word > #best", "word > 3" },
    { "RUNTIME", "is_palindrome", "plain:reverse()", "plain:reversed()" },
    { "CONTRACT", "text_of", '    error("expected a text, got " .. type(value), 0)\n', "    return \"\"\n" },
    { "CONTRACT", "wrap", '    error("width must be at least 1", 0)\n', "    error(\"bad width\", 0)\n" },
    { "CONTRACT", "is_palindrome", "return plain == plain:reverse()", "return plain == plain:reverse() and \"yes\" or \"no\"" },
  } },
  { name = "grid", text = [[
local M = {}

function M.make(width, height, value)
  assert(width > 0 and height > 0, "a grid needs a size")
  local rows = {}
  for y = 1, height do
    rows[y] = {}
    for x = 1, width do
      rows[y][x] = value
    end
  end
  return rows
end

local function cell(rows, x, y)
  local row = rows[y]
  return row and row[x] or 0
end

function M.neighbours(rows, x, y)
  local sum = 0
  for dy = -1, 1 do
    for dx = -1, 1 do
      if dx ~= 0 or dy ~= 0 then
        sum = sum + cell(rows, x + dx, y + dy)
      end
    end
  end
  return sum
end

function M.flip(rows)
  local out = {}
  for y, row in ipairs(rows) do
    for x, value in ipairs(row) do
      out[x] = out[x] or {}
      out[x][y] = value
    end
  end
  return out
end

function M.path(rows)
  local best = {}
  for y, row in ipairs(rows) do
    best[y] = {}
    for x, value in ipairs(row) do
      local left, up = x > 1 and best[y][x - 1], y > 1 and best[y - 1][x]
      local before = left and up and math.min(left, up) or left or up or 0
      best[y][x] = before + value
    end
  end
  return best[#best][#best[1] ]
end

return M
]], calls = {
    { 'make(2, 1, 0)', '{ { 0, 0 } }' }, { 'neighbours({ { 1, 1 }, { 1, 0 } }, 2, 2)', '3' },
    { 'neighbours({ { 1 } }, 1, 1)', '0' }, { 'flip({ { 1, 2 }, { 3, 4 } })', '{ { 1, 3 }, { 2, 4 } }' }, { 'flip({})', '{}' },
    { 'path({ { 1, 3 }, { 1, 1 } })', '3' }, { 'path({ { 5 } })', '5' }, { 'make(0, 1, 0)', fails = "a grid needs a size" },
  }, faults = {
    { "LOGIC", "neighbours", "dx ~= 0 or dy ~= 0", "dx ~= 0 and dy ~= 0" }, { "LOGIC", "path", "math.min(left, up)", "math.max(left, up)" },
    { "LOGIC", "make", "for x = 1, width do", "for x = 1, height do" },
    { "RUNTIME", "cell", "return row and row[x] or 0", "return row[x] or 0" },
    { "RUNTIME", "flip", "      out[x] = out[x] or {}\n", "" },
    { "RUNTIME", "path", "local before = left and up and math.min(left, up) or left or up or 0", "local before = math.min(left, up)" },
    { "CONTRACT", "make", '  assert(width > 0 and height > 0, "a grid needs a size")\n', "" },
    { "CONTRACT", "path", "return best[#best][#best[1] ]", "return { best[#best][#best[1] ] }" },
    { "CONTRACT", "neighbours", "  return sum\n", "  return sum > 0\n" },
  } },
  { name = "queue", text = [[
local M = {}

local function check(jobs)
  for i, job in ipairs(jobs) do
    if type(job.cost) ~= "number" then
      error(("job %d has no cost"):format(i), 0)
    end
  end
  return jobs
end

function M.order(jobs)
  local list = {}
  for i, job in ipairs(check(jobs)) do
    list[i] = job
  end
  table.sort(list, function(a, b)
    if a.cost ~= b.cost then
      return a.cost < b.cost
    end
    return a.name < b.name
  end)
  local names = {}
  for i, job in ipairs(list) do
    names[i] = job.name
  end
  return names
end

function M.waiting(jobs)
  local now, sum = 0, 0
  for _, job in ipairs(check(jobs)) do
    sum = sum + now
    now = now + job.cost
  end
  return sum
end

function M.batches(jobs, most)
  local out, left = {}, 0
  for _, job in ipairs(check(jobs)) do
    if job.cost > most then
      error("job " .. job.name .. " never fits", 0)
    end
    if job.cost > left then
      out[#out + 1] = {}
      left = most
    end
    local batch = out[#out]
    batch[#batch + 1] = job.name
    left = left - job.cost
  end
  return out
end

return M
]], calls = {
    { 'order({ { name = "b", cost = 2 }, { name = "a", cost = 2 }, { name = "c", cost = 1 } })', '{ "c", "a", "b" }' },
    { 'order({})', '{}' }, { 'waiting({ { cost = 2 }, { cost = 3 }, { cost = 1 } })', '7' }, { 'waiting({})', '0' },
    { 'batches({ { name = "a", cost = 2 }, { name = "b", cost = 2 }, { name = "c", cost = 1 } }, 3)', '{ { "a" }, { "b", "c" } }' },
    { 'order({ { name = "x" } })', fails = "job 1 has no cost" }, { 'batches({ { name = "x", cost = 9 } }, 3)', fails = "job x never fits" },
  }, faults = {
    { "LOGIC", "order", "a.cost < b.cost", "a.cost > b.cost" }, { "LOGIC", "waiting", "now = now + job.cost", "now = job.cost" },
    { "LOGIC", "batches", "left = left - job.cost", "left = left - 1" },
    { "RUNTIME", "order", "return a.name < b.name", "return a.title < b.title" },
    { "RUNTIME", "batches", "      out[#out + 1] = {}\n", "" },
    { "RUNTIME", "waiting", "sum = 0, 0\n  for _, job in ipairs(check(jobs)) do", "sum = 0, 0\n  for _, job in ipairs(check(jobs).list) do" },
    { "CONTRACT", "check", '("job %d has no cost"):format(i)', '("job has no cost")' },
    { "CONTRACT", "batches", '    if job.cost > most then\n      error("job " .. job.name .. " never fits", 0)\n    end\n', "" },
    { "CONTRACT", "waiting", "  return sum\n", "  return tostring(sum)\n" },
  } },
  { name = "roman", sealed = true, text = [[
local M = {}

local VALUES = { { "M", 1000 }, { "CM", 900 }, { "D", 500 }, { "CD", 400 }, { "C", 100 }, { "XC", 90 }, { "L", 50 },
  { "XL", 40 }, { "X", 10 }, { "IX", 9 }, { "V", 5 }, { "IV", 4 }, { "I", 1 } }

function M.write(n)
  if n < 1 or n > 3999 then
    error("no roman number for " .. n)
  end
  local out = {}
  for _, pair in ipairs(VALUES) do
    while n >= pair[2] do
      out[#out + 1] = pair[1]
      n = n - pair[2]
    end
  end
  return table.concat(out)
end

function M.read(text)
  local n, at = 0, 1
  for _, pair in ipairs(VALUES) do
    while text:sub(at, at + #pair[1] - 1) == pair[1] do
      n = n + pair[2]
      at = at + #pair[1]
    end
  end
  if n == 0 or M.write(n) ~= text then
    error("not a roman number: " .. text)
  end
  return n
end

function M.sum(list)
  local n = 0
  for _, text in ipairs(list) do
    n = n + M.read(text)
  end
  return M.write(n)
end

return M
]], calls = {
    { 'write(14)', '"XIV"' }, { 'write(3999)', '"MMMCMXCIX"' }, { 'read("MCMXC")', '1990' }, { 'read("III")', '3' },
    { 'sum({ "X", "IV" })', '"XIV"' }, { 'write(0)', fails = "no roman number for 0" }, { 'read("IIX")', fails = "not a roman number: IIX" },
  }, faults = {
    { "LOGIC", "write", "n = n - pair[2]", "n = n - pair[2] - 1" }, { "LOGIC", "sum", "n = n + M.read(text)", "n = M.read(text)" },
    { "RUNTIME", "read", "text:sub(at, at + #pair[1] - 1) == pair[1]", "text:sub(at, at + #pair.name - 1) == pair[1]" },
    { "RUNTIME", "write", "n = n - pair[2]", "n = n - pair.value" },
    { "RUNTIME", "sum", "n = n + M.read(text)", "n = n + M.parse(text)" },
    { "CONTRACT", "write", '  if n < 1 or n > 3999 then\n    error("no roman number for " .. n)\n  end\n', "" },
    { "CONTRACT", "read", '  if n == 0 or M.write(n) ~= text then\n    error("not a roman number: " .. text)\n  end\n', "" },
    { "CONTRACT", "sum", "  return M.write(n)\n", "  return n\n" },
  } },
  { name = "tree", sealed = true, text = [[
local M = {}

function M.insert(node, key)
  if type(key) ~= "number" then
    error("keys are numbers")
  end
  if not node then
    return { key = key }
  end
  local side = key < node.key and "left" or "right"
  if key ~= node.key then
    node[side] = M.insert(node[side], key)
  end
  return node
end

local function build(keys)
  local root
  for _, key in ipairs(keys) do
    root = M.insert(root, key)
  end
  return root
end

function M.depth(keys)
  local function depth_of(node)
    if not node then
      return 0
    end
    return 1 + math.max(depth_of(node.left), depth_of(node.right))
  end
  return depth_of(build(keys))
end

function M.sorted(keys)
  local out = {}
  local function walk(node)
    if node then
      walk(node.left)
      out[#out + 1] = node.key
      walk(node.right)
    end
  end
  walk(build(keys))
  return out
end

function M.least(keys)
  local node = build(keys)
  if not node then
    error("no keys")
  end
  while node.left do
    node = node.left
  end
  return node.key
end

return M
]], calls = {
    { 'sorted({ 3, 1, 2, 3 })', '{ 1, 2, 3 }' }, { 'depth({ 2, 1, 3 })', '2' }, { 'depth({})', '0' }, { 'least({ 5, 4, 9 })', '4' },
    { 'least({})', fails = "no keys" }, { 'sorted({ "a" })', fails = "keys are numbers" },
  }, faults = {
    { "LOGIC", "sorted", "      walk(node.left)\n      out[#out + 1] = node.key\n", "      out[#out + 1] = node.key\n      walk(node.left)\n" },
    { "LOGIC", "depth_of", "return 1 + math.max", "return 2 + math.max" },
    { "RUNTIME", "depth_of", "    if not node then\n      return 0\n    end\n", "" },
    { "RUNTIME", "least", "while node.left do", "while node.left.key do" },
    { "RUNTIME", "insert", "  if not node then\n    return { key = key }\n  end\n", "" },
    { "CONTRACT", "insert", '  if type(key) ~= "number" then\n    error("keys are numbers")\n  end\n', "" },
    { "CONTRACT", "least", '    error("no keys")\n', "    return nil\n" },
    { "CONTRACT", "sorted", "  walk(build(keys))\n  return out\n", "  walk(build(keys))\n  return table.unpack(out)\n" },
  } },
}
