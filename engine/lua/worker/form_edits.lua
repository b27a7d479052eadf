--- han.worker.form_edits: edits of a text that does not parse, one after the other, near the place where its parser
-- stopped: what people and models forget or leave behind. Only a text that parses is proposed; one whose parser comes
-- further is edited once more. A source of han.worker.trials; the templates are data.

local artifacts = require "han.artifact"

local PARSES, DEPTH = 240, 3 -- parses of one source; edits on top of each other

-- { language (nil: both), what a line must hold, what it becomes, name }; what is in the place of the whole line.
local REWRITES = {
  { nil, "^%s*```.*$", "", "fence" },
  { "lua", "!=", "~=", "sign" }, { "lua", "&&", " and ", "sign" }, { "lua", "||", " or ", "sign" },
  { "lua", "%f[%w]else%s+if%f[%W]", "elseif", "word" }, { "lua", "%f[%w]elif%f[%W]", "elseif", "word" },
  { "lua", "^(%s*)([%w_.%[%]]+)%s*([-+*/])=%s*(.+)$", "%1%2 = %2 %3 %4", "sign" },
  { "lua", "^(%s*)([%w_.%[%]]+)%+%+;?%s*$", "%1%2 = %2 + 1", "sign" },
  { "lua", "^(%s*%a*if%s.-[^=~<>])=([^=].*)$", "%1==%2", "sign" },
  { "lua", "%f[%w]function%s*%(", "function(", "word" },
  { "lua", "^(%s*)//", "%1--", "comment" }, { "lua", "^(%s*)#", "%1--", "comment" },
  { "lua", "%s*$", " then", "then" }, { "lua", "%s*$", " do", "do" }, { "lua", "%s*$", " end", "end" },
  { "lua", "%f[%w]end%f[%W]", "", "end" }, { "lua", "%s*$", "\nend", "end" },
  { "python", "%s*$", ":", "colon" }, { "python", "%s*;?%s*then%s*$", ":", "colon" },
  { "python", "%f[%w]else%s+if%f[%W]", "elif", "word" }, { "python", "%f[%w]elseif%f[%W]", "elif", "word" },
  { "python", "&&", " and ", "sign" }, { "python", "||", " or ", "sign" }, { "python", "~=", "!=", "sign" },
  { "python", "^(%s*)([%w_.]+)%+%+;?%s*$", "%1%2 += 1", "sign" },
  { "python", "^(%s*%a*[iw][fh]%a*%s.-[^=!<>])=([^=].*)$", "%1==%2", "sign" },
  { "python", "^(%s*)//", "%1#", "comment" }, { "python", "^(%s*)%-%-", "%1#", "comment" },
  { "python", "^(%s*)print (.+)$", "%1print(%2)", "word" }, { "python", "^", "    ", "indent" },
  { "python", "^    ", "", "indent" }, { "python", "\t", "    ", "indent" }, { "python", "^%s+", "", "indent" },
  { nil, "%s*$", ")", "bracket" }, { nil, "%s*$", "]", "bracket" }, { nil, "%s*$", "}", "bracket" },
  { nil, "(%s*%a*:?)%s*$", ")%1", "bracket" }, { nil, ":%s*$", "):", "bracket" },
  { nil, "%)", "", "bracket" }, { nil, "%]", "", "bracket" }, { nil, "%}", "", "bracket" },
  { nil, "%s*$", '"', "quote" }, { nil, "%s*$", "'", "quote" }, { nil, "(%)+%s*:?)%s*$", '"%1', "quote" },
  { nil, "(%)+%s*:?)%s*$", "'%1", "quote" }, { nil, "%s*$", ",", "comma" },
}

-- What may be missing where the parser stopped.
local MISSING = { lua = { "then ", "do ", "end ", ")", "]", "}", ",", "=", "= ", '"', "and ", "return ", "(" },
  python = { ":", ")", "]", "}", ",", "=", '"', "'", "(", "in ", "and " } }

local function lines_of(text)
  local list = {}
  for line in (text:gsub("\n$", "") .. "\n"):gmatch "(.-)\n" do list[#list + 1] = line end
  return list
end

-- The lines by their distance from where the parser stopped: that one, those before it, those behind.
local function near(count, at)
  local order = {}
  for d = 0, count do
    if at - d >= 1 then order[#order + 1] = at - d end
    if d > 0 and at + d <= count then order[#order + 1] = at + d end
  end
  return order
end

local function place_of(text, line)
  local at = 1
  for _ = 2, line do at = text:find("\n", at, true) + 1 end
  return at
end

local function spliced(list, base, op, line, first, last, text)
  list[#list + 1] = { op = op, line = line, edit = { first = first, last = last, text = text },
    text = base.text:sub(1, first - 1) .. text .. base.text:sub(last + 1) }
end

-- Every text that one template makes, those near the fault first: words where the parser stopped, templates line by
-- line, and lines left out, for what is gone cannot be tested. fault: { line=, offset= }.
local function made(base, fault)
  local list, lines = {}, lines_of(base.text)
  local whole = ("\n" .. base.text):gsub("\n[ \t]*```[^\n]*", ""):gsub("^\n", "")
  if whole ~= base.text then spliced(list, base, "fence", 1, 1, #base.text, whole) end
  for _, word in ipairs(MISSING[base.language]) do
    spliced(list, base, "missing", fault.line, fault.offset, fault.offset - 1, word)
  end
  local order = near(#lines, math.min(fault.line, #lines))
  for _, k in ipairs(order) do
    local first = place_of(base.text, k)
    for _, rule in ipairs(REWRITES) do
      local language, pattern, becomes, op = rule[1], rule[2], rule[3], rule[4]
      local line = (not language or language == base.language) and lines[k]:gsub(pattern, becomes, 1)
      if line and line ~= lines[k] then spliced(list, base, op, k, first, first + #lines[k] - 1, line) end
    end
  end
  for _, k in ipairs(order) do
    local first = place_of(base.text, k)
    spliced(list, base, "line", k, first, first + #lines[k] - 1, "")
  end
  return list
end

return function(base)
  local parse = artifacts.syntax(base.language).parse
  local parses, seen, open = 0, {}, {}
  local function look(text)
    local tree, _, code, detail = parse(text, base.name)
    return tree, code == "SYNTAX" and detail or { line = 1, offset = 1 }
  end
  local function enter(text, fault, depth)
    open[#open + 1] = { list = made({ text = text, language = base.language }, fault), at = 0, fault = fault,
      depth = depth }
  end
  local _, fault = look(base.text)
  enter(base.text, fault, 1)
  return function()
    while #open > 0 and parses < PARSES do
      local top = open[#open]
      top.at = top.at + 1
      local one = top.list[top.at]
      if not one then
        table.remove(open)
      elseif not seen[one.text] then
        seen[one.text], parses = true, parses + 1
        local tree, stopped = look(one.text)
        if tree then return one end
        if stopped.line > top.fault.line and top.depth < DEPTH and one.op ~= "line" then -- further: on from there
          enter(one.text, stopped, top.depth + 1)
        end
      end
    end
    return nil
  end
end
