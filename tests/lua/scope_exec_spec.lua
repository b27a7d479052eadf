-- scope:exec: commands of a script, charged, journaled, the same in every place where a script runs.
-- luacheck: no max line length

local cli = dofile "tests/lua/support/cli.lua"
local fakes = dofile "tests/lua/support/fakes.lua"
local dkjson = require "dkjson"

local case = cli.needs_program(it, pending)
local boxed = cli.needs_sandbox(it, pending)

describe("scope:exec", function()
  local folder, remove

  before_each(function() folder, remove = fakes.folder() end)
  after_each(function() remove() end)

  local function write(name, text) return assert(fakes.sys.write_file(folder .. "/" .. name, text)) end

  -- The object of a plain script whose body is this text.
  local function script(text, words, options)
    write("s.lua", "local task, scope = ...\n" .. text)
    local r = cli.run(folder, "script s.lua --json " .. (words or ""), options)
    return assert(dkjson.decode(r.out), r.err), r
  end

  boxed("tells how the command ended, and gives its outputs", function()
    local object = script [[return scope:exec {
      argv = { "sh", "-c", "cat - a/x; echo no >&2; echo $V; echo out > o.txt; ln -s o.txt l.txt; exit 3" },
      files = { ["a/x"] = "file\n" }, input = "typed\n", env = { V = "v" }, collect = { "*.txt" },
    }]]
    local held = object.result.held
    assert.same({ class = "fail", pass = false, code = 3, stdout = "typed\nfile\nv\n", stderr = "no\n", sandbox = "strong",
      held = held, outputs = { { path = "l.txt", skipped = "kind" }, { path = "o.txt", bytes = "out\n", mode = 420 } } },
      object.result)
    assert.is_truthy(held == "cgroup1" or held == "cgroup2" or held == "counting", held)
    assert.same({ evals = 1 }, object.spend)
  end)

  boxed("holds the limits that it is given", function()
    local object = script [[
      local function class(command, limits) return scope:exec({ argv = { "sh", "-c", command }, limits = limits }).class end
      return { class("sleep 60", { time = 0.1 }), class("yes", { output = 4096 }), class("cat /dev/zero > f", { disk = 65536 }),
        class("while :; do :; done", { cpu = 0.1 }), class("for i in 1 2 3 4 5 6 7 8 9; do : > $i; done", { files = 4 }),
        class("kill -SEGV $$"), class("true") }]]
    assert.same({ "limit:time", "limit:output", "limit:disk", "limit:cpu", "limit:disk", "crash", "pass" }, object.result)
  end)

  case("throws at the caller's line for what makes no sense, and charges nothing", function()
    local object = script [[
      local said = {}
      for i, request in ipairs { {}, { argv = {} }, { argv = "ls" }, { argv = { "ls" }, shell = true }, { argv = { "ls" }, limits = { memory = 1 << 40 } },
        { argv = { "ls" }, limits = { speed = 1 } }, { argv = { "ls" }, limits = { time = 0 / 1 } }, { argv = { "ls" }, collect_bytes = 1 << 40 } } do
        local ok, why = pcall(function()
          return scope:exec(request)
        end)
        said[i] = not ok and why
      end
      return said]]
    local at = "s.lua:6: exec: "
    assert.same({ at .. "argv names a command", at .. "argv names a command", at .. "argv is a table, got a string",
      at .. "there is no field 'shell'", at .. "memory is a number above 0 and at most 1073741824", at .. "there is no limit 'speed'",
      at .. "time is a number above 0 and at most 300", at .. "collect_bytes is an integer above 0 and at most 2097152" }, object.result)
    assert.same({}, object.spend)
  end)

  boxed("is refused when the budget has no evaluation left", function()
    local object = script([[
      local a = scope:exec { argv = { "true" } }
      local b, message, code = scope:exec { argv = { "true" } }
      return { a.class, b == nil, code, message }]], "--budget evals=1")
    assert.same({ "pass", true, "BUDGET_EXHAUSTED" }, { object.result[1], object.result[2], object.result[3] })
    assert.same({ evals = 1 }, object.spend)
  end)

  case("says what the machine lacks", function()
    local object = script([[return { select(2, scope:exec { argv = { "true" } }) }]], nil, { before = "env -u HAN_SANDBOX HAN_PROBE_FAIL=bubblewrap" })
    assert.matches("^no sandbox of level strong here: bubblewrap: [^\n]+; [^\n]+$", object.result[1])
    assert.equal("ENVIRONMENT", object.result[2])
  end)

  boxed("is the same for an untrusted program, and at any size that may cross", function()
    local text = [[
      local v = scope:exec { argv = { "sh", "-c", "head -c 262144 /dev/zero; head -c 1000000 /dev/zero > big.bin; i=0; while [ $i -lt 1500 ]; do : > f$i.txt; i=$((i+1)); done" },
        collect = { "*.txt", "*.bin" } }
      return { v.class, #v.stdout, #v.outputs, v.outputs_dropped, #v.outputs[1].bytes, scope:budget() == nil }]]
    local trusted = script(text)
    assert.same({ "pass", 262144, 1000, 501, 1000000, false }, trusted.result)
    os.remove(folder .. "/han.db")
    assert.same(trusted.result, script(text, "--untrusted").result)
  end)

  boxed("serves strategies in a bench, charged to their arm; no sandbox is nobody's fault", function()
    write("runs.lua", [[
      local han = require "han"
      return han.strategy { name = "runs", act = function(task, scope)
        local v, message, code = scope:exec { argv = { "sh", "-c", "echo $((6 * 7))" } }
        if not v then return message end
        return scope:submit(v.stdout)
      end }]])
    local r = cli.run(folder, "script runs.lua --adapter " .. fakes.shell("pwd"):gsub("\n", "") .. "/tests/data/adapters/toy.lua --json --quiet")
    local object = dkjson.decode(r.out)
    assert.is_truthy(object, r.err)
    local run = object.runs and object.runs[1] or object
    assert.equal("done", run.status, r.out)
    assert.equal(1, run.spend.evals)
    assert.equal("42\n", run.result)
    os.remove(folder .. "/han.db")
    r = cli.run(folder, "script runs.lua --adapter " .. fakes.shell("pwd"):gsub("\n", "") .. "/tests/data/adapters/toy.lua --json --quiet", { before = "env HAN_PROBE_FAIL=proc-mount" })
    object = assert(dkjson.decode(r.out), r.err)
    run = object.runs and object.runs[1] or object
    assert.is_true(run.infra, r.out)
  end)

  boxed("is answered from the journal when the run is resumed", function()
    write("s.lua", [[
      local task, scope = ...
      local list = {}
      for i = 1, 40 do list[i] = scope:exec({ argv = { "cat", "/proc/sys/kernel/random/uuid" } }).stdout end
      return list]])
    local query = fakes.quote "SELECT CASE WHEN count(*) >= 5 THEN 'yes' END AS x FROM journal WHERE kind = 'executed'"
    local status = select(3, os.execute(([[cd %s && { env -u HAN_PATH NO_COLOR=1 %s script s.lua --run one > out 2> err & } && pid=$! && while kill -0 $pid 2> /dev/null; do [ -e han.db ] && %s corpus query %s 2> /dev/null | grep -q yes && break; done; kill -KILL $pid 2> /dev/null; wait $pid 2> /dev/null]])
      :format(fakes.quote(folder), cli.han, cli.han, query)))
    assert.equal(137, status, fakes.sys.read_file(folder .. "/err"))
    local sql = "SELECT hex(CASE WHEN content IS NULL THEN value ELSE content(content) END) AS x FROM journal WHERE kind = 'executed' ORDER BY id"
    local known = dkjson.decode(cli.run(folder, "corpus query --json " .. fakes.quote(sql)).out).rows
    assert.is_true(#known >= 5)
    local r = cli.run(folder, "resume one --json")
    local object = assert(dkjson.decode(r.out), r.err)
    assert.equal("done", object.status, r.out)
    assert.same({ evals = 40 }, object.spend)
    local seen = {}
    for i, uuid in ipairs(object.result) do
      assert.is_nil(seen[uuid])
      seen[uuid] = true
      local hex = uuid:gsub(".", function(c) return ("%02X"):format(c:byte()) end):gsub("\n", "0A")
      assert.equal(known[i] ~= nil, known[i] ~= nil and known[i].x:find(hex, 1, true) ~= nil, "command " .. i)
    end
  end)
end)
