-- A small stack machine: assembling text with labels, running it under a limit, tracing and disassembling.
local M = {}

-- Operands wanted by each operation: "n" number, "l" label, "r" register, "" none.
local SHAPES = { push = "n", pop = "", dup = "", swap = "", add = "", sub = "", mul = "", div = "", less = "",
  jump = "l", zero = "l", call = "l", ret = "", load = "r", store = "r", out = "", halt = "" }

-- A line to its label, operation and operand; comments start with ";".
function M.line(text)
  local code = text:gsub(";.*$", "")
  local label, rest = code:match("^%s*(%a%w*):%s*(.-)%s*$")
  if not label then
    rest = code:match("^%s*(.-)%s*$")
  end
  if rest == "" then
    return label
  end
  local name, operand = rest:match("^(%a+)%s*(%S*)$")
  local shape = SHAPES[name]
  if not shape then
    error("unknown operation: " .. rest, 0)
  end
  local good = (shape == "" and operand == "") or (shape == "n" and operand:find("^%-?%d+$"))
    or (shape == "l" and operand:find("^%a%w*$")) or (shape == "r" and operand:find("^[a-d]$"))
  if not good then
    error("bad operand of " .. name .. ": " .. operand, 0)
  end
  if shape == "n" then
    operand = math.tointeger(tonumber(operand))
  elseif shape == "" then
    operand = nil
  end
  return label, name, operand
end

-- Lines to a list of { name, operand }, labels turned into places.
function M.assemble(text)
  local program, places = {}, {}
  for source in (text .. "\n"):gmatch("(.-)\n") do
    local label, name, operand = M.line(source)
    if label then
      if places[label] then
        error("label " .. label .. " comes twice", 0)
      end
      places[label] = #program + 1
    end
    if name then
      program[#program + 1] = { name, operand }
    end
  end
  for _, step in ipairs(program) do
    if SHAPES[step[1]] == "l" then
      local place = places[step[2]]
      if not place then
        error("no label " .. step[2], 0)
      end
      step[2] = place
    end
  end
  return program
end

-- Applies an operation of two operands.
function M.binary(name, a, b)
  if name == "add" then
    return a + b
  elseif name == "sub" then
    return a - b
  elseif name == "mul" then
    return a * b
  elseif name == "less" then
    return a < b and 1 or 0
  elseif b == 0 then
    error("division by zero", 0)
  end
  local quotient = math.abs(a) // math.abs(b)
  return (a < 0) ~= (b < 0) and -quotient or quotient
end

-- Runs a program: what it put out, the stack it left, and the steps it took.
function M.run(program, limit)
  local stack, calls, registers, out = {}, {}, { a = 0, b = 0, c = 0, d = 0 }, {}
  local at, steps = 1, 0
  local function take()
    if #stack == 0 then
      error("empty stack at " .. at, 0)
    end
    return table.remove(stack)
  end
  while program[at] do
    local name, operand = program[at][1], program[at][2]
    local following = at + 1
    steps = steps + 1
    if steps > limit then
      error("still running after " .. limit .. " steps", 0)
    end
    if name == "push" then
      stack[#stack + 1] = operand
    elseif name == "load" then
      stack[#stack + 1] = registers[operand]
    elseif name == "store" then
      registers[operand] = take()
    elseif name == "pop" then
      take()
    elseif name == "dup" then
      local top = take()
      stack[#stack + 1] = top
      stack[#stack + 1] = top
    elseif name == "swap" then
      local top, below = take(), take()
      stack[#stack + 1] = top
      stack[#stack + 1] = below
    elseif name == "jump" then
      following = operand
    elseif name == "zero" then
      if take() == 0 then
        following = operand
      end
    elseif name == "call" then
      calls[#calls + 1] = following
      following = operand
    elseif name == "ret" then
      following = table.remove(calls)
      if not following then
        error("return without a call at " .. at, 0)
      end
    elseif name == "out" then
      out[#out + 1] = take()
    elseif name == "halt" then
      break
    else
      local right, left = take(), take()
      stack[#stack + 1] = M.binary(name, left, right)
    end
    at = following
  end
  return out, stack, steps
end

-- Assembles and runs a text; the listing marks every place that is jumped to.
function M.execute(text, limit)
  local program = M.assemble(text)
  local out, stack, steps = M.run(program, limit)
  local marked, listing = {}, {}
  for _, step in ipairs(program) do
    if SHAPES[step[1]] == "l" then
      marked[step[2]] = true
    end
  end
  for i, step in ipairs(program) do
    local mark = marked[i] and "*" or " "
    listing[i] = mark .. i .. " " .. step[1] .. (step[2] and " " .. step[2] or "")
  end
  return out, stack, steps, listing
end

return M
