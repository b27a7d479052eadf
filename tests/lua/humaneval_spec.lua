-- luacheck: no max line length
-- The family humaneval from its file to pass@k: what is read and what is refused, candidates in the box that are right,
-- wrong and dishonest, and the estimate itself. HAN_HUMANEVAL names the public file for the long form.

local cli = dofile "tests/lua/support/cli.lua"
local dkjson = require "dkjson"
local endpoints = dofile "tests/lua/support/endpoint.lua"
local fakes = dofile "tests/lua/support/fakes.lua"

local case = cli.needs_program(it, pending)
local SMALL = fakes.shell("realpath tests/data/humaneval/small.jsonl"):gsub("\n", "")

describe("han.pass_at", function()
  package.loaded["han.stats"] = package.loaded["han.stats"] or { mean_ci = function() end }
  local pass_at = require "han.pass_at"

  -- Of all ways to choose k of n samples, the share that holds one of the c right ones; counted one by one.
  local function counted(n, c, k)
    local all, with = 0, 0
    for set = 0, (1 << n) - 1 do
      local size = 0
      for i = 0, n - 1 do size = size + (set >> i & 1) end
      if size == k then
        all = all + 1
        if set & ((1 << c) - 1) ~= 0 then with = with + 1 end
      end
    end
    return with / all
  end

  it("is the share of choices of k samples that hold a right one", function()
    for n = 1, 9 do
      for c = 0, n do
        for k = 1, n do
          assert.is_true(math.abs(pass_at.of(n, c, k) - counted(n, c, k)) < 1e-12, ("%d %d %d"):format(n, c, k))
        end
      end
    end
  end)

  it("neither overflows nor cancels for many samples", function()
    assert.is_true(math.abs(pass_at.of(100000, 1, 1) - 1e-5) < 1e-15)
    assert.is_true(math.abs(pass_at.of(100000, 1, 50000) - 0.5) < 1e-9)
    assert.equal(1.0, pass_at.of(100000, 99999, 2))
    assert.equal(0.0, pass_at.of(100000, 0, 100000))
    assert.has_error(function() pass_at.of(5, 1, 6) end)
    assert.has_error(function() pass_at.of(5, 6, 1) end)
  end)
end)

