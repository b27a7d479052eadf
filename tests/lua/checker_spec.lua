-- han.checker below the command: the order of the cases, the classes of a verdict, values as they are shown; over
-- an evaluator that each test scripts.
-- luacheck: no max line length

local fakes = dofile "tests/lua/support/fakes.lua"
local dkjson = require "dkjson"
local value_local = require "tests.lua.support.value_local"

local nonces = 0
local function nonce()
  nonces = nonces + 1
  return ("%04x"):format(nonces):rep(8)
end

local fake = {
  ["han.json"] = { null = dkjson.null, encode = dkjson.encode, decode = function(text) return (dkjson.decode(text, 1, dkjson.null)) end },
  ["han.value"] = { equal = value_local.equal, digest = value_local.digest, encode = function(v) return assert(value_local.copy(v)) end },
  ["han.eval"] = {},
  ["han.sys"] = setmetatable({ nonce = function() return nonce() end }, { __index = fakes.sys }),
}

for name, module in pairs(fake) do package.loaded[name] = module end -- busted puts back what was there
local checker, cases = require "han.checker", require "han.checker.cases"
local python, typed = require "han.checker.python", require "han.checker.typed"
local show = require "han.checker.show"

local function list(text) return assert(cases.read(text, "calls", "c.json")) end

local counting = require "han.checker.calls"

-- A verdict over n cases of f() that want 1; `answer(k)` is what the k-th evaluation gives.
local function verdict(n, answer, more)
  local k, requests = 0, {}
  local spec = { lang = "lua", code = "text", name = "dir/f.lua", seed = 1, cases = list("[" .. ('{"call":"f","args":[1],"want":1},'):rep(n):sub(1, -2) .. "]"),
    evaluate = function(request)
      k = k + 1
      requests[k] = request
      return answer(k)
    end }
  for key, item in pairs(more or {}) do spec[key] = item end
  return requests, checker.check(spec)
end

local function gave(...)
  return { class = "ok", calls = { { ok = true, values = { ... }, n = select("#", ...) } } }
end

