-- What the source checks share: listing files, blanking comments and strings, reporting.
local M = {}

function M.read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  return text
end

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

-- Sorted paths below root/folder whose names end in one of the suffixes, relative to root.
function M.files(root, folder, ...)
  local list = {}
  local pipe = assert(io.popen("cd " .. quote(root) .. " && find " .. quote(folder) .. " -type f 2>/dev/null"))
  for path in pipe:lines() do
    for _, suffix in ipairs { ... } do
      if path:sub(-#suffix) == suffix then list[#list + 1] = path end
    end
  end
  pipe:close()
  table.sort(list)
  return list
end

local function blank(text) return (text:gsub("[^\n]", " ")) end

-- C text with comments blanked and, unless keep_strings, the inside of string and character
-- literals; every byte that stays keeps its line and column.
function M.blank_c(text, keep_strings)
  local out, at = {}, 1
  while at <= #text do
    local from = text:find("[\"'/]", at)
    if not from then break end
    out[#out + 1] = text:sub(at, from - 1)
    local c, stop = text:sub(from, from), nil
    if c == "/" then
      local kind = text:sub(from, from + 1)
      if kind == "/*" then
        stop = select(2, text:find("*/", from + 2, true)) or #text
      elseif kind == "//" then
        stop = (text:find("\n", from, true) or #text + 1) - 1
      end
      out[#out + 1] = stop and blank(text:sub(from, stop)) or c
      stop = stop or from
    else
      stop = from + 1
      while stop <= #text do
        local here = text:sub(stop, stop)
        if here == "\\" then stop = stop + 1
        elseif here == c or here == "\n" then break end
        stop = stop + 1
      end
      local inside = text:sub(from + 1, stop - 1)
      out[#out + 1] = c .. (keep_strings and inside or blank(inside)) .. text:sub(stop, stop)
    end
    at = stop + 1
  end
  out[#out + 1] = text:sub(at)
  return table.concat(out)
end

-- The same for Lua.
function M.blank_lua(text, keep_strings)
  local out, at = {}, 1
  while true do
    local from = text:find("[\"'%-%[]", at)
    if not from then break end
    out[#out + 1] = text:sub(at, from - 1)
    local rest = text:sub(from, from + 1)
    local level = text:match("^%-%-%[(=*)%[", from) or text:match("^%[(=*)%[", from)
    local stop
    if level and (rest == "--" or rest:sub(1, 1) == "[") then
      stop = select(2, text:find("]" .. level .. "]", from, true)) or #text
      local inside = text:sub(from, stop)
      out[#out + 1] = (rest ~= "--" and keep_strings) and inside or blank(inside)
    elseif rest == "--" then
      stop = (text:find("\n", from, true) or #text + 1) - 1
      out[#out + 1] = blank(text:sub(from, stop))
    elseif rest:find("^[\"']") then
      local c = rest:sub(1, 1)
      stop = from + 1
      while stop <= #text do
        local here = text:sub(stop, stop)
        if here == "\\" then stop = stop + 1
        elseif here == c then break end
        stop = stop + 1
      end
      local inside = text:sub(from + 1, stop - 1)
      out[#out + 1] = c .. (keep_strings and inside or blank(inside)) .. c
    else
      out[#out + 1], stop = text:sub(from, from), from
    end
    at = stop + 1
  end
  out[#out + 1] = text:sub(at)
  return table.concat(out)
end

function M.lines(text)
  local list = {}
  for line in (text .. (text:sub(-1) == "\n" and "" or "\n")):gmatch("(.-)\n") do list[#list + 1] = line end
  return list
end

-- A folder with the given files, path -> text; the caller removes it with M.remove.
function M.fixture(files)
  local root = os.tmpname()
  os.remove(root)
  for path, text in pairs(files) do
    local whole = root .. "/" .. path
    assert(os.execute("mkdir -p " .. quote(whole:match("^(.*)/"))))
    local file = assert(io.open(whole, "wb"))
    file:write(text)
    file:close()
  end
  return root
end

function M.remove(root) assert(os.execute("rm -r " .. quote(root))) end

-- Every fixture is a table {name, files, expect}: expect is a plain piece of the only breach, or
-- false where there must be none. Ends the program.
function M.self_test(check, fixtures)
  local failed = 0
  for i, fixture in ipairs(fixtures) do
    local root = M.fixture(fixture.files)
    local breaches = check(root)
    M.remove(root)
    local good
    if fixture.expect then
      good = #breaches == 1 and breaches[1]:find(fixture.expect, 1, true) ~= nil
    else
      good = #breaches == 0
    end
    print(("%s %d - %s"):format(good and "ok" or "not ok", i, fixture.name))
    if not good then
      failed = failed + 1
      for _, breach in ipairs(breaches) do print("# " .. breach) end
    end
  end
  print("1.." .. #fixtures)
  os.exit(failed == 0 and #fixtures > 0 and 0 or 1)
end

-- Prints the breaches and ends the program: 0 without any, else 1.
function M.report(name, breaches, summary)
  for _, breach in ipairs(breaches) do print(breach) end
  print(("%s: %s, %d breach%s"):format(name, summary, #breaches, #breaches == 1 and "" or "es"))
  os.exit(#breaches == 0 and 0 or 1)
end

return M