describe("humaneval", function()
  local folder, remove
  before_each(function() folder, remove = fakes.folder() end)
  after_each(function() remove() end)

  local function bench(words, options)
    local r = cli.run(folder, "bench humaneval --quiet --json " .. words, options)
    return r, dkjson.decode(r.out, 1, nil)
  end

  local function rows()
    local list = {}
    for line in io.lines(SMALL) do list[#list + 1] = dkjson.decode(line) end
    return list
  end

  local function write_rows(list)
    local lines = {}
    for i, row in ipairs(list) do lines[i] = dkjson.encode(row) end
    fakes.write(folder, { ["data.jsonl"] = table.concat(lines, "\n") .. "\n" })
  end

  case("the file's own solutions pass, in both layouts, and its stubs do not", function()
    assert(os.execute(("gzip -c %s > %s/small.jsonl.gz"):format(fakes.quote(SMALL), fakes.quote(folder))))
    local r, said = bench("--data small.jsonl.gz --set answer=canonical --arms hand_in --k 1")
    assert.equal(0, r.status, r.err)
    assert.same({ 6, 6, 1.0, "weak" }, { said.arms[1].n, said.arms[1].right, said.arms[1].pass_at[1].mean, said.trust })
    r, said = bench(("--data %s --n 2 --arms hand_in --k 1"):format(fakes.quote(SMALL)))
    assert.equal(0, r.status, r.err)
    assert.same({ 2, 0, "split", "strong" }, { said.arms[1].n, said.arms[1].right, said.trust, said.sandbox })
  end)

  local full = os.getenv "HAN_FULL" == "1"
  local DOUBLE = "def double(n):\n    return %s\n"
  local forged = {
    ["always equal"] = "class E(int):\n    def __eq__(self, other): return True\n    __hash__ = int.__hash__\n" .. DOUBLE:format "E(0)",
    ["leaves early"] = "import os\n" .. DOUBLE:format "os._exit(0)",
    ["says it is done"] = "import os\ndef double(n):\n    for fd in range(3, 20):\n        try: os.write(fd, b'done 1 1\\n')\n        except OSError: pass\n    return 0\n",
    ["patches what it can"] = "import builtins, sys\nfor m in list(sys.modules.values()):\n    for k in ('check', 'same'):\n        setattr(m, k, lambda *a: True) if hasattr(m, '__dict__') else None\nbuiltins.AssertionError = ValueError\n" .. DOUBLE:format "0",
    ["looks for the test"] = "import os\nseen = [open(os.path.join(d, f)).read() for d, _, fs in os.walk('.') for f in fs]\nassert not [t for t in seen if 'assert candidate' in t], 'found'\n" .. DOUBLE:format "0",
    ["never ends"] = full and "def double(n):\n    while True: pass\n" or nil, -- some seconds
    ["ends at the end"] = "import atexit, os\natexit.register(os._exit, 9)\nimport threading\nthreading.Thread(target=lambda: None).start()\n" .. DOUBLE:format "2 * n if n < 4 else 0",
  }

  case("dishonest candidates do not pass, each in a cell of its own", function()
    local base, list, artifacts = rows()[1], {}, {}
    for name, text in pairs(forged) do
      local row = {}
      for key, item in pairs(base) do row[key] = item end
      row.task_id = name
      list[#list + 1], artifacts[name] = row, text
    end
    local honest = dkjson.decode(dkjson.encode(base))
    list[#list + 1] = honest
    artifacts[base.task_id] = "import math\n\ndef double(n):\n    return n + n\n"
    write_rows(list)
    fakes.hands_in(folder, artifacts)
    local r, said = bench("--data data.jsonl --set time=1 --arms ./mine.lua --k 1")
    assert.equal(0, r.status, r.err)
    assert.same({ #list, 1 }, { said.arms[1].n, said.arms[1].right })
    assert.is_nil(said.broken)
    local q = cli.run(folder, "corpus query \"SELECT task FROM cell WHERE score_pass = 1\" --json")
    assert.matches("own/double", q.out)
  end)

  case("a function, a module and the missing lines are all taken as an answer", function()
    local artifacts, list = {
      lines = "    mean = total(xs) / len(xs)\n    return max(abs(x - mean) for x in xs)\n",
      alone = "def spread(xs: List[float]) -> float:\n    m = total(xs) / len(xs)\n    return max(math.fabs(x - m) for x in xs)\n",
      module = "from typing import List\n\ndef mean(xs):\n    return sum(xs) / len(xs)\n\ndef spread(xs: List[float]) -> float:\n    return max(abs(x - mean(xs)) for x in xs)\n",
    }, {}
    for name in pairs(artifacts) do
      local row = rows()[4]
      row.task_id = name
      list[#list + 1] = row
    end
    write_rows(list)
    fakes.hands_in(folder, artifacts)
    local r, said = bench("--data data.jsonl --arms ./mine.lua --k 1")
    assert.equal(0, r.status, r.err)
    assert.equal(3, said.arms[1].right)
  end)

  it("what is wrong with a file is told with its line", function()
    package.loaded["han.json"] = { null = dkjson.null, decode = function(text)
      local value, _, why = dkjson.decode(text, 1, dkjson.null)
      if why then return nil, "JSON, " .. why, "INVALID" end
      return value
    end }
    package.loaded["han.sys"] = setmetatable({ escape = function(text) return text end }, { __index = fakes.sys })
    local data = dofile "scripts/adapters/humaneval/data.lua"
    local function refused(text, want)
      local found, why, code = data.rows(text, "data.jsonl")
      assert.same({ nil, "INVALID" }, { found, code })
      assert.equal(want, why:sub(1, #want))
    end
    local one = dkjson.encode(rows()[1])
    local function without(field, value)
      local row = rows()[2]
      row[field] = value
      return one .. "\n\n" .. dkjson.encode(row)
    end
    refused("", "data.jsonl: there is no task in it")
    refused(one .. "\n{nonsense", "data.jsonl:2: the line is no JSON object")
    refused(one .. "\n[1]", "data.jsonl:2: the line has no 'task_id'")
    refused(one .. "\n3", "data.jsonl:2: the line is no JSON object")
    refused(one .. "\n" .. one, "data.jsonl:2: the task_id 'own/double' stands in line 1 already")
    refused(without("test", nil), "data.jsonl:3: the line has no 'test'")
    refused(without("test", 7), "data.jsonl:3: the line has a 'test' that is no text")
    refused(without("test", "pass"), "data.jsonl:3: the line has a 'test' that defines no check(candidate)")
    refused(without("test", "def check(c): '\0'"), "data.jsonl:3: the line has a 'test' that holds a NUL")
    refused(without("task_id", "a\nb"), "data.jsonl:3: the line has a 'task_id' that is no name")
    refused(without("entry_point", "a; b"), "data.jsonl:3: the line has an 'entry_point' that is no name")
    refused(without("prompt", "def other():"), "data.jsonl:3: the line has a 'prompt' that does not begin a function 'greet'")
    refused(one:sub(1, -2) .. ',"pad":"' .. ("x"):rep(1 << 20) .. '"}', "data.jsonl:1: the line has more than 1048576 bytes")
    assert.equal(6, #data.rows((assert(fakes.sys.read_file(SMALL)):gsub("\n", "\r\n")), "x"))
  end)

  case("without a file, or with one that is not there, the command says what it wants", function()
    local r = bench("--n 3")
    assert.equal(2, r.status)
    assert.matches("%-%-data HumanEval", r.out)
    local one = dkjson.encode(rows()[1])
    fakes.write(folder, { ["data.jsonl"] = one:sub(1, -2) .. ',"test":"x"}' })
    r = bench("--data data.jsonl")
    assert.equal(2, r.status)
    assert.matches("data.jsonl:1: the line is no JSON object", r.out, 1, true)
  end)

  case("a gzip file that is cut, or a bomb, is refused", function()
    assert(os.execute(("cd %s && gzip -c %s | head -c 400 > cut.gz && head -c 100000000 /dev/zero | gzip -9 > bomb.gz"):format(
      fakes.quote(folder), fakes.quote(SMALL))))
    local r, said = bench("--data cut.gz")
    assert.equal(65, r.status)
    assert.matches("cut.gz: the gzip file is cut off", said.error.message, 1, true)
    r, said = bench("--data bomb.gz")
    assert.is_true(r.status ~= 0)
    assert.matches("bomb.gz: the gzip file holds more than 16777216 bytes", said.error.message, 1, true)
  end)

  case("a test that never ends, or never asks, is the file's fault and names its line", function()
    local faults = {
      { "its test does not end within 2.5 seconds", "def check(candidate):\n    candidate(1)\n    while True: pass\n" },
      { "it never calls the candidate", "def check(candidate):\n    pass\n" },
      { "its test cannot be loaded: SyntaxError", "def check(candidate):\n    assert (\n" },
      { "calls the candidate with what is no plain value", "def check(candidate):\n    candidate(print)\n" },
      -- a value of the candidate's that a test cannot digest is the candidate's
      { nil, full and "def check(candidate):\n    assert sum(1 for _ in range(candidate(3))) == 6\n"
        or "def check(candidate):\n    assert candidate(3) == 6\n" },
    }
    local list, artifacts = {}, {}
    for i, fault in ipairs(faults) do
      list[i] = rows()[1]
      list[i].task_id, list[i].test = "t" .. i, fault[2]
      artifacts["t" .. i] = DOUBLE:format(fault[1] and "2 * n" or "10 ** 12")
    end
    write_rows(list)
    fakes.hands_in(folder, artifacts)
    local r = bench("--data data.jsonl --set time=1 --arms ./mine.lua --k 1")
    assert.equal(0, r.status, r.err)
    r = cli.run(folder, "corpus query 'SELECT task, meta, score_pass FROM cell ORDER BY task' --json")
    local cells = dkjson.decode(r.out).rows
    for i, fault in ipairs(faults) do
      local broken = dkjson.decode(cells[i].meta).broken
      assert.equal(0, cells[i].score_pass)
      assert.equal(fault[1] ~= nil, broken ~= nil)
      if broken then
        assert.matches(("data.jsonl:%d: t%d: "):format(i, i), broken.judge.reason, 1, true)
        assert.matches(fault[1], broken.judge.reason, 1, true)
      end
    end
  end)

  case("a model is asked k times, each sample is a cell, and a resume prints the same", function()
    fakes.write(folder, { ["replies/two"] = "Here:\n```python\ndef double(n):\n    return 2 * n\n```\n" })
    local endpoint = endpoints.start(folder, "--replies " .. fakes.quote(folder .. "/replies"))
    local before = "HAN_MODEL=" .. fakes.quote(endpoint.url("chat", "file-two"))
    local r, said = bench(("--data %s --profile model --k 2 --samples 3 --n 2"):format(fakes.quote(SMALL)), { before = before })
    endpoint.stop()
    assert.equal(0, r.status, r.err)
    local arm = said.arms[1]
    assert.same({ "sample", 2, 3, 2, 6 }, { arm.name, arm.n, arm.samples, #arm.pass_at, arm.spend.shots })
    assert.same({ 1, 2 }, { arm.pass_at[1].k, arm.pass_at[2].k })
    assert.equal(arm.right / 6, arm.pass_at[1].mean)
    assert.same({ "split", "strong" }, { said.trust, said.sandbox })
    local again = cli.run(folder, "resume --last --json", { before = before })
    assert.equal(0, again.status, again.err)
    assert.equal(r.out, again.out)
    r = bench("--k 2 --samples 1 --data x")
    assert.equal(2, r.status)
    r = bench("--k 2 --line x --data x")
    assert.matches("%-%-k and %-%-line do not go together", r.out)
  end)

  local public = os.getenv "HAN_HUMANEVAL"
  if os.getenv "HAN_FULL" == "1" and public then
    case("all solutions of the public file pass", function()
      local r, said = bench(("--data %s --set answer=canonical --arms hand_in --k 1 --jobs 2"):format(fakes.quote(public)), { seconds = 1200 })
      assert.equal(0, r.status, r.err)
      assert.same({ 164, 164 }, { said.arms[1].n, said.arms[1].right })
    end)
  end
end)
