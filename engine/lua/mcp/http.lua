-- han.mcp.http: the transport to an MCP server that somebody else runs (streamable HTTP): each message of ours is a
-- POST, what the server says is the body of its answer or a stream of events in it. A stream that is open without a
-- question (GET) is not asked for, and one that broke off is not resumed. By han.http: no redirects, https or this
-- machine only.

local http = require "han.http"

local M = {}

M.NOTE_SECONDS = 10 -- for a message that is not answered
M.ASK_SECONDS = 3600 -- for one that is: whoever waits for the answer says how long

local Http = {}
Http.__index = Http

-- The line with the headers of the session as far as they are known.
local function open_line(server, headers)
  return http.line { url = server.url, headers = headers, secret = server.secret,
    secret_header = server.secret and "Authorization" or nil, secret_prefix = server.secret and "Bearer " or nil }
end

--- Prepares it; nothing is sent. server: { url =, secret = as han.http gives it, or nil }.
---@return table|nil transport
---@return string|nil message
---@return string|nil code
function M.open(server)
  local headers = { ["Content-Type"] = "application/json", Accept = "application/json, text/event-stream" }
  local line, why, code = open_line(server, headers)
  if not line then return nil, why, code end
  return setmetatable({ server = server, headers = headers, line_to = line }, Http)
end

-- What an answer without the awaited message came to.
local function epitaph(post, why, code)
  local head = post:head()
  local status, what = head.status, head.raw
  if status == 0 or status // 100 == 2 then return nil, why, code end
  if status == 404 then what = "there is nothing there, or the session is over" end
  if status // 100 == 3 then what = "it points elsewhere, which is not followed" end
  return nil, what and ("status %d: %s"):format(status, what) or ("status %d"):format(status), "PEER"
end

-- A message that nobody answers: it is enough that it was taken.
local function note(self, text)
  local post <close>, why, code = http.post(self.line_to, text, M.NOTE_SECONDS)
  if not post then return nil, why, code end
  while true do
    local message
    message, why, code = post:message(M.NOTE_SECONDS)
    if not message then break end
  end
  local status = post:head().status
  if status // 100 == 2 then return true end
  return epitaph(post, why, code)
end

function Http:send(text, asks)
  if not asks then return note(self, text) end
  if self.post then self.post:close() end
  local why, code
  self.post, why, code = http.post(self.line_to, text, M.ASK_SECONDS)
  if not self.post then return nil, why, code end
  return true
end

function Http:line(seconds)
  local text, why, code = self.post:message(seconds)
  if text or code == "TIMEOUT" then return text, why, code end
  return epitaph(self.post, why, code)
end

--- From here on the session and the revision are named with every message.
function Http:agreed(version)
  self.headers["MCP-Protocol-Version"], self.headers["Mcp-Session-Id"] = version, self.post:head().session
  self.line_to = assert(open_line(self.server, self.headers))
end

function Http:close()
  if self.post then self.post:close() end
  self.post = nil
end

--- Tells the server that its session is over. Waits for that, but not long; what it says to it does not matter.
function Http:farewell()
  if not self.headers["Mcp-Session-Id"] then return end
  local post <close> = http.post(self.line_to, nil, M.NOTE_SECONDS)
  if post then post:message(M.NOTE_SECONDS) end
end

return M
