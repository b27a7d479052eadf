-- Holds the measurable part of the style: function and file length, calls that are never used,
-- a comment that opens each file and one for each declaration of a header.
-- Usage: lua5.4 tests/check_style.lua [ROOT | --self-test]
package.path = (arg[0]:match("^(.*)/") or ".") .. "/?.lua;" .. package.path
local source = require "source"

local FUNCTION_MAX, FUNCTION_P95, FILE_MAX = 120, 50, 600

-- Data is not code: files that are one big table may be longer. path pattern -> why.
local long_files = {
  ["^scripts/adapters/.+/programs/"] = "task data",
  ["^docs/types/"] = "declarations only",
}

-- Calls that no file makes; the value says what to use.
local banned = {
  strcpy = "han__buf", strcat = "han__buf", strncpy = "memcpy with a checked length", strncat = "han__buf",
  sprintf = "snprintf", vsprintf = "vsnprintf", gets = "fgets", alloca = "han__mem_alloc",
  strtok = "strchr", atoi = "strtoll with its end checked", atol = "strtoll with its end checked",
  atof = "strtod with its end checked", rand = "han__rng", srand = "han__rng", random = "han__rng",
  tmpnam = "mkstemp", mktemp = "mkstemp", system = "the exec room", popen = "the exec room",
  malloc = "han__mem_alloc", calloc = "han__mem_zalloc", realloc = "han__mem_resize", free = "han__mem_free",
  strdup = "han__mem_strdup", strndup = "han__mem_strdup", asprintf = "han__buf", vasprintf = "han__buf",
}
local allocator = { malloc = true, calloc = true, realloc = true, free = true, strdup = true, strndup = true }
-- The allocator itself, and what plays a host: tests, limit programs, examples.
local function may_allocate(path) return path == "engine/base/mem.c" or not path:find("^engine/") end

