-- Conversations with plain processes, for specs of what stands above a box: same shape as those that
-- han.checker.python gets from the engine, without any isolation. Never for code that is not ours.
local fakes = dofile "tests/lua/support/fakes.lua"

local M = {}
local Talk = {}
Talk.__index = Talk

function M.open(request)
  local folder, remove = fakes.folder()
  fakes.write(folder, request.files)
  local words = {}
  for i, word in ipairs(request.argv) do words[i] = fakes.quote(word) end
  assert(os.execute(("cd %s && mkfifo in out"):format(folder)))
  os.execute(("cd %s && { timeout -s KILL %g %s < in > out 2> err; echo $? > status; } 2> /dev/null &"):format(folder,
    request.limits.time + 1, table.concat(words, " ")))
  local into = assert(io.open(folder .. "/in", "w"))
  local from = assert(io.open(folder .. "/out", "r"))
  return setmetatable({ folder = folder, remove = remove, into = into, from = from }, Talk)
end

function Talk:send(text)
  self.into:write(text)
  return self.into:flush()
end

function Talk:line(_, most)
  local text = self.from:read("L")
  if not text then return nil, "end" end
  if #text > most then return nil, "long" end
  return (text:gsub("\n$", ""))
end

function Talk:finish()
  local rest = self.from:read("a")
  self.into:close()
  self.from:close()
  local status
  repeat
    status = tonumber((fakes.sys.read_file(self.folder .. "/status") or ""):match("%d+"))
    if not status then os.execute("sleep 0.01") end
  until status
  self.remove()
  if rest ~= "" then return "crash", "it wrote after its end" end
  if status == 137 and not self.killed then return "limit:time", "more time than allowed" end
  if status ~= 0 then return "crash", "it ended with status " .. status end
  return "pass"
end

function Talk:kill()
  self.killed = true
  self.into:close()
  self.from:close()
  self.remove()
end

return M
