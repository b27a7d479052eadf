-- Writes docs/api_c.md from engine/han.h: every public declaration with its comment, in the header's order.
-- Usage: lua5.4 tools/api_docs.lua            writes the page (in the root)
--        lua5.4 tools/api_docs.lua --check    ends with 1 when the page is not what the header says, or when a
--                                             declaration has no comment
local HEADER, PAGE = "engine/han.h", "docs/api_c.md"

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("a")
  file:close()
  return text
end

-- The text inside /* */, with its stars taken off.
local function plain(comment)
  local text = comment:match("^/%*(.*)%*/$"):gsub("\n%s*%* ?", "\n")
  return (text:gsub("^%s+", ""):gsub("%s+$", ""))
end

-- The header in pieces: { comment=, code= }, in order; a declaration ends at a ; or } outside of braces.
local function pieces(text)
  local list, at, pending = {}, 1, nil
  while at <= #text do
    local first, last = text:find("^%s+", at)
    if first then
      at = last + 1
    elseif text:find("^/%*", at) then
      local _, stop = text:find("*/", at, true)
      local comment = text:sub(at, stop)
      if comment:find "^/%* %-%-%-%-" then
        list[#list + 1] = { heading = plain(comment):match "^%-+%s*(.-)%s*%-+$" }
        pending = nil
      else
        pending = comment
      end
      at = stop + 1
    elseif text:find('^extern "C" {', at) then
      at = at + #'extern "C" {'
    elseif text:find("^#", at) then
      local stop = at
      repeat stop = text:find("\n", stop + 1, true) or #text until text:sub(stop - 1, stop - 1) ~= "\\"
      local line = text:sub(at, stop - 1)
      if line:find "HAN_STATUS_MAP%(X%)" then list[#list + 1] = { comment = pending, statuses = line } end
      pending = nil
      at = stop + 1
    else
      local depth, stop = 0, at
      while true do
        local c = text:sub(stop, stop)
        if c == "{" then depth = depth + 1 elseif c == "}" then depth = depth - 1 end
        if text:find("^/%*", stop) then stop = select(2, text:find("*/", stop, true)) end
        if c == ";" and depth == 0 or stop >= #text then break end
        stop = stop + 1
      end
      local code = text:sub(at, stop)
      if code:find "^[%a_]" then list[#list + 1] = { comment = pending, code = code } end
      pending = nil
      at = stop + 1
    end
  end
  return list
end

-- Functions may share a comment with the one in front of them; anything else needs its own.
local function name_of(code)
  return code:match "HAN_API [^(]-([%w_]+)%(" or code:match "}%s*([%w_]+);$" or code:match "([%w_]+)%)%(" or
    code:match "enum%s+([%w_]+)" or code:match "([%w_]+);$"
end

-- A status without a comment of its own has its text.
local function status_rows(line)
  local rows, at = { "| status | value | when, and what is left |", "|---|---|---|" }, 1
  while true do
    local first, last, name, value, said = line:find('X%(([%u_%d]+), (%-?%d+), "(.-)"%)', at)
    if not first then return rows end
    local comment = line:sub(at, first - 1):match "/%*%s*(.-)%s*%*/"
    if comment then comment = comment:gsub("%s*\\?\n%s*%*?%s*", " ") end
    rows[#rows + 1] = ("| `HAN_%s` | %s | %s |"):format(name, value, comment or said)
    at = last + 1
  end
end

local function page(text)
  local out = { "# The C interface", "",
    "Made from `engine/han.h` by `lua5.4 tools/api_docs.lua`; a test holds it equal. How the calls are used is in",
    "`embedding.md`.", "" }
  local faults, shared = {}, nil
  local head = text:match "^/%*.-%*/"
  out[#out + 1] = plain(head):gsub("^han: the public C API%.%s*", "")
  for _, piece in ipairs(pieces(text:sub(#head + 1))) do
    if piece.heading then
      out[#out + 1] = "\n## " .. piece.heading:sub(1, 1):upper() .. piece.heading:sub(2)
    elseif piece.statuses then
      out[#out + 1] = "\n## Statuses\n\n" .. table.concat(status_rows(piece.statuses), "\n")
    else
      local name = name_of(piece.code)
      local opaque = piece.code:find "^typedef struct [%w_]+ [%w_]+;$"
      if not piece.comment and not shared and not opaque and not piece.code:find "^enum han_status" then
        faults[#faults + 1] = ("%s: '%s' has no comment"):format(HEADER, name)
      end
      if not opaque and not piece.code:find "^enum han_status" then
        out[#out + 1] = ("\n### %s\n"):format(name)
        if piece.comment then out[#out + 1] = plain(piece.comment) .. "\n" end
        out[#out + 1] = "```c\n" .. piece.code:gsub("^HAN_API ", "") .. "\n```"
      end
      shared = piece.code:find "^HAN_API" and (piece.comment or shared)
    end
  end
  return table.concat(out, "\n") .. "\n", faults
end

local made, faults = page(read(HEADER))
for _, fault in ipairs(faults) do print(fault) end
if arg[1] == "--check" then
  if read(PAGE) ~= made then
    faults[#faults + 1] = "stale"
    print(PAGE .. " is not what engine/han.h says: run lua5.4 tools/api_docs.lua")
  end
else
  local file = assert(io.open(PAGE, "wb"))
  file:write(made)
  file:close()
end
os.exit(#faults == 0 and 0 or 1)
