-- luacheck: no max line length
-- han.mcp: what a session makes of a server that behaves, and of the many that do not. The server is tests/mcp, inside
-- this process; tests/lua/mcp_env_spec.lua has it as one.

local dkjson = require "dkjson"
local fake = dofile "tests/lua/support/mcp.lua"

package.loaded["han.host"] = { version = "0" }
package.loaded["han.sys"] = { mono = function() return 0 end }
package.loaded["han.json"] = nil
local mcp = require "han.mcp"

local function open(how)
  local transport = fake.start(how)
  local session, why, code = mcp.open(transport)
  return session, why, code, transport
end

local function methods(transport)
  local list = {}
  for i, text in ipairs(transport.sent) do list[i] = dkjson.decode(text).method end
  return list
end

describe("a session with an MCP server", function()
  it("shakes hands, reads the pages of the list, and calls", function()
    local session, why, _, transport = open "ok"
    assert(session, why)
    assert.same({ "initialize", "notifications/initialized", "tools/list", "tools/list", "tools/list" }, methods(transport))
    local hello = dkjson.decode(transport.sent[1])
    assert.same({ "2.0", "2025-11-25", "han" }, { hello.jsonrpc, hello.params.protocolVersion, hello.params.clientInfo.name })
    assert.equal("2025-11-25", transport.version)
    assert.equal(8, #session.tools)
    assert.same({ "count.up", "Counts up by a number, and says how far it is." }, { session.tools[1].name, session.tools[1].description })
    assert.equal("object", dkjson.decode(session.tools[1].schema).type)
    assert.same({ "at 2", false }, { session:call("count.up", { by = 2 }, 1) })
    assert.same({ "at 5", false }, { session:call("count.up", { by = 3 }, 1) })
    assert.same({ "it did not work", true }, { session:call("broken", {}, 1) })
    local text, message, code = session:call("wrong", {}, 1)
    assert.same({ nil, "error -32602: no such  [31mparameter", "INVALID" }, { text, message, code })
    assert.same({ "at 6", false }, { session:call("count.up", { by = 1 }, 1) }) -- an error is not the end
    session:close()
    session:close()
    assert.is_true(transport.closed)
    assert.same({ nil, "the session is closed", "PEER" }, { session:call("count.up", {}, 1) })
  end)

  it("makes text of what is none, and leaves out what is too long", function()
    local session = open "ok"
    assert.equal("[image, which is no text]\n[resource file:///x]\ninside", (session:call("picture", {}, 1)))
    assert.same({ rows = { 1, 2 }, none = {} }, dkjson.decode((session:call("table", {}, 1))))
    local text = session:call("long", {}, 1)
    assert.equal("\xC3\xA9\n[34466 of 100001 bytes are left out]", text:sub(-39))
    assert.equal(65535 + 37, #text)
    assert.is_truthy(utf8.len(text))
  end)

  it("speaks with older servers, and with none that speaks otherwise", function()
    local session, _, _, transport = open "old"
    assert.equal("2024-11-05", session.protocol)
    assert.equal("2024-11-05", transport.version)
    local expected = {
      future = { "it speaks the protocol of 2099%-01%-01, and han that of 2025%-11%-25 and older ones", "PEER" },
      toolless = { "it offers no tools", "PEER" },
      refuses = { "initialize: error %-32022: only 2099%-01%-01 here", "INVALID" },
      mute = { "initialize: no answer within 30 s", "TIMEOUT" },
    }
    for how, want in pairs(expected) do
      local none, why, code, closed = open(how)
      assert.same({ how, nil, want[2], true }, { how, none, code, closed.closed })
      assert.matches(want[1], why)
    end
  end)

  it("ends with a server that breaks the protocol or wants too much", function()
    local expected = {
      pages = { "more than 32 pages", "LIMIT" }, many = { "more than 128 tools", "LIMIT" }, fat = { "256 KiB of them", "LIMIT" },
      twins = { "two tools are called 'count%.up'", "PEER" }, nameless = { "without a usable name", "PEER" },
      schemaless = { "without a usable name or inputSchema", "PEER" }, listless = { "it sent no list", "PEER" },
      resultless = { "an answer without result and error", "PEER" }, nonsense = { "what is no message .*this is not JSON", "PEER" },
      version = { "what is no message %(not JSON%-RPC 2%.0%)", "PEER" }, batch = { "what is no message", "PEER" },
      wrongid = { "tools/list: no answer within", "TIMEOUT" }, textid = { "tools/list: no answer within", "TIMEOUT" },
      chatter = { "more than 1000 messages instead of an answer", "LIMIT" }, endless = { "limit:output", "PEER" },
      dies = { "the server has ended: exit 7", "PEER" }, never = { "tools/list: no answer within", "TIMEOUT" },
    }
    for how, want in pairs(expected) do
      local session, why, code, transport = open(how)
      assert.same({ how, nil, want[2], true }, { how, session, code, transport.closed })
      assert.matches(want[1], why)
    end
  end)

  it("gives an answer to the question whose number it bears, and to no other", function()
    local session, _, _, transport = open "late"
    local text, why, code = session:call("count.up", {}, 2)
    assert.same({ nil, "no answer within 2 s", "TIMEOUT" }, { text, why, code })
    local last = dkjson.decode(transport.sent[#transport.sent])
    assert.same({ "notifications/cancelled", 5 }, { last.method, last.params.requestId })
    assert.same({ "at 2", false }, { session:call("count.up", {}, 2) }) -- the late one came before it
    session = open "doubles"
    for _ = 1, 3 do assert.same({ "first", false }, { session:call("count.up", {}, 2) }) end
  end)

  it("answers a ping and nothing else that a server asks", function()
    local text = open "asks":call("count.up", {}, 2)
    assert.matches("'result':", text, 1, true)
    assert.matches("'id':'p'", text, 1, true)
    assert.matches("'code':-32601", text, 1, true)
    assert.matches("'id':9", text, 1, true)
  end)

  it("is over when the server is", function()
    local session, _, _, transport = open "dies_later"
    assert.same({ "at 1", false }, { session:call("count.up", {}, 2) })
    for _ = 1, 2 do
      local text, why, code = session:call("count.up", {}, 2)
      assert.same({ nil, "the server has ended: exit 3", "PEER" }, { text, why, code })
      assert.is_true(transport.closed)
    end
  end)
end)