describe("han.checker", function()
  it("asks one case each, and never hands out what is wanted", function()
    local requests, result = verdict(3, function() return gave(1) end)
    assert.same({ "pass", true, 3, 3, "split", "none" }, { result.class, result.pass, result.passed, result.total, result.trust, result.sandbox })
    assert.equal(3, #requests)
    for _, request in ipairs(requests) do
      assert.same({ { fn = "f", args = { 1, n = 1 } } }, request.calls)
      assert.equal("f.lua", request.name)
    end
  end)

  it("takes a number that is near enough, in Lua too", function()
    local function class(...)
      local values = table.pack(...)
      return (checker.check { lang = "lua", code = "x", seed = 1, cases = list '[{"call":"f","want":2.5,"within":0.5}]',
        evaluate = function() return gave(table.unpack(values, 1, values.n)) end }).class
    end
    assert.same({ "pass", "pass", "pass" }, { class(2.5), class(3), class(2.0) })
    assert.same({ "fail", "fail", "fail", "fail" }, { class(3.01), class("3"), class(3, 3), class() })
  end)

  it("wants to know from what and how far 'within' is", function()
    local function why(text) return (select(2, cases.read(text, "calls", "c.json"))) end
    assert.matches("case 1: 'within' goes with a 'want' that is a number", why '[{"call":"f","want":"2","within":1}]')
    assert.matches("case 1: 'within' goes with a 'want' that is a number", why '[{"call":"f","want_error":"2","within":1}]')
    assert.matches("case 1: 'within' must be a number from 0 on", why '[{"call":"f","want":2,"within":-1}]')
    assert.matches("case 1: 'within' must be a number from 0 on", why '[{"call":"f","want":2,"within":"1"}]')
  end)

  it("carries the level that the evaluations ran at", function()
    local _, result = verdict(1, function()
      local answer = gave(1)
      answer.sandbox = "strong"
      return answer
    end)
    assert.equal("strong", result.sandbox)
  end)

  it("tells what ended a candidate before what it got wrong", function()
    local function class_with(odd)
      local _, result = verdict(4, function(k) return k == 2 and odd or gave(k == 3 and 2 or 1) end)
      return result.class, result.passed
    end
    assert.same({ "fail", 2 }, { class_with(gave(7)) })
    assert.same({ "fail", 2 }, { class_with { class = "ok", calls = { { ok = false, class = "value", message = "x" } } } })
    assert.same({ "fail", 2 }, { class_with { class = "ok", calls = { { ok = false, class = "runtime", message = "x" } } } })
    assert.same({ "crash", 2 }, { class_with { class = "crash", calls = {} } })
    assert.same({ "crash", 2 }, { class_with { class = "ok", calls = {} } })
    assert.same({ "crash", 2 }, { class_with { class = "ok", calls = { gave(1).calls[1], gave(1).calls[1] } } })
    assert.same({ "limit:time", 2 }, { class_with { class = "limit:time", calls = { gave(1).calls[1] } } })
    assert.same({ "limit:memory", 2 }, { class_with { class = "ok", calls = { { ok = false, class = "limit:memory" } } } })
  end)

  it("loads once when it cannot be loaded", function()
    local requests, result = verdict(5, function() return { class = "format", message = "f.lua:1: no", line = 1, calls = {} } end)
    assert.same({ 1, "format", 0, "f.lua:1: no", 1 }, { #requests, result.class, result.passed, result.message, result.line })
  end)

  it("gives no verdict when the fork server failed", function()
    local _, result, why, code = verdict(2, function() return nil, "gone", "PEER" end)
    assert.same({ nil, "gone", "PEER" }, { result, why, code })
  end)

  it("refuses cases that are no plain values and languages that it does not know", function()
    assert.has_error(function() checker.check { lang = "cobol", cases = {} } end, "han.checker: no language 'cobol'")
    local result, why, code = checker.check { lang = "lua", cases = list('[{"call":"f","want":{"$set":[1]}}]') }
    assert.same({ nil, "case 1: $set has no meaning for Lua; there is $bytes", "INVALID" }, { result, why, code })
  end)

  it("orders by the seed: a permutation, another for another seed", function()
    local seen = {}
    for seed = 1, 20 do
      local order = checker.order(40, seed)
      seen[table.concat(order, " ")] = true
      local sorted = table.move(order, 1, #order, 1, {})
      table.sort(sorted)
      for i = 1, 40 do assert.equal(i, sorted[i]) end
      assert.same(order, checker.order(40, seed))
    end
    local n = 0
    for _ in pairs(seen) do n = n + 1 end
    assert.equal(20, n)
    assert.not_equal(checker.fresh_seed(), checker.fresh_seed())
  end)

  it("shows values short and on one line", function()
    assert.equal('{1, 2.5, "a\\nb\\xff", {[7] = 1.0, x = true, ["y z"] = 0.1}}', show.value { 1, 2.5, "a\nb\xff", { x = true, ["y z"] = 0.1, [7] = 1.0 } })
    assert.equal("1, nil, 3", show.list { 1, nil, 3, n = 3 })
    assert.is_true(#show.value(("x"):rep(1e6)) < 200)
    local wide = {}
    for i = 1, 1e5 do wide[i] = i end
    assert.is_true(#show.value(wide) < 200)
  end)
end)

describe("han.checker.typed", function()
  local function write(text) return typed.write(fake["han.json"].decode("[" .. text .. "]")[1]) end

  it("has one text for each value of each type", function()
    for text, want in pairs { ["1"] = "i1", ["-5"] = "i-5", ["1.0"] = "d3ff0000000000000", ["-0.0"] = "d8000000000000000", ["true"] = "T", ["false"] = "F",
      ["null"] = "N", ['"ab"'] = "s6162", ['""'] = "s", ["[]"] = "[]", ["{}"] = "{}", ["[1,[null]]"] = "[i1,[N]]", ['{"b":1,"a":[]}'] = "{s61:[],s62:i1}",
      ['{"$bytes":"00fF"}'] = "b00ff", ['{"$tuple":[1,2]}'] = "(i1,i2)", ['{"$set":[2,1]}'] = "<i1,i2>",
      ['{"$int":"-00123456789012345678901234567890"}'] = "i-123456789012345678901234567890", ['{"$int":"-0"}'] = "i0" } do
      assert.equal(want, write(text), text)
    end
  end)

  it("refuses what has no meaning", function()
    for text, why in pairs { ['{"$bytes":"0"}'] = "two hexadecimal digits", ['{"$int":"1.5"}'] = "decimal digits", ['{"$int":5}'] = "decimal digits",
      ['{"$set":[1,1]}'] = "one value twice", ['{"$tuple":1}'] = "must be an array", ['{"$frob":1}'] = "%$frob has no meaning" } do
      local made, said = write(text)
      assert.is_nil(made)
      assert.matches(why, said)
    end
  end)

  it("shows what it wrote as Python would, and nothing else", function()
    for text, want in pairs { ["[i1,d3ff8000000000000,d8000000000000000,N,T,F]"] = "[1, 1.5, -0.0, None, True, False]", ["{s61:(i1,i2)}"] = "{'a': (1, 2)}", ["<i1>"] = "{1}",
      ["s27c3a9c3"] = "'\\'\\xc3\\xa9\\xc3'", s27c3a9 = "'\\'é'", b00ff = "b'\\x00\\xff'", d7ff0000000000000 = "inf", ["i-12"] = "-12",
      hello = "what is no value", s6 = "what is no value", ["d12"] = "what is no value", ["i"] = "what is no value", [""] = "" } do
      assert.equal(want, typed.show(text), text)
    end
    assert.is_true(#typed.show("[" .. ("i1,"):rep(1000) .. "i1]") < 140)
    assert.is_true(#typed.show("s" .. ("61"):rep(100000)) < 140)
  end)
end)

-- A session (as of han.exec.start) that answers each question by `reply(word, rest, nonce)`: a line, or nil and the code
-- of why there is none. Behind a goodbye its output ends.
local function conversation(reply, ending)
  local session = { asked = {} }
  function session:write(text)
    local word, own, rest = text:match("^(%l+) (%x+) ?([^\n]*)\n$")
    self.asked[#self.asked + 1] = text
    self.next, self.why = reply(word, rest, own, #self.asked)
    return true
  end
  function session:line()
    local text = self.next
    self.next = nil
    if text then return text end
    return nil, "no line", self.why or "PEER"
  end
  function session:finish()
    self.finished = true
    return { class = ending or "pass", code = 0, message = "as it ended" }
  end
  function session:close() self.closed = true end
  return session
end

-- A candidate whose calls give `answer(n-th call, nonce)`.
local function polite(answer)
  local calls = 0
  return function(word, _, own)
    if word == "load" then return own .. " ready" end
    if word == "end" then return own .. " bye" end
    calls = calls + 1
    return answer(calls, own)
  end
end

describe("han.checker.python", function()
  local talks

  local function check(n, reply, ending)
    talks = {}
    return assert(checker.check { lang = "python", code = "code", name = "p.py", seed = 1, limits = { time = 1.0 },
      cases = list("[" .. ('{"call":"f","args":[1],"want":7},'):rep(n):sub(1, -2) .. "]"),
      open = function()
        talks[#talks + 1] = conversation(reply, ending)
        return talks[#talks]
      end })
  end

  local function right(_, own) return own .. " value i7" end

  it("passes answers that are right and an end that is clean", function()
    local result = check(3, polite(right))
    assert.same({ "pass", 3, 1, true, true }, { result.class, result.passed, #talks, talks[1].finished, talks[1].closed })
    for _, text in ipairs(talks[1].asked) do assert.is_nil(text:find("i7", 1, true)) end
  end)

  it("asks with a nonce that is new each time", function()
    check(3, polite(right))
    local seen = {}
    for _, text in ipairs(talks[1].asked) do
      local own = text:match("^%l+ (%x+)")
      assert.is_nil(seen[own])
      seen[own] = true
    end
  end)

  it("takes nothing but the very bytes behind the very nonce", function()
    for answer, class in pairs { [" value i8"] = "fail", [" value i7 "] = "pass", [" value i7 i7"] = "fail", [" value"] = "fail", [" value I7"] = "fail",
      [" pass"] = "protocol", [" bye"] = "protocol", [" ready"] = "protocol", [""] = "protocol", [" error 0 zz"] = "fail", [" refused 0 "] = "fail" } do
      assert.equal(class, check(1, polite(function(_, own) return own .. answer end)).class, answer)
    end
    assert.equal("protocol", check(1, polite(function() return ("0"):rep(32) .. " value i7" end)).class)
    local last
    assert.equal("protocol", check(3, polite(function(_, own)
      last = last or own
      return last .. " value i7"
    end)).class)
  end)

  it("starts anew for the cases that are left, three times at most", function()
    local broken = 0
    local result = check(6, polite(function(n, own)
      if n <= 2 then
        broken = broken + 1
        return nil, "TIMEOUT"
      end
      return right(n, own)
    end))
    assert.same({ 2, 3, 4, "limit:time", true }, { broken, #talks, result.passed, result.class, talks[1].closed })
    result = check(6, polite(function(_, own) return own .. " value s" .. ("61"):rep(1 << 20) end))
    assert.same({ 3, 0, "limit:output" }, { #talks, result.passed, result.class })
    local unanswered = 0
    for _, row in ipairs(result.cases) do if row.class == "unanswered" then unanswered = unanswered + 1 end end
    assert.equal(3, unanswered)
    local opened = 0
    result = checker.check { lang = "python", code = "", seed = 1, ended_max = 1, cases = list '[{"call":"f","want":7},{"call":"f","want":7}]',
      open = function()
        opened = opened + 1
        return conversation(polite(function() return nil, "TIMEOUT" end))
      end }
    assert.same({ 1, 0, "limit:time" }, { opened, result.passed, result.class })
  end)

  it("takes the class of an end from the box, and no clean end without an answer", function()
    assert.equal("limit:memory", check(1, polite(function() return nil, "PEER" end), "limit:memory").class)
    assert.equal("crash", check(1, polite(function() return nil, "PEER" end), "pass").class)
    assert.equal("crash", check(1, polite(function() return nil, "PEER" end), "fail").class)
  end)

  it("does not pass right answers with an end that is not clean", function()
    for ending, class in pairs { fail = "crash", crash = "crash", ["limit:procs"] = "limit:procs" } do
      local result = check(2, polite(right), ending)
      assert.same({ class, false, 2 }, { result.class, result.pass, result.passed })
      assert.matches("did not end cleanly", result.message)
    end
    local result = check(2, function(word, _, own)
      if word == "load" then return own .. " ready" end
      return own .. (word == "call" and " value i7" or " value i7")
    end)
    assert.same({ "protocol", false }, { result.class, result.pass })
  end)

  it("gives no verdict when the sandbox failed", function()
    local function failed(spec)
      spec.lang, spec.code, spec.cases = "python", "", list '[{"call":"f","want":7}]'
      return { checker.check(spec) }
    end
    assert.same({ nil, "no bubblewrap", "ENVIRONMENT" }, failed { open = function() return nil, "no bubblewrap", "ENVIRONMENT" end })
    assert.same({ nil, "as it ended", "PEER" }, failed { open = function()
      return conversation(function() return nil, "PEER" end, "sandbox-error")
    end })
  end)

  it("does not wait for ever for an end", function()
    local session
    local result = checker.check { lang = "python", code = "", seed = 1, cases = list '[{"call":"f","want":7}]', open = function()
      session = conversation(polite(right))
      local line = session.line
      function session:line(seconds)
        if not self.next then return nil, "no line", "TIMEOUT" end
        return line(self, seconds)
      end
      return session
    end }
    assert.same({ "limit:time", 1, nil, true }, { result.class, result.passed, session.finished, session.closed })
  end)

  it("stops when nobody wants the verdict any more", function()
    local asked = 0
    local result, why, code = checker.check { lang = "python", code = "", seed = 1, cases = list '[{"call":"f","want":7},{"call":"f","want":7}]',
      stopped = function() return asked == 1 end, open = function()
        return conversation(polite(function(n, own)
          asked = asked + 1
          return right(n, own)
        end))
      end }
    assert.same({ nil, "interrupted", "CANCELLED", 1 }, { result, why, code, asked })
  end)

  it("tells why it could not be loaded", function()
    local result = check(2, function(_, _, own) return own .. " format 3 6e6f" end)
    assert.same({ "format", "no", 3, 0 }, { result.class, result.message, result.line, result.passed })
    assert.equal("protocol", check(2, function(_, _, own) return own .. " value i7" end).class)
    assert.equal("crash", check(2, function() return nil, "PEER" end).class)
  end)

  it("wants errors by their text", function()
    local function with(words)
      return checker.check { lang = "python", code = "", seed = 1, cases = list '[{"call":"f","want_error":"no such"}]', open = function()
        return conversation(polite(function(_, own) return own .. words end))
      end }
    end
    assert.equal("pass", with(" error 2 4b65794572726f723a206e6f2073756368").class) -- KeyError: no such
    assert.equal("fail", with(" error 2 4b65794572726f72").class)
    assert.equal("fail", with(" value N").class)
    assert.equal("an error with 'no such'", with(" value N").cases[1].want)
  end)

  it("takes a number that is near enough, and nothing else", function()
    local function given(words)
      local made = checker.check { lang = "python", code = "", seed = 1, cases = list '[{"call":"f","want":2,"within":0.25}]', open = function()
        return conversation(polite(function(_, own) return own .. " value " .. words end))
      end }
      return made.class
    end
    local function float(x) return (typed.write(x)) end
    for _, near in ipairs { "i2", float(2.25), float(1.75), float(2.0) } do assert.equal("pass", given(near), near) end
    for _, far in ipairs { float(2.26), "i3", "T", "s32", float(0 / 0), float(1 / 0), "i2 i2", "d40", "i" .. ("9"):rep(400) } do
      assert.equal("fail", given(far), far)
    end
  end)

  it("refuses cases that Python cannot be asked", function()
    local function refused(text) return (select(2, python.prepare(list(text)))) end
    assert.matches("case 1: 'a b' is no name", refused '[{"call":"a b","want":1}]')
    assert.matches("case 1: 'wants' is for Lua", refused '[{"call":"f","wants":[1]}]')
    assert.matches("case 1: %$int", refused '[{"call":"f","args":[{"$int":1}],"want":1}]')
  end)
end)

describe("han.checker.programs", function()
  local function check(text, answers, lang)
    local k, requests = 0, {}
    return assert(checker.check { lang = lang or "program", code = "text", name = "p.c", seed = 1,
      cases = assert(cases.read(text, "programs", "c.json")), execute = function(request)
        k = k + 1
        requests[k] = request
        return answers[k] or answers[#answers]
      end }), requests
  end

  local function printed(stdout, code, more)
    local answer = { class = (code or 0) == 0 and "pass" or "fail", code = code or 0, stdout = stdout, stderr = "", outputs = {}, sandbox = "strong" }
    for key, item in pairs(more or {}) do answer[key] = item end
    return answer
  end

  it("compares the bytes and the exit status", function()
    local one = '[{"stdin":"1","want_stdout":"3\\n"}]'
    assert.same({ "pass", "strong" }, { check(one, { printed "3\n" }).class, check(one, { printed "3\n" }).sandbox })
    for _, answer in ipairs { printed "3", printed "3\n\n", printed "", printed(" 3\n"), printed("3\n", 1) } do
      assert.equal("fail", check(one, { answer }).class)
    end
    assert.equal("pass", check('[{"want_stdout":"","want_status":3}]', { printed("", 3) }).class)
    assert.equal("limit:time", check(one, { printed("3\n", 0, { class = "limit:time", message = "" }) }).class)
    assert.equal("crash", check(one, { printed("3\n", -1, { class = "crash", message = "signal 11" }) }).class)
  end)

  it("gives each case a process of its own and nothing of what is wanted", function()
    local result, requests = check('[{"stdin":"a","want_stdout":"xyz"},{"stdin":"b","args":["q"],"want_stdout":"xyz"}]', { printed "xyz" })
    assert.same({ "pass", 2, 2 }, { result.class, result.passed, #requests })
    for _, request in ipairs(requests) do
      assert.same({ { path = "program", bytes = "text", mode = 493 } }, request.files)
      assert.is_nil(dkjson.encode { request.argv, request.input }:find("xyz"))
    end
  end)

  it("compiles C in a box and says which line does not compile", function()
    local one = '[{"want_stdout":"3"}]'
    local result, requests = check(one, { printed("", 0, { outputs = { { path = "program", bytes = "binary" } } }), printed "3" }, "c")
    assert.same({ "pass", "binary" }, { result.class, requests[2].files[1].bytes })
    result = check(one, { printed("", 1, { stderr = "p.c: In function 'main':\np.c:4:9: error: expected ';'\n" }) }, "c")
    assert.same({ "format", "error: expected ';'", 4 }, { result.class, result.message, result.line })
    assert.equal("format", check(one, { printed("", -1, { class = "limit:time" }) }, "c").class)
  end)

  it("gives no verdict when the sandbox failed", function()
    local result, why, code = checker.check { lang = "program", code = "", cases = { { want_stdout = "" } }, execute = function()
      return nil, "no bubblewrap", "ENVIRONMENT"
    end }
    assert.same({ nil, "no bubblewrap", "ENVIRONMENT" }, { result, why, code })
    result, why, code = checker.check { lang = "program", code = "", cases = { { want_stdout = "" } }, execute = function()
      return printed("", -1, { class = "sandbox-error", message = "the zygote died" })
    end }
    assert.same({ nil, "the zygote died", "PEER" }, { result, why, code })
  end)
end)

describe("calls.count", function()
  -- Counts n calls f(i) that want i; `answer(i)` gives the row, `class` the end of the whole.
  local function count(n, code, answer, class)
    local asked, request = {}, { code = code, calls = {} }
    for i = 1, n do request.calls[i] = { fn = "f", args = { i }, want = { i }, instructions = i } end
    fake["han.eval"].lua = function(sent)
      local rows = {}
      for at, call in ipairs(sent.calls) do
        assert.is_nil(call.want)
        assert.equal(call.args[1], call.instructions)
        asked[at] = call.args[1]
        rows[at] = answer(call.args[1])
      end
      return { class = class or "ok", calls = rows }
    end
    local passed, failing, result = counting.count(request)
    return passed, failing, result, asked
  end
  local function right(i) return { ok = true, values = { i }, n = 1, instructions = i } end

  it("asks in an order that follows from the text, and gives the rows in that of the calls", function()
    local passed, failing, result, asked = count(20, "text", function(i) return i == 7 and { ok = false, class = "runtime", message = "x" } or right(i) end)
    assert.same({ 19, { 7 } }, { passed, failing })
    for i = 1, 20 do assert.equal(i ~= 7 and i or nil, result.calls[i].instructions) end
    assert.same(asked, (select(4, count(20, "text", right))))
    assert.not_same(asked, (select(4, count(20, "other", right))))
    local sorted = table.move(asked, 1, 20, 1, {})
    assert.is_false(table.concat(asked, " ") == "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20")
    table.sort(sorted)
    assert.equal(20, sorted[20])
  end)

  it("takes no unanswered call for a pass, and none of a process that did not end cleanly for all", function()
    local left = 3
    local passed, failing, result = count(5, "text", function(i)
      left = left - 1
      return left >= 0 and right(i) or nil
    end, "crash")
    assert.equal(2, passed) -- of the three that were answered the last may be what it died of
    assert.equal(3, #failing)
    local unanswered = 0
    for _, row in ipairs(result.calls) do if row.class == "unanswered" then unanswered = unanswered + 1 end end
    assert.equal(2, unanswered)
    assert.equal(4, (count(5, "text", right, "limit:time"))) -- all answered, and still not clean
    assert.equal(0, (count(2, "text", function() end, "format")))
  end)
end)
