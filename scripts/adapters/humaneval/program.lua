-- What an artifact is as a Python program. A model answers with the whole function, with or without what stands
-- before it in the task's text, or with the lines that complete it, as the reference solutions are written; all three
-- are taken.

local M = {}

local function definition(entry) return "\n[ \t]*def%s+" .. entry .. "%s*%(" end

-- Where the last definition of the function begins in a text (its first byte), or nil.
local function last_definition(text, entry)
  local found, at = nil, 1
  local pattern = definition(entry)
  while true do
    local first = ("\n" .. text):find(pattern, at)
    if not first then return found end
    found, at = first, first + 1
  end
end

--- The program, and how many lines stand before the artifact's own.
---@param stub string the task's text: what is needed before the function, its head and its description
---@param entry string name of the function
---@param artifact string
---@return string program
---@return integer before
function M.of(stub, entry, artifact)
  if artifact:sub(1, #stub) == stub then return artifact, 0 end
  local before = stub
  if last_definition(artifact, entry) then before = stub:sub(1, last_definition(stub, entry) - 1) end
  if not before:find("\n$") and before ~= "" then before = before .. "\n" end
  local _, lines = before:gsub("\n", "")
  return before .. artifact, lines
end

return M
