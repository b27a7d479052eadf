local COUNT = "push 3\nstore a\nagain: load a\nout\nload a\npush 1\nsub\ndup\nstore a\nzero end\njump again\nend: halt"
local DOUBLE = "push 4\ncall twice\nout\nhalt\ntwice: dup\nadd\nret"
local LINES = { "push 3", "  add ; sum", "loop: dup", "x1:", "", "; nothing", "jump loop", "zero x1", "load a",
  "store d", "push -7",
  "call f", "a:swap", "  halt  ", "out" }
local BAD = { "push", "push x", "add 1", "jump 3", "load e", "fly", "1a: add", "push 1 2", "dup:", "store", "pop pop" }

local function plain(rng)
  local list = { { "push", rng.int(-3, 9) }, { "push", rng.int(-2, 9) } }
  for _ = 1, rng.int(0, 5) do
    list[#list + 1] = rng.pick { { "add" }, { "sub" }, { "mul" }, { "div" }, { "less" }, { "dup" }, { "swap" },
      { "out" }, { "pop" },
      { "push", rng.int(-5, 5) }, { "push", 4 }, { "dup" }, { "load", "a" }, { "store", "a" } }
  end
  return list
end

local ARITY = { add = 2, sub = 2, mul = 2, div = 2, less = 2, dup = 1, swap = 2, out = 1, pop = 1, store = 1 }
-- Walks straight programs by another way: values in one string of history.
local function runs(list, limit)
  local s, r = {}, 0
  for i, step in ipairs(list) do
    local n = step[1]
    if i > limit then return false end
    if n == "halt" then return true end
    if n == "ret" then return false end
    if #s < (ARITY[n] or 0) then return false end
    if n == "push" then s[#s + 1] = step[2]
    elseif n == "load" then s[#s + 1] = r
    elseif n == "store" then r = table.remove(s)
    elseif n == "dup" then s[#s + 1] = s[#s]
    elseif n == "swap" then s[#s], s[#s - 1] = s[#s - 1], s[#s]
    elseif n == "out" or n == "pop" then s[#s] = nil
    else
      local b, a = table.remove(s), table.remove(s)
      if n == "div" and b == 0 then return false end
      s[#s + 1] = n == "add" and a + b or n == "sub" and a - b or n == "mul" and a * b or n == "less" and (a < b and 1
        or 0)
        or (a // b >= 0 and a // b or -(-a // b))
    end
  end
  return true
end

local function text_of(list)
  local out = {}
  for i, step in ipairs(list) do out[i] = step[1] .. (step[2] and " " .. step[2] or "") end
  return table.concat(out, "\n")
end

return {
  job = "assembles text for a small stack machine and runs it under a limit",
  brief = "Operations take their operands from the stack, the right one on top. Division is cut towards zero. "
    .. "Registers a to "
    .. "d start at 0. A program is a list of { operation, operand }, labels turned into places.",
  blocks = {
    { name = "line", signature = "line(text) -> label or nil, operation, operand",
      pre = function(a)
        for _, bad in ipairs(BAD) do if bad == a[1] then return bad == "dup:" end end
        return true
      end,
      post = function(_, r) return r[2] == nil or type(r[2]) == "string" end,
      hidden = function(rng, i) return { i % 3 == 0 and rng.pick(BAD) or rng.pick(LINES) } end,
      examples = {
        { args = { "push 5" }, want = { nil, "push", 5 } },
        { args = { "loop: add" }, want = { "loop", "add" } },
        { args = { "end:" }, want = { "end" } },
        { args = { "  out ; show" }, want = { nil, "out" } },
        { args = { "; only words" }, want = {} },
        { args = { "jump loop" }, want = { nil, "jump", "loop" } },
        { args = { "push x" }, want_error = "bad operand of push: x$" },
        { args = { "load e" }, want_error = "bad operand of load: e$" },
        { args = { "fly" }, want_error = "unknown operation: fly$" },
        { args = { "add 1" }, want_error = "bad operand of add: 1$" },
      } },
    { name = "assemble", signature = "assemble(text) -> program",
      pre = function(a) return not a[1]:find "nowhere" and not a[1]:find "gone" and not a[1]:find "x:.*x:"
        and not a[1]:find "fly" end,
      post = function(_, r) return type(r[1]) == "table" end,
      hidden = function(rng, i)
        local text = rng.pick { "x: ", "" } .. text_of(plain(rng)) .. "\ny: out\n" .. rng.pick { "zero", "jump",
          "call" } .. " y"
        if i % 4 == 0 then text = text .. rng.pick { "\njump nowhere", "\nx: add\nx:", "\nfly" } end
        return { text }
      end,
      examples = {
        { args = { "" }, want = { {} } },
        { args = { "push 1\nout" }, want = { { { "push", 1 }, { "out" } } } },
        { args = { "a: jump a" }, want = { { { "jump", 1 } } } },
        { args = { "jump b\nadd\nb:" }, want = { { { "jump", 3 }, { "add" } } } },
        { args = { "x:\ny: out\ncall x" }, want = { { { "out" }, { "call", 1 } } } },
        { args = { "jump gone" }, want_error = "no label gone$" },
        { args = { "x: out\nx: out" }, want_error = "label x comes twice$" },
        { args = { "store b ; keep\n\n" }, want = { { { "store", "b" } } } },
      } },
    { name = "binary", signature = "binary(operation, a, b) -> number",
      pre = function(a) return a[1] ~= "div" or a[3] ~= 0 end,
      post = function(_, r) return math.type(r[1]) == "integer" end,
      hidden = function(rng) return { rng.pick { "add", "sub", "mul", "div", "div", "less" }, rng.int(-9, 9),
        rng.int(-3, 3) } end,
      examples = {
        { args = { "add", 2, 3 }, want = { 5 } },
        { args = { "sub", 2, 3 }, want = { -1 } },
        { args = { "mul", -2, 3 }, want = { -6 } },
        { args = { "div", 7, 2 }, want = { 3 } },
        { args = { "div", -7, 2 }, want = { -3 } },
        { args = { "less", 1, 2 }, want = { 1 } },
        { args = { "less", 2, 2 }, want = { 0 } },
        { args = { "div", 1, 0 }, want_error = "division by zero$" },
      } },
    { name = "run", signature = "run(program, limit) -> output, stack, steps",
      pre = function(a)
        for _, step in ipairs(a[1]) do if step[1] == "jump" then return false end end
        return runs(a[1], a[2])
      end,
      post = function(a, r) return r[3] <= a[2] end,
      hidden = function(rng, i)
        local list = plain(rng)
        if i % 6 == 0 then table.insert(list, rng.int(1, #list), { rng.pick { "ret", "halt" } }) end
        if i % 7 == 0 then list[#list + 1] = { "jump", 1 } end
        return { list, i % 9 == 0 and 3 or 40 }
      end,
      examples = {
        { args = { {}, 5 }, want = { {}, {}, 0 } },
        { args = { { { "push", 2 }, { "push", 3 }, { "sub" }, { "out" } }, 9 }, want = { { -1 }, {}, 4 } },
        { args = { { { "push", 2 }, { "dup" }, { "push", 9 }, { "swap" } }, 9 }, want = { {}, { 2, 9, 2 }, 4 } },
        { args = { { { "push", 1 }, { "halt" }, { "out" } }, 9 }, want = { {}, { 1 }, 2 } },
        { args = { { { "add" } }, 9 }, want_error = "empty stack at 1$" },
        { args = { { { "jump", 1 } }, 9 }, want_error = "still running after 9 steps$" },
        { args = { { { "ret" } }, 9 }, want_error = "return without a call at 1$" },
        { args = { { { "push", 4 }, { "store", "b" }, { "load", "b" }, { "load", "a" } }, 9 }, want = { {}, { 4, 0 },
          4 } },
      } },
  },
  integration = { name = "execute", signature = "execute(text, limit) -> output, stack, steps, listing",
    pre = function(a)
      if a[1] == COUNT then return a[2] >= 29 end
      if a[1]:find "twice" then return a[2] >= 7 end
      if a[1]:find "nowhere" or a[1]:find "loop" then return false end
      if a[1]:find "x: halt" then return true end
      local list = {}
      for op, operand in (a[1] .. "\n"):gmatch "(%a+) ?(%S*)\n" do list[#list + 1] = { op,
        math.tointeger(tonumber(operand)) } end
      return runs(list, a[2])
    end,
    post = function(a, r) return r[3] <= a[2] end,
    hidden = function(rng, i)
      if i % 3 == 0 then return { (DOUBLE:gsub("4", rng.int(-5, 50))), i % 4 == 0 and rng.int(3, 8) or 30 } end
      if i % 8 == 0 then return { rng.pick { COUNT, "loop: jump loop", "jump nowhere" }, rng.pick { 20, 28, 29,
        60 } } end
      return { text_of(plain(rng)), 40 }
    end,
    examples = {
      { args = { COUNT, 100 },
        want = {
          { 3, 2, 1 }, {}, 29,
          {
            " 1 push 3", " 2 store a", "*3 load a", " 4 out", " 5 load a", " 6 push 1", " 7 sub", " 8 dup",
            " 9 store a", " 10 zero 12", " 11 jump 3", "*12 halt",
          },
        } },
      { args = { DOUBLE, 100 },
        want = { { 8 }, {}, 7, { " 1 push 4", " 2 call 5", " 3 out", " 4 halt", "*5 dup", " 6 add", " 7 ret" } } },
      { args = { "push 1\nzero x\npush 7\nout\nx: halt", 20 },
        want = { { 7 }, {}, 5, { " 1 push 1", " 2 zero 5", " 3 push 7", " 4 out", "*5 halt" } } },
      { args = { "", 1 }, want = { {}, {}, 0, {} } },
      { args = { "push 5", 1 }, want = { {}, { 5 }, 1, { " 1 push 5" } } },
      { args = { "loop: jump loop", 5 }, want_error = "still running after 5 steps$" },
      { args = { "push 1\npush 0\ndiv", 5 }, want_error = "division by zero$" },
      { args = { "jump nowhere", 5 }, want_error = "no label nowhere$" },
    } },
}
