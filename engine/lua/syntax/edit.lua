--- Edits of a text by splices at byte offsets.
-- Owns how edits combine (order, overlap) and how a piece of text is put beside other tokens without fusing with them.
local lexer = require "han.syntax.lexer"
local make = require "han.syntax.make"

local M = {}

local function check_edit(text, one, index)
  if type(one) ~= "table" or math.type(one.first) ~= "integer" or math.type(one.last) ~= "integer"
    or type(one.text) ~= "string" then
    error(("edit %d must be {first=, last=, text=}"):format(index), 3)
  end
  if one.first < 1 or one.last > #text or one.last < one.first - 1 then
    return nil, ("edit %d: %d..%d is outside 1..%d"):format(index, one.first, one.last, #text), "EDIT"
  end
  return true
end

function M.edit(text, edits)
  if type(text) ~= "string" then error("text must be a string", 2) end
  local order = {}
  for i, one in ipairs(edits) do
    local ok, message, code = check_edit(text, one, i)
    if not ok then return nil, message, code end
    order[i] = i
  end
  -- At one offset insertions (last == first - 1) come before the replacement, each in the order given.
  table.sort(order, function(a, b)
    local x, y = edits[a], edits[b]
    if x.first ~= y.first then return x.first < y.first end
    local empty_x, empty_y = x.last < x.first, y.last < y.first
    if empty_x ~= empty_y then return empty_x end
    return a < b
  end)
  local out, at = {}, 1
  for _, index in ipairs(order) do
    local one = edits[index]
    if one.first < at then return nil, ("edit %d overlaps another"):format(index), "EDIT" end
    out[#out + 1] = text:sub(at, one.first - 1)
    out[#out + 1] = one.text
    at = one.last + 1
  end
  out[#out + 1] = text:sub(at)
  return table.concat(out)
end

-- Would the last token of `left` and the first of `right` read as other tokens when put together?
local function fuses(left, right)
  if left == "" or right == "" then return false end
  local a, b = left:sub(-1), right:sub(1, 1)
  if a:find "[%w_.]" and b:find "[%w_.]" then return true end
  return lexer.fusing[a .. b] or false
end

-- An edit whose text is set apart by spaces where it would fuse with its neighbours.
local function place(tree, first, last, text)
  local before = tree.text:sub(math.max(1, first - 1), first - 1)
  local after = tree.text:sub(last + 1, last + 1)
  if text == "" then
    if fuses(before, after) then text = " " end
  else
    if fuses(before, text) then text = " " .. text end
    if fuses(text, after) then text = text .. " " end
  end
  return { first = first, last = last, text = text }
end

function M.replace(tree, node, text)
  return place(tree, node.first, node.last, text)
end

local prefix = { name = true, field = true, index = true, call = true, method = true, paren = true }
local suffix_of = { field = "object", index = "object", method = "object", call = "callee" }

local function binds_tighter(root, parent)
  local outer = parent.kind == "unop" and make.unary_priority
    or math.max(make.priority[parent.op][1], make.priority[parent.op][2])
  if root.kind == "unop" then return make.unary_priority > outer end
  return math.min(make.priority[root.op][1], make.priority[root.op][2]) > outer
end

function M.enclose(node, expression)
  local root, parent, text = expression.root, node.parent, expression.text
  local operator = root.kind == "binop" or root.kind == "unop"
  local wrap = false
  if parent and (parent.kind == "binop" or parent.kind == "unop") then
    wrap = operator and not binds_tighter(root, parent)
  elseif parent and suffix_of[parent.kind] and parent[suffix_of[parent.kind]] == node then
    wrap = not prefix[root.kind]
  end
  return wrap and "(" .. text .. ")" or text
end

local function line_bounds(source, first, last)
  local start = first
  while start > 1 and source:find("^[ \t]", start - 1) do start = start - 1 end
  local stop = source:match("^[ \t]*;?[ \t]*()", last + 1) - 1
  local alone = (start == 1 or source:find("^[\r\n]", start - 1))
    and (stop == #source or source:find("^[\r\n]", stop + 1))
  if not alone then return nil end
  local pair = source:sub(stop + 1, stop + 2)
  if pair == "\r\n" or pair == "\n\r" then return start, stop + 2 end
  return start, math.min(stop + 1, #source)
end

function M.remove(tree, node)
  local start, stop = line_bounds(tree.text, node.first, node.last)
  if start then return { first = start, last = stop, text = "" } end
  return place(tree, node.first, node.last, "")
end

local function indentation(source, at)
  local start = at
  while start > 1 and not source:find("^[\r\n]", start - 1) do start = start - 1 end
  return source:match("^[ \t]*", start)
end

-- Text with a long string in it is left as it is: its inner lines are data.
local function indented(text, indent)
  if text:find "%[=*%[" then return text end
  return (text:gsub("\n([^\r\n])", "\n" .. indent:gsub("%%", "%%%%") .. "%1"))
end

function M.insert(tree, block, index, text)
  if index < 1 or index > #block + 1 then error("index out of the block", 2) end
  local source = tree.text
  local next_one, previous = block[index], block[index - 1]
  if next_one then
    local indent = indentation(source, next_one.first)
    return place(tree, next_one.first, next_one.first - 1, indented(text, indent) .. "\n" .. indent)
  end
  if previous then
    local indent = indentation(source, previous.first)
    return place(tree, previous.last + 1, previous.last, "\n" .. indent .. indented(text, indent))
  end
  local indent = indentation(source, math.max(1, block.open - 1)) .. (block.open > 1 and "  " or "")
  local start = block.open > 1 and "\n" .. indent or ""
  return place(tree, block.open, block.open - 1, start .. indented(text, indent))
end

return M
