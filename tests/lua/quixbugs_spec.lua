-- luacheck: no max line length
-- The family quixbugs over a folder of its layout with programs of our own: what is read and what is refused, what a run
-- may see, and candidates that are right, wrong and dishonest. HAN_QUIXBUGS names a checkout for the long form.

local cli = dofile "tests/lua/support/cli.lua"
local dkjson = require "dkjson"
local endpoints = dofile "tests/lua/support/endpoint.lua"
local fakes = dofile "tests/lua/support/fakes.lua"

local case = cli.needs_program(it, pending)
local DATA = fakes.shell("realpath tests/data/quixbugs"):gsub("\n", "")

local full = os.getenv "HAN_FULL" == "1"

local function right(name) return assert(fakes.sys.read_file(("%s/correct_python_programs/%s.py"):format(DATA, name))) end

describe("quixbugs", function()
  local folder, remove
  before_each(function() folder, remove = fakes.folder() end)
  after_each(function() remove() end)

  local function bench(words, options)
    local r = cli.run(folder, "bench quixbugs --quiet --json " .. words, options)
    return r, dkjson.decode(r.out, 1, nil)
  end

  local function cells(columns)
    return dkjson.decode(cli.run(folder, ("corpus query 'SELECT %s FROM cell ORDER BY task' --json"):format(columns)).out).rows
  end

  -- A copy of the data that a test may spoil.
  local function copy()
    assert(os.execute(("cp -r %s %s/data"):format(fakes.quote(DATA), fakes.quote(folder))))
    return function(path, text) fakes.write(folder, { ["data/" .. path] = text }) end
  end

  case("the folder's right programs pass all cases, its faulty ones fail some, and what is left out is counted", function()
    local r, said = bench(("--data %s --set answer=correct --arms hand_in --k 1"):format(DATA))
    assert.equal(0, r.status, r.err)
    assert.same({ 7, 7, "weak", "strong" }, { said.arms[1].n, said.arms[1].right, said.trust, said.sandbox })
    assert.same({ "no_cases is left out: it has neither JSON cases nor a module of tests" }, said.left_out)
    r = cli.run(folder, ("bench quixbugs --data %s --arms hand_in --k 1 --quiet"):format(DATA))
    assert.equal(0, r.status, r.err)
    assert.matches("left out of the data: 1\n  no_cases is left out: it has neither JSON cases", r.out, 1, true)
    assert.matches("trust split, sandbox strong", r.out, 1, true)
    assert.matches("0/7", r.out, 1, true)
    for _, row in ipairs(cells "task, score_pass, verdict_pass, trust") do
      local oracle = row.trust == "weak" and 1 or 0
      assert.same({ oracle, oracle }, { row.score_pass, row.verdict_pass }, row.task)
    end
  end)

  case("a run sees every other case and test, and never the right program", function()
    fakes.hands_in(folder, {}, 'require("han.json").encode(task)')
    local r = bench(("--data %s --arms ./mine.lua --k 1"):format(DATA))
    assert.equal(0, r.status, r.err)
    local seen = {}
    for _, row in ipairs(cells "task, content(output) AS text") do seen[row.task] = row.text end
    for _, hidden in ipairs { "255", "[9,10]", "15,15", "//= base" } do assert.is_nil(seen.digits:find(hidden, 1, true), hidden) end
    for _, shown in ipairs { "[10,2]", "[0,7]", "[100,10]" } do assert.is_truthy(seen.digits:find(shown, 1, true), shown) end
    assert.is_truthy(seen.last_of_chain:find("def test1", 1, true) and seen.last_of_chain:find("def test3", 1, true))
    assert.is_nil(seen.last_of_chain:find("test2", 1, true))
    assert.is_nil(seen.last_of_chain:find("One node", 1, true))
  end)

  case("what fails is told with the call, its value and the line", function()
    fakes.hands_in(folder, { digits = right "digits":gsub("return result", "return [x / 0 for x in result]"), sqrt = "def sqrt(x, epsilon):\n    return int(x ** 0.5 + 0.5)\n",
      min_max = right "min_max":gsub("return low, high", "return high, low"), last_of_chain = "def last_of_chain(node):\n    return None\n", halves = "def halves(:\n" })
    local r = bench(("--data %s --arms ./mine.lua --k 1"):format(DATA))
    assert.equal(0, r.status, r.err)
    local verdicts = {}
    for _, row in ipairs(cells "task, verdict") do verdicts[row.task] = row.verdict end
    local function told(name, text) assert.is_truthy(verdicts[name]:find(text, 1, true), verdicts[name]) end
    told("digits", "digits(10, 2): ZeroDivisionError: division by zero")
    told("min_max", "min_max([3, 1, 2]) gives [3, 1] and should give [1, 3]")
    told("sqrt", "sqrt(2, 0.1) gives 1 and should give 1.4142135623730951 within 0.1")
    told("last_of_chain", "test1 (Three nodes, of which the test keeps the last.), at 'assert found is shared': AssertionError")
    told("halves", "SyntaxError")
    for name, class in pairs { digits = "RUNTIME", min_max = "LOGIC", last_of_chain = "LOGIC", halves = "FORMAT" } do
      assert.matches("failuret.-class.?.?" .. class, (verdicts[name]:gsub("[%c]", "")), name)
    end
    assert.is_nil(verdicts.sqrt:find("sqrt(100, 0.001) gives", 1, true)) -- 10 is near enough
  end)

  -- Of a program on nodes, since those are judged by a test that is code.
  local forged = {
    ["equal to everything"] = "class E:\n    def __eq__(self, other): return True\n    def __getattr__(self, name): return self\n    def __bool__(self): return True\ndef last_of_chain(node):\n    return E()\n",
    ["patches what it can"] = "import sys, builtins\nbuiltins.AssertionError = ValueError\nfor m in list(sys.modules.values()):\n    for k in ('check', 'asked', 'receive'):\n        try: setattr(m, k, lambda *a: True)\n        except Exception: pass\ndef last_of_chain(node):\n    return node\n",
    ["answers for the carrier"] = "class QuixbugsCarrier:\n    pass\ndef last_of_chain(node):\n    global QuixbugsCarrier\n    class QuixbugsCarrier:\n        def __init__(self, *a): pass\n        def receive(self, sent): return [None]\n        def send(self, x): return [True, []]\n    return None\n",
    ["leaves early"] = "import os\ndef last_of_chain(node):\n    os._exit(0)\n",
    ["looks for the test"] = "import os\nseen = [open(os.path.join(d, f)).read() for d, _, fs in os.walk('.') for f in fs]\nassert not [t for t in seen if 'def test1' in t or 'is shared' in t], 'found'\ndef last_of_chain(node):\n    return node\n",
    ["changes what the test keeps"] = "def last_of_chain(node):\n    node.value = 'end'\n    node.successor = None\n    return node\n",
  }

  case("dishonest candidates of a program on nodes do not pass", function()
    local put, artifacts = copy(), {}
    assert(os.execute(("rm -r %s/data && mkdir %s/data"):format(folder, folder)))
    local module = fakes.sys.read_file(DATA .. "/python_testcases/test_last_of_chain.py")
    local texts, n = { honest = right "last_of_chain" }, 0
    for name, text in pairs(forged) do texts[name] = text end
    if not full then texts = { honest = texts.honest, equal = forged["equal to everything"], carrier = forged["answers for the carrier"] } end
    for _, text in pairs(texts) do
      n = n + 1
      local name = text == texts.honest and "honest" or "forged" .. n
      put("python_programs/" .. name .. ".py", "def " .. name .. "(node): pass\n")
      put("correct_python_programs/" .. name .. ".py", "")
      put("python_testcases/test_" .. name .. ".py", (module:gsub("last_of_chain", name)))
      artifacts[name] = text:gsub("last_of_chain", name)
    end
    put("python_testcases/node.py", fakes.sys.read_file(DATA .. "/python_testcases/node.py"))
    fakes.hands_in(folder, artifacts)
    local r, said = bench "--data data --set time=2 --arms ./mine.lua --k 1"
    assert.equal(0, r.status, r.err)
    assert.same({ n, 1 }, { said.arms[1].n, said.arms[1].right })
    assert.is_nil(said.broken)
    for _, row in ipairs(cells "task, score_pass, verdict_pass") do
      assert.same({ row.task == "honest" and 1 or 0, row.task == "honest" and 1 or 0 }, { row.score_pass, row.verdict_pass }, row.task)
    end
  end)

  it("what is wrong with a folder is told with its file and line", function()
    package.loaded["han.json"] = { array = function(list) return list end, decode = function(text)
      local value, _, why = dkjson.decode(text, 1, dkjson.null)
      if why then return nil, "JSON, " .. why, "INVALID" end
      return value
    end }
    package.loaded["han.sys"] = fakes.sys
    local data = dofile "scripts/adapters/quixbugs/data.lua"
    assert.equal(7, #data.read(DATA))

    -- What is said when a file holds a text (nil: is not there), or after a shell command.
    local function refused(want, path, text, command)
      local put = copy()
      if text then put(path, text) end
      if command then assert(os.execute(("cd %s/data && %s"):format(fakes.quote(folder), command))) end
      local found, why, code = data.read(folder .. "/data")
      assert.same({ nil, "INVALID" }, { found, code }, want)
      assert.equal("data: " .. want, why:sub(1, #want + 6))
      assert(os.execute(("rm -r %s/data"):format(fakes.quote(folder))))
    end
    refused("json_testcases/sqrt.json:2: the line is no JSON", "json_testcases/sqrt.json", "[[2, 0.1], 1.4]\n{nonsense\n")
    refused("json_testcases/sqrt.json:1: the line is not [arguments, wanted]", "json_testcases/sqrt.json", "[[2, 0.1]]\n")
    refused("json_testcases/sqrt.json:1: the line is not [arguments, wanted]", "json_testcases/sqrt.json", "7\n")
    refused("json_testcases/sqrt.json:1: the line does not say how near", "json_testcases/sqrt.json", "[[2], 1.4]\n")
    refused("json_testcases/sqrt.json: there is no case in it", "json_testcases/sqrt.json", "\n\n")
    refused("json_testcases/digits.json:1001: more than 1000 cases", "json_testcases/digits.json", ("[[1, 2], [1]]\n"):rep(1001))
    refused("python_programs/digits.py holds a NUL", "python_programs/digits.py", "a\0b")
    refused("python_programs/digits.py is no UTF-8", "python_programs/digits.py", "a\255b")
    refused("python_programs/digits.py: ", "python_programs/digits.py", ("# x\n"):rep(1 << 17))
    refused("python_testcases/test_last_of_chain.py: there is no test in it", "python_testcases/test_last_of_chain.py", "x = 1\n")
    refused("python_testcases/test_last_of_chain.py:4: behind the first test", "python_testcases/test_last_of_chain.py", "def test1():\n    pass\n\nx = 1\n")
    refused("python_programs/digits.py leads out of the folder", nil, nil, "ln -sf /etc/passwd python_programs/digits.py")
    refused("json_testcases/sqrt.json leads out of the folder", nil, nil, "ln -sf ../../elsewhere json_testcases/sqrt.json && echo '[]' > ../elsewhere")
    refused("correct_python_programs/digits.py: ", nil, nil, "ln -sf nowhere correct_python_programs/digits.py")
    refused("python_testcases/node.py: ", nil, nil, "rm python_testcases/node.py && mkdir python_testcases/node.py")
    refused("there is no program in it that could be judged", nil, nil, "rm -r python_programs")

    copy()("python_programs/a b.py", "x")
    assert(os.execute(("rm %s/data/correct_python_programs/halves.py"):format(fakes.quote(folder))))
    local found, left = data.read(folder .. "/data")
    assert.same({ 6, "a b is left out: no function has such a name", "halves is left out: it has no correct_python_programs/halves.py", 3 },
      { #found, left[1], left[2], #left })
  end)

  case("without a folder, or with options that mean nothing, the command says what it wants", function()
    local function refused(words, want)
      local r = bench(words)
      assert.equal(2, r.status)
      assert.matches(want, r.out, 1, true)
    end
    refused("--n 3", "--data QuixBugs")
    refused(("--data %s --set answer=wrong"):format(DATA), "buggy (the programs as they are) and correct")
    refused(("--data %s --set time=0"):format(DATA), "time, the seconds of one call")
    refused(("--data %s --split train"):format(DATA), "--set parts=1")
  end)

  case("a test module that cannot be loaded is the folder's fault", function()
    copy()("python_testcases/test_last_of_chain.py", "import numpy\n\ndef test1():\n    pass\n")
    assert(os.execute(("cd %s/data/python_programs && ls | grep -v 'digits\\|last' | xargs rm"):format(fakes.quote(folder))))
    local r = bench "--data data --arms hand_in --k 1"
    assert.equal(0, r.status, r.err)
    for _, row in ipairs(cells "task, meta") do
      local broken = dkjson.decode(row.meta).broken
      assert.equal(row.task == "last_of_chain", broken ~= nil)
      if broken then assert.matches("python_testcases/test_last_of_chain.py: its test cannot be loaded: ModuleNotFoundError", broken.verifier.reason, 1, true) end
    end
  end)

  case("a model is told what the program must do and what fails, and its answer is judged", function()
    fakes.write(folder, { ["replies/digits"] = "The base:\n```python\n" .. right "digits" .. "```\n" })
    local endpoint = endpoints.start(folder, "--replies " .. fakes.quote(folder .. "/replies"))
    local before = "HAN_MODEL=" .. fakes.quote(endpoint.url("chat", "file-digits"))
    local put = copy()
    assert(os.execute(("cd %s/data/python_programs && ls | grep -v digits | xargs rm"):format(fakes.quote(folder))))
    put("python_programs/node.py", "")
    local r, said = bench("--data data --profile model --arms sample,patch --k 1", { before = before })
    endpoint.stop()
    assert.equal(0, r.status, r.err)
    local arm = said.arms[1]
    assert.same({ 1, 1, 1, "split" }, { arm.n, arm.right, arm.spend.shots, said.trust })
    assert.equal(2, arm.spend.evals) -- how the program does at first, and the answer
    assert.same({ 1, 1 }, { said.arms[2].right, said.arms[2].spend.shots }) -- within the class and the owner of its failure
    assert.same({}, said.left_out)
  end)

  case("the built-in worker mends a line", function()
    copy()
    assert(os.execute(("cd %s/data/python_programs && ls | grep -v min_max | xargs rm"):format(fakes.quote(folder))))
    local r, said = bench "--data data --arms sample --k 1 --set time=1 --budget shots=4,evals=240"
    assert.equal(0, r.status, r.err)
    assert.same({ 1, 1, "split" }, { said.arms[1].n, said.arms[1].right, said.trust })
    assert.is_true(said.arms[1].spend.evals > 1)
  end)

  local public = os.getenv "HAN_QUIXBUGS"
  if full and public then
    case("all right programs of the public repository pass, and no faulty one does", function()
      for answer, passing in pairs { correct = 40, buggy = 0 } do
        local r, said = bench(("--data %s --set answer=%s --arms hand_in --k 1 --jobs 2"):format(fakes.quote(public), answer), { seconds = 1200 })
        assert.equal(0, r.status, r.err)
        assert.same({ 40, passing, 2 }, { said.arms[1].n, said.arms[1].right, #said.left_out })
      end
    end)
  end
end)
