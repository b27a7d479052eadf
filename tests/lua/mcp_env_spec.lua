-- luacheck: no max line length
-- The environment mcp as a user meets it: a model whose tools are those of an MCP server in a box. The server is tests/mcp,
-- the model tests/endpoint, which follows a script.

local cli = dofile "tests/lua/support/cli.lua"
local dkjson = require "dkjson"
local endpoints = dofile "tests/lua/support/endpoint.lua"
local fakes = dofile "tests/lua/support/fakes.lua"

local case = cli.needs_program(it, pending)
local boxed = cli.needs_sandbox(it, pending)
local FULL = os.getenv "HAN_FULL" == "1"
local DATA, SCRIPTS = endpoints.DATA, endpoints.SCRIPTS
local script = endpoints.script
local SERVERS = fakes.shell("realpath tests/mcp"):gsub("\n", "")

describe("the environment mcp", function()
  local folder, remove, endpoint
  local function start(options)
    endpoint = endpoints.start(folder, "--replies " .. fakes.quote(folder .. "/replies") .. (options or ""))
  end
  before_each(function()
    folder, remove = fakes.folder()
    fakes.write(folder, {
      ["replies/count"] = script { { "count_up", '{"by":3}' }, { "count_up", '{"by":4}' } },
      ["replies/wrong"] = script({ { "count_up", '{"by":3}' } }, "```\nnothing\n```\n"),
      ["replies/look"] = script { { "where" }, { "run_check", '{"program":"42"}' }, { "run_check_2" }, { "broken", "" },
        { "wrong", "nonsense" }, { "wrong" } },
    })
  end)
  after_each(function()
    if endpoint then endpoint.stop() end
    endpoint = nil
    remove()
  end)

  local function env(model)
    return ("env CANARY=here HAN_MODEL=%s HAN_PATH=%s:%s"):format(fakes.quote(endpoint.url("chat", model)), fakes.quote(DATA), fakes.quote(SCRIPTS))
  end

  local function words(how, more)
    return ("script %s/strategies/sample.lua --adapter asked --profile model_tools --mcp 'lua5.4 server.lua %s' --mcp-folder %s --json --quiet %s")
      :format(SCRIPTS, how, fakes.quote(SERVERS), more or "")
  end

  -- The spans of tools in the attempts of the store, in order.
  local function tool_spans()
    local list = {}
    for line in cli.run(folder, "corpus export").out:gmatch("[^\n]+") do
      for _, span in ipairs(dkjson.decode(line).spans) do
        if span.kind == "tool" then list[#list + 1] = span end
      end
    end
    return list
  end

  boxed("has a server of its own for each attempt, whose calls are metered and recorded", function()
    start()
    for _, dialect in ipairs { "chat", "messages" } do
      local r = cli.run(folder, words "ok", { before = env("script-count"):gsub("chat", dialect) })
      assert.equal(0, r.status, r.err)
      local said = dkjson.decode(r.out)
      assert.same({ "done", true, 2, 3, 1 }, { said.status, said.score.pass, said.spend.evals, said.spend.turns, said.spend.shots })
    end
    local spans = tool_spans()
    assert.equal(4, #spans)
    for i, text in ipairs { "at 3", "at 7", "at 3", "at 7" } do
      assert.same({ "count.up", true, text }, { spans[i].tool, spans[i].ok, spans[i].text })
    end
    assert.same({ by = 3 }, dkjson.decode(spans[1].arguments))
  end)

  boxed("keeps our tools apart from the server's, and the server from all of ours", function()
    start()
    local r = cli.run(folder, words("ok", "--budget shots=1,tokens=200000,evals=20"), { before = env "script-look" })
    assert.equal(0, r.status, r.err)
    local spans = tool_spans()
    assert.same({ "where", "run_check", "broken", "wrong" }, { spans[1].tool, spans[2].tool, spans[3].tool, spans[4].tool })
    assert.is_nil(spans[1].text:find("CANARY", 1, true))
    assert.is_nil(spans[1].text:find("HAN_", 1, true))
    assert.matches("server.lua", spans[1].text, 1, true)
    assert.same({ "the server's own", nil }, { spans[2].text, spans[2].code })
    assert.same({ false, "it did not work" }, { spans[3].ok, spans[3].text })
    assert.same({ false, "INVALID" }, { spans[4].ok, spans[4].code })
    assert.equal(5, dkjson.decode(r.out).spend.evals) -- four calls and one check of ours; what is no JSON object costs nothing
  end)

  boxed("calls no tool that the budget does not hold", function()
    start()
    local r = cli.run(folder, words("ok", "--budget shots=1,tokens=200000,evals=1"), { before = env "script-count" })
    assert.equal(0, r.status, r.err)
    assert.equal(1, dkjson.decode(r.out).spend.evals)
    assert.equal(1, #tool_spans())
  end)

  boxed("tells the model that its server has died, and goes on", function()
    start()
    local r = cli.run(folder, words "dies_later", { before = env "script-count" })
    assert.equal(0, r.status, r.err)
    assert.same({ false, true }, { dkjson.decode(r.out).infra, dkjson.decode(r.out).score.pass })
    local spans = tool_spans()
    assert.same({ false, "PEER" }, { spans[1].ok, spans[1].code }) -- it counts by 3 at once
    assert.matches("the server has ended: fail, exit code 3, it said: initialized", spans[1].text, 1, true)
  end)

  boxed("refuses a server that cannot be used before anything is stored", function()
    start()
    local expected = { dies = "the server has ended: fail, exit code 7, it said: initialized I cannot go ?on", endless = "limit:output" }
    if FULL then expected.many, expected.future = "more than 128 tools", "it speaks the protocol of 2099-01-01" end
    for how, want in pairs(expected) do
      local r = cli.run(folder, words(how), { before = env "script-count" })
      assert.same({ how, 78 }, { how, r.status }, r.out)
      local message = dkjson.decode(r.out).error.message
      assert.matches("--mcp lua5.4 server.lua " .. how .. ": ", message, 1, true)
      assert.matches(want, (message:gsub("%s+", " ")), 1, true)
    end
    local r = cli.run(folder, (words("ok"):gsub("lua5.4 server.lua", "no-such-program")), { before = env "script-count" })
    assert.equal(78, r.status)
    assert.matches("No such file or directory", r.out)
    assert.equal(0, dkjson.decode(endpoint.ask "/").total)
    assert.is_nil(fakes.sys.read_file(folder .. "/han.db"))
  end)

  case("is asked for as a whole", function()
    start()
    for _, pair in ipairs { { "--mcp x --profile model", "--mcp goes with --profile model_tools" }, { "--mcp x", "--mcp goes with --profile model_tools" },
      { "--environment mcp --profile model_tools", "--environment mcp goes with --mcp SERVER" }, { "--mcp ' ' --profile model_tools", "a server is a command" },
      { "--mcp x --environment verifier --profile model_tools", "--mcp goes with --environment mcp" },
      { "--mcp-folder . --profile model_tools", "--mcp-folder goes with --mcp" },
      { "--environment none --profile model_tools", "there are checks, verifier, mcp" } } do
      local r = cli.run(folder, ("script %s/strategies/sample.lua --adapter asked %s"):format(SCRIPTS, pair[1]), { before = env "ok" })
      assert.same({ pair[1], 2 }, { pair[1], r.status })
      assert.matches(pair[2], r.err, 1, true)
    end
  end)

  boxed("replays from a cassette with neither model nor server", function()
    start()
    local with = words("ok", "--cassette tape --budget shots=2,tokens=400000,evals=20")
    local r = cli.run(folder, with, { before = env "script-wrong" })
    assert.equal(0, r.status, r.err)
    local tape = fakes.sys.read_file(folder .. "/tape")
    assert.equal(4, select(2, tape:gsub('"dialect":"mcp"', "")))
    local before = env "script-wrong"
    endpoint.stop()
    endpoint = nil
    with = with:gsub("%-%-mcp%-folder %S+", "--mcp-folder /nowhere") -- so no server could be started
    local again = cli.run(folder, with, { before = before })
    assert.same({ 0, r.out }, { again.status, again.out }, again.err)
    again = cli.run(folder, (with:gsub("server.lua ok", "server.lua other")), { before = before })
    assert.equal(2, again.status)
    assert.matches("it was recorded with lua5.4 server.lua ok in the dialect mcp", again.out, 1, true)
  end)

  boxed("of a shot that has ended is not asked again, and no server outlives han", function()
    start " --delay 150"
    endpoint.killed(env "script-wrong", ("bench asked --n 1 --arms sample --profile model_tools --k 1 --quiet --budget shots=2,tokens=400000,evals=20 "
      .. "--mcp 'lua5.4 server.lua ok %s' --mcp-folder %s"):format(folder, fakes.quote(SERVERS)), 3)
    -- the server of the second shot was there; it ends with han
    assert.is_true((os.execute(("timeout 60 sh -c 'while pgrep -f \"^lua5.4 server.lua ok %s\" > /dev/null; do sleep 0.05; done'"):format(folder))))
    local total = dkjson.decode(endpoint.ask "/").total
    local r = cli.run(folder, "resume --last --json --quiet", { before = env "script-wrong" })
    assert.equal(0, r.status, r.err)
    assert.same({ total, 2 }, { dkjson.decode(endpoint.ask "/").total, dkjson.decode(r.out).arms[1].spend.shots })
    local spans = tool_spans()
    assert.same({ 1, "count.up", "at 3" }, { #spans, spans[1].tool, spans[1].text }) -- of the first; the second is in doubt
  end)

  -- ---- over HTTP ----

  local front
  local function serve(options)
    front = endpoints.serve(folder, ("python3 %s/front.py %s"):format(fakes.quote(SERVERS), options or ""))
    start()
  end

  local function reach(way, model, prefix)
    return cli.run(folder, ("script %s/strategies/sample.lua --adapter asked --profile model_tools --mcp http://127.0.0.1:%s/%s --json --quiet "
      .. "--budget shots=1,tokens=200000,evals=20"):format(SCRIPTS, front.port, way), { before = env(model) .. (prefix or "") })
  end

  case("reaches a server over HTTP, in a session for each attempt that it ends", function()
    serve()
    for i, way in ipairs { "json", "sse" } do
      local r = reach(way .. "/ok", "script-count")
      assert.equal(0, r.status, r.err)
      assert.same({ true, 2 }, { dkjson.decode(r.out).score.pass, dkjson.decode(r.out).spend.evals })
      -- one was to try it
      assert.same({ began = 2 * i, ended = 2 * i, live = 0 }, dkjson.decode(front.ask "/"))
    end
    local r = reach("sse/asks", "script-count") -- what it asks meanwhile is answered beside
    assert.equal(0, r.status, r.err)
    r = reach("json/forgets", "script-count")
    assert.equal(0, r.status, r.err)
    local texts = {}
    for i, span in ipairs(tool_spans()) do texts[i] = span.text end
    assert.same({ "at 3", "at 7", "at 3", "at 7" }, table.move(texts, 1, 4, 1, {}))
    assert.matches("'id':'p','jsonrpc':'2.0','result':{}", texts[5], 1, true)
    assert.matches("status 404: there is nothing there, or the session is over", texts[7], 1, true)
    front.stop()
  end)

  case("believes no server over HTTP, and shows it no key again", function()
    serve "--key canary-0123456789"
    local expected = { elsewhere = "status 307: it points elsewhere", nonsense = "what is no message" }
    if FULL then
      expected.busy, expected.bare = "status 503: too much to do", "the answer has ended"
      expected.dies = "tools/list: the answer has ended"
    end
    local prefix = " K=canary-0123456789 HAN_MCP_KEY=env:K"
    for how, want in pairs(expected) do
      local r = reach("sse/" .. how, "script-count", prefix)
      assert.same({ how, 78 }, { how, r.status }, r.out)
      assert.matches(want, r.out, 1, true)
    end
    for _, way in ipairs(FULL and { "sse", "json" } or { "json" }) do -- an event, a body without end
      local r = reach(way .. "/flood", "script-count", prefix)
      assert.equal(78, r.status)
      assert.matches("it sent a message of more than 4 MiB, or 16 MiB in all", r.out, 1, true)
    end
    local r = reach("json/ok", "script-count", " K=canary-9876543210 HAN_MCP_KEY=env:K")
    assert.equal(78, r.status)
    assert.matches("status 401: I do not know you, Bearer ************", r.out, 1, true)
    assert.is_nil((r.out .. r.err):find("canary", 1, true))
    if FULL then assert.equal(0, reach("json/ok", "script-count", prefix).status) end
    for _, url in ipairs { "http://example.org/mcp", "https://u:p@127.0.0.1/mcp" } do
      r = cli.run(folder, ("script %s/strategies/sample.lua --adapter asked --profile model_tools --mcp %s"):format(SCRIPTS, url), { before = env "ok" })
      assert.equal(78, r.status)
    end
    front.stop()
  end)
end)