-- clang-format puts the braces of a function, and of nothing else, alone at the first column.
local function c_functions(lines)
  local list, open = {}, nil
  for number, line in ipairs(lines) do
    if line:find("^{%s*$") then
      open = number
      while open > 1 and lines[open - 1]:find("%S") and not lines[open - 1]:find("^[}#]") do open = open - 1 end
      local head = table.concat(lines, " ", open, number - 1)
      list[#list + 1] = { line = open, name = head:match("([%w_]+)%s*%(") or "?" }
    elseif line:find("^}%s*$") and open then
      list[#list].length, open = number - open + 1, nil
    end
  end
  return list
end

-- Lua functions by counting the words that open and close blocks. A table constructor at the top
-- level of a file (a script's return) does not count as a function.
local opens = { ["function"] = true, ["if"] = true, ["do"] = true, ["repeat"] = true }
local function lua_functions(lines)
  local list, stack = {}, {}
  for number, line in ipairs(lines) do
    for word in line:gmatch("%f[%w_][%a_][%w_]*") do
      if opens[word] then
        stack[#stack + 1] = { word = word, line = number, name = line:match("function%s+([%w_.:]+)") or "function" }
      elseif word == "end" or word == "until" then
        local top = table.remove(stack)
        if top and top.word == "function" then
          list[#list + 1] = { line = top.line, name = top.name, length = number - top.line + 1 }
        end
      end
    end
  end
  return list
end

local function check_lengths(functions, breach, lengths)
  for _, f in ipairs(functions) do
    if f.length then
      lengths[#lengths + 1] = f.length
      if f.length > FUNCTION_MAX then
        breach(f.line, ("%s has %d lines, at most %d"):format(f.name, f.length, FUNCTION_MAX))
      end
    end
  end
end

local function check_banned(path, lines, breach)
  for number, line in ipairs(lines) do
    for before, name in line:gmatch("(.?)%f[%w_]([%a_][%w_]*)%s*%(") do
      local excused = allocator[name] and may_allocate(path) or line:find("^#%s*define") or before:find("[.>]")
      if banned[name] and not excused then
        breach(number, ("%s() is not used here; use %s"):format(name, banned[name]))
      end
    end
  end
end

-- A declaration starts at the first column. It is documented by a comment that ends on the line
-- above, stands on one of its own lines, or belongs to the declaration right above it; the first
-- one of a header may lean on the comment that opens the file.
local function check_header(raw, code, breach)
  local number, documented_above, is_first = 1, false, true
  while number <= #code do
    local line = code[number]
    if not line:find("%S") then
      -- a blank line in the raw text ends a documented group; a comment line starts one
      documented_above = raw[number]:find("%S") ~= nil
      number = number + 1
    elseif line:find("^#") then
      while code[number]:find("\\%s*$") do number = number + 1 end
      number, documented_above = number + 1, false
    elseif line:find("^[%a_]") and not line:find('^extern ".*{') then
      local first, depth, done = number, 0
      repeat
        for brace in code[number]:gmatch("[{}]") do depth = depth + (brace == "{" and 1 or -1) end
        done = depth == 0 and (code[number]:find(";%s*$") or code[number]:find("^}%s*$"))
        number = number + 1
      until done or number > #code
      local last = number - 1
      local documented = documented_above
      for i = first, last do documented = documented or raw[i] ~= code[i] end
      local text = table.concat(code, " ", first, last)
      local forward = text:find("^typedef struct [%w_]+ [%w_]+;") or text:find("^struct [%w_]+;")
      if not documented and not forward and not is_first then
        breach(first, ("no comment for %s"):format((text:gsub("%s+", " ")):sub(1, 50)))
      end
      documented_above, is_first = documented, false
    else
      number, documented_above = number + 1, false
    end
  end
end

local function rtrim_lines(text)
  local lines = source.lines(text)
  for i, line in ipairs(lines) do lines[i] = (line:gsub("%s+$", "")) end
  return lines
end

local function is_data(path)
  for pattern in pairs(long_files) do
    if path:find(pattern) then return true end
  end
  return false
end

local function check_file(root, path, breaches, lengths)
  local text = source.read(root .. "/" .. path)
  local function breach(line, why) breaches[#breaches + 1] = ("%s:%d: %s"):format(path, line, why) end
  local raw = rtrim_lines(text)
  if #raw > FILE_MAX and not is_data(path) then
    breach(FILE_MAX + 1, ("the file has %d lines, at most %d"):format(#raw, FILE_MAX))
  end
  if path:find("%.lua$") then
    local first = raw[1]:find("^#!") and raw[2] or raw[1]
    if not (first or ""):find("^%-%-") and not is_data(path) then breach(1, "no comment opens the file") end
    if not is_data(path) then
      check_lengths(lua_functions(source.lines(source.blank_lua(text))), breach, lengths.lua)
    end
    return
  end
  if not raw[1]:find("^/[*/]") then breach(1, "no comment opens the file") end
  local code = rtrim_lines(source.blank_c(text))
  check_lengths(c_functions(code), breach, lengths.c)
  check_banned(path, code, breach)
  if path:find("%.h$") then check_header(raw, code, breach) end
end

local function quantile(list, q)
  table.sort(list)
  return list[math.max(1, math.ceil(q * #list))] or 0
end

local function check(root)
  local breaches, lengths, count = {}, { c = {}, lua = {} }, 0
  for _, folder in ipairs { "engine", "examples", "scripts", "tools", "tests/c", "tests/bench" } do
    for _, path in ipairs(source.files(root, folder, ".c", ".h", ".lua")) do
      check_file(root, path, breaches, lengths)
      count = count + 1
    end
  end
  local parts = {}
  for _, language in ipairs { "c", "lua" } do
    local list = lengths[language]
    local p95 = quantile(list, 0.95)
    if p95 > FUNCTION_P95 then
      breaches[#breaches + 1] = ("%s functions: the 95th percentile is %d lines, at most %d"):format(
        language, p95, FUNCTION_P95)
    end
    parts[#parts + 1] = ("%d %s functions (median %d, p95 %d, max %d lines)"):format(
      #list, language, quantile(list, 0.5), p95, list[#list] or 0)
  end
  return breaches, ("%d files, %s"):format(count, table.concat(parts, ", "))
end

local function long_c(lines)
  return "/* x */\nstatic int f(void)\n{\n" .. ("    g();\n"):rep(lines - 3) .. "}\n"
end
local short_lua = ("local function h() end\n"):rep(30)
local fixtures = {
  { name = "a clean file", expect = false, files = {
    ["engine/base/a.c"] = '/* Owns a. malloc( */\nint f(void)\n{\n    puts("free(x)");\n' ..
      "    s->free(1);\n    return 0;\n}\n",
    ["engine/base/a.h"] = '/* Owns a. */\n#ifndef A\n#define A(x) \\\n    f(x)\n\n/* What f does. */\nint f(void);\n' ..
      "int g(int a,\n      int b);\n\ntypedef struct s s;\ntypedef struct t {\n    int a; /* bytes */\n} t;\n" ..
      'int h(void); /* what h does */\n#ifdef __cplusplus\nextern "C" {\n#endif\n#endif\n',
    ["engine/base/mem.c"] = "/* The allocator. */\nvoid f(void *p)\n{\n    free(p);\n}\n",
    ["engine/lua/a.lua"] = "-- Owns a.\nlocal s = 'if do'\nlocal function f() if s then return 1 end end\nreturn f\n",
  } },
  { name = "a function too long", expect = "engine/base/a.c:2: f has 121 lines",
    files = { ["engine/base/a.c"] = long_c(121), ["engine/base/b.c"] = long_c(10):rep(30) } },
  { name = "p95 too long", expect = "95th percentile is 60", files = { ["engine/base/a.c"] = long_c(60) } },
  { name = "a file too long", expect = "the file has 601 lines",
    files = { ["engine/base/a.c"] = "/* x */\n" .. ("\n"):rep(600) } },
  { name = "a banned call", expect = "engine/base/a.c:4: strcpy() is not used here",
    files = { ["engine/base/a.c"] = "/* x */\nint f(void)\n{\n    strcpy(a, b);\n}\n" } },
  { name = "a bare free", expect = "free() is not used here; use han__mem_free",
    files = { ["engine/tree/a.c"] = "/* x */\nint f(void)\n{\n    (free)(a), free (a);\n}\n" } },
  { name = "no opening comment", expect = "a.c:1: no comment opens the file",
    files = { ["engine/base/a.c"] = '#include "x.h"\n' } },
  { name = "no opening comment in Lua", expect = "a.lua:1: no comment opens the file",
    files = { ["engine/lua/a.lua"] = "return {}\n" } },
  { name = "a declaration without a comment", expect = "a.h:4: no comment for int g(int a, int b);",
    files = { ["engine/base/a.h"] = "/* x */\nint f(void);\n\nint g(int a,\n      int b);\n" } },
  { name = "a Lua function too long", expect = "engine/lua/a.lua:2: M.f has 130 lines",
    files = { ["engine/lua/a.lua"] = "-- x\nfunction M.f()\n" .. ("g()\n"):rep(128) .. "end\n" .. short_lua } },
}

if arg[1] == "--self-test" then source.self_test(check, fixtures) end
source.report("style", check(arg[1] or "."))
