-- usage: lua5.4 tests/lua/support/fill_examples.lua PROGRAM...   (from the project's root)
-- Writes the expected outcome into examples of programs/PROGRAM/tests.lua that have none: a draft line
-- `{ args = { ... } },` gets the reference's answer as a literal. Read what it wrote: an answer is right
-- because somebody looked at it, not because the program said so.
local eval = require "tests.lua.support.eval_local"
local catalog = dofile "scripts/adapters/repair/catalog.lua"

local WIDTH = 116

local function key_text(key)
  if type(key) == "string" and key:find "^[%a_][%w_]*$" then return key .. " = " end
  return "[" .. (type(key) == "string" and ("%q"):format(key) or tostring(key)) .. "] = "
end

local function scalar(value)
  if type(value) ~= "string" then
    if math.type(value) ~= "float" then return tostring(value) end
    return (("%.17g"):format(value):gsub("^(%-?%d+)$", "%1.0"))
  end
  return (("%q"):format(value):gsub("\\\n", "\\n"):gsub("\\9", "\\t"):gsub("\\13", "\\r"))
end

local ORDER = { fn = 1, args = 2, want = 3, want_error = 4 }
local function items(value)
  local list, n, keys = {}, #value, {}
  for i = 1, n do list[i] = { "", value[i] } end
  for key in pairs(value) do
    if not (math.type(key) == "integer" and key >= 1 and key <= n) then keys[#keys + 1] = key end
  end
  table.sort(keys, function(a, b)
    local ra, rb = ORDER[a] or 9, ORDER[b] or 9
    if ra ~= rb then return ra < rb end
    return tostring(a) < tostring(b)
  end)
  for _, key in ipairs(keys) do list[#list + 1] = { key_text(key), value[key] } end
  return list
end

local function inline(value)
  if type(value) ~= "table" then return scalar(value) end
  local parts = {}
  for _, item in ipairs(items(value)) do parts[#parts + 1] = item[1] .. inline(item[2]) end
  return #parts == 0 and "{}" or "{ " .. table.concat(parts, ", ") .. " }"
end

local function pretty(value, indent, prefix)
  local text = inline(value)
  if #indent + #prefix + #text <= WIDTH or type(value) ~= "table" then return indent .. prefix .. text end
  local rows, line = { indent .. prefix .. "{" }, nil
  local deeper = indent .. "  "
  for _, item in ipairs(items(value)) do
    local short = item[1] .. inline(item[2]) .. ","
    if #deeper + #short > WIDTH then
      rows[#rows + 1], line = line, nil
      rows[#rows + 1] = pretty(item[2], deeper, item[1]) .. ","
    elseif line and #line + 1 + #short <= WIDTH then line = line .. " " .. short
    else
      rows[#rows + 1] = line
      line = deeper .. short
    end
  end
  rows[#rows + 1] = line
  rows[#rows + 1] = indent .. "}"
  return table.concat(rows, "\n")
end

-- A draft line with its outcome; the arguments stay as they were written where they fit.
local function completed(line, case)
  local indent, args = line:match "^(%s*){ (args = .*) },$"
  local name = case.want and "want" or "want_error"
  local short = indent .. "{ " .. args .. ", " .. name .. " = " .. inline(case[name]) .. " },"
  if #short <= WIDTH + 2 then return short end
  if #indent + #args > WIDTH - 4 then args = pretty(case.args, indent .. "  ", "args = "):match "^%s*(.*)$" end
  return indent .. "{ " .. args .. ",\n" .. pretty(case[name], indent .. "  ", name .. " = ") .. " },"
end

local function dir_of()
  return require("tests.lua.support.dir_loader").new "scripts/adapters/repair"
end

for _, name in ipairs(arg) do
  local program = catalog.load(dir_of(), name)
  local calls = catalog.public_calls(program)
  local rows = assert(catalog.reference_rows(program, calls, eval.lua))
  local path = "scripts/adapters/repair/programs/" .. name .. "/tests.lua"
  local out, at, filled = {}, 0, 0
  for line in io.lines(path) do
    if line:find "^%s*{ args = " then
      at = at + 1
      local call, row = calls[at], rows[at]
      if line:find "^%s*{ args = .* },$" and not call.want and not call.want_error then
        local case = { args = call.args }
        if row.ok then case.want = row.values else case.want_error = catalog.error_pattern(row.message) end
        out[#out + 1] = completed(line, case)
        filled = filled + 1
      else out[#out + 1] = line end
    else out[#out + 1] = line end
  end
  assert(at == #calls, name .. ": saw " .. at .. " example lines of " .. #calls)
  local file = assert(io.open(path, "w"))
  file:write(table.concat(out, "\n"), "\n")
  file:close()
  print(name, filled .. " filled of " .. #calls)
end
