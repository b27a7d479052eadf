-- The programs of the corpus with their faults, as texts: what make.lua runs and what a classifier's test looks up.
local M = {}

local function load_programs(lang)
  return dofile(("tests/data/failures/%s_programs.lua"):format(lang))
end

-- Faults of form, the same for every program: a text that is no program any more.
local form = {
  lua = {
    { "a closing word is gone", function(text) return (text:gsub("\n  end\n", "\n", 1)) end },
    { "a fence of a chat around it", function(text) return "Here is the program:\n```lua\n" .. text .. "```\n" end },
    { "a parenthesis is open", function(text) return (text:gsub("%(([%w_]+)%)", "(%1", 1)) end },
  },
  python = {
    { "a colon is gone", function(text) return (text:gsub("(\ndef [^\n]*):\n", "%1\n", 1)) end },
    { "a fence of a chat around it", function(text) return "Here is the program:\n```python\n" .. text .. "```\n" end },
    { "a line is indented by one more", function(text) return (text:gsub("\n    return", "\n     return", 1)) end },
  },
}

local function replaced(text, from, to)
  local first, last = text:find(from, 1, true)
  assert(first and not text:find(from, last + 1, true), "not once in the program: " .. from)
  return text:sub(1, first - 1) .. to .. text:sub(last + 1)
end

-- ---- tests of a program, by tool ----

local tests = {}

function tests.busted(program)
  local out = { ("local m = require %q\n\ndescribe(%q, function()"):format(program.name, program.name) }
  for _, call in ipairs(program.calls) do
    if call.fails then
      out[#out + 1] = ("  it(%q, function()\n    assert.error_matches(function() m.%s end, %q, nil, true)\n  end)"):format(
        call[1] .. " fails", call[1], call.fails)
    else
      out[#out + 1] = ("  it(%q, function()\n    assert.same(%s, m.%s)\n  end)"):format(call[1], call[2], call[1])
    end
  end
  out[#out + 1] = "end)\n"
  return table.concat(out, "\n")
end

local LUA_HEAD = [[
local m = require %q

local function show(value)
  if type(value) ~= "table" then return type(value) == "string" and ("%%q"):format(value) or tostring(value) end
  local parts, keys = {}, {}
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for i, key in ipairs(keys) do parts[i] = tostring(key) .. " = " .. show(value[key]) end
  return "{ " .. table.concat(parts, ", ") .. " }"
end

local function equals(what, got, want)
  assert(show(got) == show(want), what .. ": expected " .. show(want) .. ", got " .. show(got))
end

local function fails(what, f, with)
  local ok, why = pcall(f)
  assert(not ok, what .. ": expected an error with '" .. with .. "', got none")
  why = type(why) == "table" and why.message or tostring(why)
  assert(why:find(with, 1, true), what .. ": expected an error with '" .. with .. "', got '" .. why .. "'")
end
]]

function tests.lua(program)
  local out = { LUA_HEAD:format(program.name) }
  for _, call in ipairs(program.calls) do
    out[#out + 1] = call.fails
      and ("fails(%q, function() m.%s end, %q)"):format(call[1], call[1], call.fails)
      or ("equals(%q, m.%s, %s)"):format(call[1], call[1], call[2])
  end
  return table.concat(out, "\n") .. "\nprint \"all is well\"\n"
end

function tests.pytest(program)
  local out = { "import pytest", "from " .. program.name .. " import *", "" }
  for i, call in ipairs(program.calls) do
    out[#out + 1] = ("\ndef test_%s_%d():"):format(call[1]:match "^[%w_]+", i)
    out[#out + 1] = call.fails and ("    with pytest.raises(%s, match=%q):\n        %s\n"):format(call.fails, call.with, call[1])
      or ("    assert %s == %s\n"):format(call[1], call[2])
  end
  return table.concat(out, "\n")
end

local PYTHON_HEAD = [[
from %s import *


def fails(f, kind, text):
    try:
        result = f()
    except kind as error:
        assert text in str(error), "expected %%s with %%r, got %%r" %% (kind.__name__, text, str(error))
        return
    raise AssertionError("expected %%s, got the value %%r" %% (kind.__name__, result))


def equals(got, want):
    assert got == want and type(got) is type(want), "expected %%r, got %%r" %% (want, got)


]]

function tests.python(program)
  local out = { PYTHON_HEAD:format(program.name) }
  for _, call in ipairs(program.calls) do
    out[#out + 1] = call.fails and ("fails(lambda: %s, %s, %q)"):format(call[1], call.fails, call.with)
      or ("equals(%s, %s)"):format(call[1], call[2])
  end
  return table.concat(out, "\n") .. "\nprint('all is well')\n"
end

local tools = { lua = { "busted", "lua" }, python = { "pytest", "python" } }

-- Every failure to be: { id, lang, tool, program, class, owner, sealed, artifact, tests }.
function M.all()
  local list = {}
  for _, lang in ipairs { "lua", "python" } do
    for _, program in ipairs(load_programs(lang)) do
      local faults = {}
      for i, fault in ipairs(program.faults) do
        faults[#faults + 1] = { class = fault[1], owner = fault[2], id = i, artifact = replaced(program.text, fault[3], fault[4]) }
      end
      for i, fault in ipairs(form[lang]) do
        faults[#faults + 1] = { class = "FORMAT", id = "form" .. i, artifact = fault[2](program.text) }
      end
      for _, fault in ipairs(faults) do
        for _, tool in ipairs(tools[lang]) do
          list[#list + 1] = { id = ("%s/%s/%s"):format(tool, program.name, fault.id), lang = lang, tool = tool, program = program.name,
            class = fault.class, owner = fault.owner, sealed = program.sealed, artifact = fault.artifact, tests = tests[tool](program) }
        end
      end
    end
  end
  return list
end

-- By id: what M.all has.
function M.by_id()
  local map = {}
  for _, one in ipairs(M.all()) do map[one.id] = one end
  return map
end

-- Every program as it is, under each tool: nothing fails there.
function M.whole_runs()
  local list = {}
  for _, lang in ipairs { "lua", "python" } do
    for _, program in ipairs(load_programs(lang)) do
      for _, tool in ipairs(tools[lang]) do
        list[#list + 1] = { id = ("%s/%s"):format(tool, program.name), lang = lang, tool = tool, program = program.name,
          artifact = program.text, tests = tests[tool](program) }
      end
    end
  end
  return list
end

return M
