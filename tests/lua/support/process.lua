-- What /proc tells of processes, for specs that look whether any is left.

local M = {}

local function read(path)
  local file = io.open(path)
  if not file then return nil end
  local text = file:read("a")
  file:close()
  return text
end

-- What stays the same for as long as a process lives: number and time of start; nil when it has ended.
local function identity(pid)
  local stat = read(("/proc/%d/stat"):format(pid))
  local state, rest = (stat or ""):match("^.*%) (%S) (.*)$")
  if not state or state == "Z" or state == "X" then return nil end
  local n = 3
  for field in rest:gmatch("%S+") do
    n = n + 1
    if n == 22 then return pid .. "@" .. field end
  end
  return nil
end

local function collect(pid, into)
  local text = read(("/proc/%d/task/%d/children"):format(pid, pid))
  for child in (text or ""):gmatch("%d+") do
    into[#into + 1] = { pid = tonumber(child), identity = identity(child) }
    collect(tonumber(child), into)
  end
  return into
end

--- The processes below `pid`, waited for until there are `least`; nil where /proc does not tell children.
function M.below(pid, least)
  local found = {}
  if not read("/proc/self/task/self/children") and not read(("/proc/%d/task/%d/children"):format(pid, pid)) then
    return nil
  end
  for _ = 1, 300 do
    found = collect(pid, {})
    if #found >= least then break end
    os.execute("sleep 0.1")
  end
  return found
end

--- Those of the list that have not ended.
function M.alive(list)
  local left = {}
  for _, p in ipairs(list) do
    if p.identity and identity(p.pid) == p.identity then left[#left + 1] = p end
  end
  return left
end

return M
