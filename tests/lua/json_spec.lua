-- han.json as a script of a run meets it, read back by another reader. Its C side has tests of its own.

local cli = dofile "tests/lua/support/cli.lua"
local dkjson = require "dkjson"
local fakes = dofile "tests/lua/support/fakes.lua"

local case = cli.needs_program(it, pending)

describe("han.json", function()
  local folder, remove

  before_each(function() folder, remove = fakes.folder() end)
  after_each(function() remove() end)

  local function run(body, options)
    fakes.write(folder, { ["x.lua"] = 'local json = require "han.json"\n' .. body })
    local r = cli.run(folder, "script x.lua --json " .. (options or ""))
    assert.equal(0, r.status, r.out .. r.err)
    return dkjson.decode(r.out, 1, false).result, r.out
  end

  case("writes what another reader reads", function()
    local text = run 'return json.encode({ b = { 1, 2.5, "x\\n", true, json.null }, a = json.array {}, c = {}, d = -7 })' -- luacheck: no max line length
    assert.equal('{"a":[],"b":[1,2.5,"x\\n",true,null],"c":{},"d":-7}', text)
    local value = dkjson.decode(text, 1, false)
    assert.same({ 1, 2.5, "x\n", true, false }, value.b)
  end)

  case("reads what another writer writes", function()
    local given = { list = { 1, 2, { deep = "\u{20ac}\t\"" } }, number = 0.1, text = "" }
    fakes.write(folder, { ["t.json"] = dkjson.encode(given) })
    assert.same(given, run("return (...)", "--task t.json"))
    fakes.write(folder, { ["t.json"] = '{"gone": null, "kept": 1}' })
    assert.same({ kept = 1 }, run("return (...)", "--task t.json"))
  end)

  case("gives an expected failure as values", function()
    local got = run [[
local function codes(...) return { select(2, ...) } end
return { codes(json.decode "{"), codes(json.encode { print }), codes(json.decode('[1]', { max_bytes = 2 })) }]]
    assert.equal("SYNTAX", got[1][2])
    assert.matches("^JSON, line 1:", got[1][1])
    assert.same({ "JSON: value[1]: a function has no JSON form", "INVALID" }, got[2])
    assert.equal("LIMIT", got[3][2])
  end)

  case("gives the same bytes in every process", function()
    local body = [[
local t = {}
for i = 1, 200 do t["k" .. i * 7919 % 1000] = { x = i, [i % 2 == 0 and "y" or "z"] = i / 3 } end
return json.encode(t)]]
    local _, first = run(body)
    for _ = 1, 3 do assert.equal(first, select(2, run(body))) end
  end)
end)
