-- An MCP server for tests, over standard input and output: lua5.4 server.lua HOW. It counts, and misbehaves on order;
-- HOW is one of the names below ("ok" does not). It reads JSON no better than its client writes it.

local how = arg[1] or "ok"

local function say(text)
  io.stdout:write(text, "\n")
  io.stdout:flush()
end

local function answer(id, result) say(('{"jsonrpc":"2.0","id":%s,"result":%s}'):format(id, result)) end

local function tool(name, about)
  return ('{"name":"%s","description":"%s","inputSchema":{"type":"object","properties":{"by":{"type":"integer"}},'
    .. '"required":[],"additionalProperties":false}}'):format(name, about or "A tool.")
end

local TOOLS = { tool("count.up", "Counts up by a number, and says how far it is."), tool "run_check", tool "broken",
  tool "wrong", tool "picture", tool "table", tool "long", tool "where" }

-- ---- how a server may answer initialize and tools/list ----

local HELLO = '{"protocolVersion":"%s","capabilities":{"tools":{}},"serverInfo":{"name":"fake","version":"1"}}'

local function hello(id, text)
  local asked = text:match '"protocolVersion":"([^"]*)"'
  if how == "old" then asked = "2024-11-05" end
  if how == "future" then asked = "2099-01-01" end
  if how == "toolless" then return answer(id, (HELLO:format(asked):gsub('"tools":{}', '"prompts":{}'))) end
  if how == "refuses" then
    return say(('{"jsonrpc":"2.0","id":%s,"error":{"code":-32022,"message":"only 2099-01-01 here"}}'):format(id))
  end
  answer(id, HELLO:format(asked))
end

local lists = {}
function lists.ok(id, text) -- in pages of three
  local from = tonumber(text:match '"cursor":"at (%d+)"' or 1)
  local page = table.concat(TOOLS, ",", from, math.min(from + 2, #TOOLS))
  local more = from + 3 <= #TOOLS and (',"nextCursor":"at %d"'):format(from + 3) or ""
  answer(id, ('{"tools":[%s]%s}'):format(page, more))
end
function lists.pages(id) answer(id, '{"tools":[],"nextCursor":"again"}') end
function lists.twins(id) answer(id, ('{"tools":[%s,%s]}'):format(TOOLS[1], TOOLS[1])) end
function lists.nameless(id) answer(id, '{"tools":[{"name":"","inputSchema":{}}]}') end
function lists.schemaless(id) answer(id, '{"tools":[{"name":"x"}]}') end
function lists.listless(id) answer(id, '{"tools":7}') end
function lists.many(id)
  local list = {}
  for i = 1, 1000 do list[i] = tool("t" .. i) end
  answer(id, ('{"tools":[%s]}'):format(table.concat(list, ",")))
end
function lists.fat(id) answer(id, ('{"tools":[%s]}'):format(tool("x", ("y"):rep(300 << 10)))) end
function lists.resultless(id) say(('{"jsonrpc":"2.0","id":%s}'):format(id)) end
function lists.nonsense() say "this is not JSON" end
function lists.version() say '{"jsonrpc":"1.0","id":2,"result":{}}' end
function lists.batch(id) say(('[{"jsonrpc":"2.0","id":%s,"result":{"tools":[]}}]'):format(id)) end
function lists.twice(id) say(('{"jsonrpc":"2.0","id":%s,"id":%s,"result":{"tools":[]}}'):format(id, id)) end
function lists.wrongid() answer(4711, '{"tools":[]}') end
function lists.textid(id) answer('"' .. id .. '"', '{"tools":[]}') end
function lists.chatter()
  while true do say '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}}' end
end
function lists.endless()
  while true do io.stdout:write(("x"):rep(1 << 16)) end
end
function lists.dies()
  io.stderr:write "I cannot go \xFFon\n"
  os.exit(7)
end
function lists.never() end

-- ---- calls ----

local count, held = 0, nil

local function text_of(text, failed)
  return ('{"content":[{"type":"text","text":"%s"}]%s}'):format(text, failed and ',"isError":true' or "")
end

local calls = {}
calls["count.up"] = function(id, text)
  count = count + (tonumber(text:match '"by":(%d+)') or 1)
  if how == "dies_later" and count > 1 then os.exit(3) end
  if how == "late" then -- the first answer comes with the second
    if not held then held = id return end
    answer(held, text_of "too late")
  end
  if how == "doubles" then answer(id, text_of "first") end -- the second one answers nothing
  if how == "asks" then
    say '{"jsonrpc":"2.0","id":"p","method":"ping"}'
    say '{"jsonrpc":"2.0","id":9,"method":"sampling/createMessage","params":{}}'
    local pong, refusal = io.read(), io.read()
    return answer(id, text_of((pong .. refusal):gsub('"', "'")))
  end
  answer(id, text_of("at " .. count))
end
calls.run_check = function(id) answer(id, text_of "the server's own") end
calls.broken = function(id) answer(id, text_of("it did not work", true)) end
calls.wrong = function(id)
  say(('{"jsonrpc":"2.0","id":%s,"error":{"code":-32602,"message":"no such \\u001b[31mparameter"}}'):format(id))
end
calls.picture = function(id)
  answer(id, '{"content":[{"type":"image","data":"AAAA","mimeType":"image/png"},'
    .. '{"type":"resource_link","uri":"file:///x","name":"x"},'
    .. '{"type":"resource","resource":{"uri":"file:///y","text":"inside"}}]}')
end
calls.table = function(id) answer(id, '{"content":[],"structuredContent":{"rows":[1,2],"none":{}}}') end
calls.long = function(id) answer(id, text_of("x" .. ("\xC3\xA9"):rep(50000))) end
calls.where = function(id)
  local pipe = assert(io.popen "env | sort | tr '\\n' ' '; echo; ls")
  answer(id, text_of((pipe:read "a":gsub("\n", "\\n"):gsub('"', "'"))))
end

-- ---- the loop ----

for text in io.lines() do
  local id, method = text:match '"id":(%d+)', text:match '"method":"([^"]*)"'
  if method == "initialize" then
    if how == "mute" then goto continue end
    hello(id, text)
  elseif method == "notifications/initialized" then
    io.stderr:write "initialized\n"
  elseif method == "notifications/cancelled" then
    io.stderr:write("cancelled ", text, "\n")
  elseif method == "tools/list" then
    (lists[how] or lists.ok)(id, text)
  elseif method == "tools/call" then
    calls[text:match '"name":"([^"]*)"'](id, text)
  end
  ::continue::
end
