-- han.mcp.stdio: the transport to an MCP server that han starts itself: one message a line on its standard input and
-- output. It runs as any command that is not trusted: without a shell, in a box of its own with a copy of its folder,
-- no network, no key and nothing of our environment, and it ends with the session, with all that it started.

local exec = require "han.exec"

local M = {}

--- What one server may use; its output is all that it writes in one session.
M.LIMITS = { time = 3600, memory = 512 << 20, procs = 64, output = 16 << 20, disk = 256 << 20 }
local SAID = 300 -- bytes of what it said at last

local Stdio = {}
Stdio.__index = Stdio

-- Why a server is not there any more.
local function epitaph(verdict)
  local words = { "the server has ended: " .. verdict.class }
  if verdict.code then words[#words + 1] = ("exit code %d"):format(verdict.code) end
  if verdict.message then words[#words + 1] = verdict.message end
  local said = verdict.stderr:gsub("%s+$", "")
  if said ~= "" then words[#words + 1] = "it said: " .. said:sub(-SAID) end
  return table.concat(words, ", ")
end

--- Starts it. server: { argv = list of texts, files = as han.exec takes them }.
---@return table|nil transport
---@return string|nil message
---@return string|nil code
function M.open(server)
  local session, why, code = exec.start { argv = server.argv, files = server.files, limits = M.LIMITS }
  if not session then return nil, why, code end
  return setmetatable({ session = session }, Stdio)
end

-- The session with the process is over.
local function ended(self)
  local verdict = self.session:stop()
  return nil, epitaph(verdict), verdict.class == "sandbox-error" and "ENVIRONMENT" or "PEER"
end

function Stdio:send(text)
  local ok, why, code = self.session:write(text .. "\n")
  if ok then return true end
  if code == "LIMIT" then return nil, "it does not read what it is sent", code end
  if code == "IO" then return ended(self) end
  return nil, why, code
end

function Stdio:line(seconds)
  local line, why, code = self.session:line(seconds)
  if line then return line end
  if code == "PEER" then return ended(self) end
  return nil, why, code
end

function Stdio.agreed() end

function Stdio:close() self.session:close() end

return M
