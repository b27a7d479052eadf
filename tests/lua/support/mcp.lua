-- Runs the fake MCP server of tests/mcp inside the spec, as a coroutine behind a transport such as han.mcp wants:
-- local mcp = dofile "tests/lua/support/mcp.lua". Nothing waits: a server with nothing to say is a TIMEOUT. Not a spec.

local M = { OUTPUT = 1 << 20 }

-- What the server has of the world. wants(): waits for a line of input; said(text): gives text out.
local function world(how, wants, said)
  local out = { write = function(_, ...) said(table.concat { ... }) end, flush = function() end }
  return { arg = { [1] = how }, assert = assert, tonumber = tonumber, table = table, math = math,
    io = { stdout = out, stderr = { write = function() end }, read = wants, lines = function() return wants end },
    os = { exit = function(code) error("exit " .. code, 0) end } }
end

-- Starts it. Gives a transport that keeps what it was sent (sent), agreed on (version) and whether it is closed.
function M.start(how)
  local transport = { sent = {}, inbox = {}, lines = {}, rest = "", bytes = 0 }
  local function wants()
    while #transport.inbox == 0 do coroutine.yield "wants" end
    return table.remove(transport.inbox, 1)
  end
  local function said(text)
    transport.bytes, transport.rest = transport.bytes + #text, transport.rest .. text
    if text:find("\n", 1, true) then
      transport.lines[#transport.lines + 1] = transport.rest:gsub("\n$", "")
      transport.rest = ""
    end
    coroutine.yield "said"
  end
  local run = coroutine.create(assert(loadfile("tests/mcp/server.lua", "t", world(how, wants, said))))

  function transport:send(text)
    assert(not self.closed, "it is spoken to after its end")
    self.sent[#self.sent + 1], self.inbox[#self.inbox + 1] = text, text
    return true
  end

  function transport:line()
    while #self.lines == 0 do
      local ok, state = coroutine.resume(run)
      if not ok then return nil, "the server has ended: " .. tostring(state), "PEER" end
      if self.bytes > M.OUTPUT then return nil, "the server has ended: limit:output", "PEER" end
      if state == "wants" and #self.inbox == 0 and #self.lines == 0 then return nil, "no line came in time", "TIMEOUT" end
    end
    return table.remove(self.lines, 1)
  end

  function transport:agreed(version) self.version = version end
  function transport:close() self.closed = true end
  return transport
end

return M
