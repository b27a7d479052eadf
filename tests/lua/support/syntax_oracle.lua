-- What the compiler itself says about a text, and rewritings of a tree after which its bytecode must be the same.
local syntax = require "han.syntax"

local M = {}

-- Accepted as a file by the compiler's parser? (luac skips a byte order mark and a first line that starts with '#'.)
function M.accepts(text)
  text = text:gsub("^\239\187\191", "")
  if text:sub(1, 1) == "#" then text = text:gsub("^[^\n]*", "") end
  -- pcall: an overflow in load() would run busted's own message handler.
  local _, chunk, message = pcall(load, text, "=x", "t")
  return chunk ~= nil, message
end

function M.bytecode(text)
  text = text:gsub("^\239\187\191", ""):gsub("^#[^\n]*", "")
  local chunk = assert(load(text, "=x", "t"))
  return string.dump(chunk, true)
end

-- Every operator in parentheses of its own, as the tree has it: other precedence would be other code.
function M.parenthesized(tree)
  local edits = {}
  local closing = {}
  syntax.walk(tree.root, function(node)
    if node.kind == "binop" or node.kind == "unop" then
      edits[#edits + 1] = { first = node.first, last = node.first - 1, text = "(" }
      closing[#closing + 1] = node
    end
  end)
  -- Inner nodes close first: those that start later.
  for i = #closing, 1, -1 do
    edits[#edits + 1] = { first = closing[i].last + 1, last = closing[i].last, text = ")" }
  end
  table.sort(edits, function(a, b)
    if a.first ~= b.first then return a.first < b.first end
    return a.text > b.text
  end)
  return assert(syntax.edit(tree.text, edits))
end

-- Every declared name renamed, its uses with it: a wrong binding would be other code.
function M.renamed(tree)
  local edits, names = {}, {}
  local function rename(node, declaration)
    if declaration.implicit or declaration.name == "_ENV" then return end
    edits[#edits + 1] = { first = node.first, last = node.last, text = names[declaration] }
  end
  for i, declaration in ipairs(tree.declarations) do
    names[declaration] = "renamed_" .. i
    rename(declaration, declaration)
  end
  for _, node in ipairs(tree.uses) do
    if node.declaration then rename(node, node.declaration) end
  end
  return assert(syntax.edit(tree.text, edits))
end

-- The text put together from leaves and what lies between them; throws when a node leaves its parent or meets its
-- sibling.
function M.assembled(tree)
  local out, at = {}, 1
  syntax.walk(tree.root, function(node)
    local before = node.first
    for _, child in ipairs(syntax.children(node)) do
      assert(child.parent == node, child.kind .. " has another parent")
      assert(child.first >= before and child.last <= node.last, child.kind .. " leaves its place in " .. node.kind)
      before = child.last + 1
    end
    if #syntax.children(node) == 0 and node.kind ~= "block" and node.kind ~= "chunk" then
      out[#out + 1] = tree.text:sub(at, node.first - 1)
      out[#out + 1] = tree.text:sub(node.first, node.last)
      at = node.last + 1
    end
  end)
  out[#out + 1] = tree.text:sub(at)
  return table.concat(out)
end

return M
