-- luacheck: no max line length
-- Cassettes: answers recorded once are replayed byte for byte with no network and no key; a miss says what differs. And
-- keys: a canary is found nowhere, whatever an endpoint does with it.

local cli = dofile "tests/lua/support/cli.lua"
local dkjson = require "dkjson"
local fakes = dofile "tests/lua/support/fakes.lua"
local endpoints = dofile "tests/lua/support/endpoint.lua"

local case = cli.needs_program(it, pending)
local DATA, STRATEGIES = endpoints.DATA, endpoints.STRATEGIES

describe("cassettes", function()
  local folder, remove, endpoint
  before_each(function()
    folder, remove = fakes.folder()
    fakes.write(folder, { ["replies/wrong"] = "```\nnothing\n```\n" })
    endpoint = endpoints.start(folder, "--replies " .. fakes.quote(folder .. "/replies"))
  end)
  after_each(function()
    if endpoint then endpoint.stop() end
    remove()
  end)

  local function run(model, words)
    local r = cli.run(folder, words, { seconds = 120, before = ("HAN_PATH=%s HAN_MODEL=%s"):format(fakes.quote(DATA),
      fakes.quote(model)) })
    return r, dkjson.decode(r.out, 1, nil)
  end

  case("replay what was recorded, with nobody there", function()
    local model = endpoint.url("chat", "file-wrong")
    local words = ("script %s/refine.lua --adapter asked --profile model --cassette tape --json --n 2"):format(STRATEGIES)
    local r, first = run(model, words)
    assert.equal(0, r.status, r.err)
    local tape = fakes.sys.read_file(folder .. "/tape")
    assert.equal(6, select(2, tape:gsub("\n", "")))
    endpoint.stop()
    endpoint = nil
    local again
    r, again = run(model, words)
    assert.equal(0, r.status, r.err)
    assert.same(first, again)
    assert.equal(tape, fakes.sys.read_file(folder .. "/tape"))
    r = run(model, (words:gsub("refine", "sample"))) -- three times the same question, of which there is one answer
    assert.equal(2, r.status)
    assert.matches("asked more often than was recorded", r.err)
    -- another key is not even looked for; another model is another question
    r = run("openai:other", words)
    assert.equal(2, r.status)
    assert.matches("it was recorded with file%-wrong in the dialect chat", r.err)
    r = run(model, words .. " --seed 2 --budget shots=3,tokens=60000")
    assert.equal(0, r.status, r.err) -- the seed is no part of a question
    fakes.write(folder, { ["tape"] = (tape:gsub("number 42", "number 43")) })
    r = run(model, words)
    assert.equal(2, r.status)
    assert.matches("has no answer to this question; the nearest question differs in messages%[2%]%.content; delete", r.err)
  end)
end)

-- The ways in which a key could be written.
local function encodings(key)
  local hex, url, escaped = {}, {}, {}
  for i = 1, #key do
    hex[i], url[i], escaped[i] = ("%02x"):format(key:byte(i)), ("%%%02X"):format(key:byte(i)), ("\\u%04x"):format(key:byte(i))
  end
  local list = { plain = key, hex = table.concat(hex), url = table.concat(url), json = table.concat(escaped) }
  for shift = 0, 2 do -- what is made of the key alone, behind 0, 1 or 2 other bytes
    local text = fakes.shell(("printf %%s %s | base64 -w0"):format(fakes.quote(("x"):rep(shift) .. key)))
    list["base64 behind " .. shift] = text:sub(shift == 0 and 1 or shift == 1 and 3 or 4, #text - 4)
  end
  return list
end

describe("a canary key", function()
  local KEY = "sk-canary-7f3a91c2e5d84b60"
  local folder, remove, endpoint
  before_each(function()
    folder, remove = fakes.folder()
    endpoint = endpoints.start(folder, "--delay 0")
  end)
  after_each(function()
    endpoint.stop()
    remove()
  end)

  local function nowhere(text, where)
    for name, form in pairs(encodings(KEY)) do
      assert.is_nil(text:find(form, 1, true), name .. " of the key is in " .. where)
      assert.is_nil(text:upper():find(form:upper(), 1, true), name .. " of the key is in " .. where)
    end
  end

  case("is found nowhere after any failure, in five encodings", function()
    for _, dialect in ipairs { "chat", "messages" } do
      for i, model in ipairs { "echo", "quota", "cut", "wrong", "errevent", "r503-1", "ok", "hangup", "flood" } do
        local tape = ("tape-%s-%d"):format(dialect, i)
        local r = cli.run(folder, ("script %s/sample.lua --adapter asked --profile model --cassette %s --json --budget shots=1,tokens=60000")
          :format(STRATEGIES, tape), { before = ("HAN_DEBUG=1 HAN_PATH=%s HAN_MODEL_KEY=env:CANARY CANARY=%s HAN_MODEL=%s"):format(
          fakes.quote(DATA), KEY, fakes.quote(endpoint.url(dialect, model))), seconds = 60 })
        nowhere(r.out, model .. " stdout")
        nowhere(r.err, model .. " stderr")
        r = cli.run(folder, "doctor --model --json", { before = ("HAN_MODEL_KEY=env:CANARY CANARY=%s HAN_MODEL=%s"):format(KEY,
          fakes.quote(endpoint.url(dialect, model))) })
        nowhere(r.out .. r.err, model .. " doctor")
      end
    end
    local files = fakes.shell("find " .. fakes.quote(folder) .. " -type f")
    local seen = 0
    for path in files:gmatch("[^\n]+") do
      nowhere(fakes.sys.read_file(path), path)
      seen = seen + 1
    end
    assert.is_true(seen >= 10, files) -- the store and the cassettes
    nowhere(cli.run(folder, "corpus export --json").out, "corpus")
  end)

  case("is in no environment, no command line and no core while calls wait", function()
    local pids = folder .. "/pids"
    -- as soon as the endpoint has a request, who is there is looked at
    local script = ([[
cd %s
ulimit -c unlimited 2>ignored
CANARY=%s HAN_MODEL_KEY=env:CANARY HAN_PATH=%s HAN_MODEL=%s %s script %s/sample.lua --adapter asked --profile model --quiet >o 2>e </dev/null &
pid=$!
for turn in $(seq 600); do
  python3 -c "import sys, json, urllib.request as u; sys.exit(json.load(u.urlopen('http://127.0.0.1:%s/'))['live'] == 0)" && break
done
for one in $pid $(cat /proc/$pid/task/*/children); do
  cat /proc/$one/environ /proc/$one/cmdline >> %s
  echo "pid $one" >> %s
done
kill -SEGV $pid
wait $pid
]]):format(fakes.quote(folder), KEY, fakes.quote(DATA), fakes.quote(endpoint.url("chat", "never")), cli.han, STRATEGIES,
      endpoint.port, fakes.quote(pids), fakes.quote(pids))
    fakes.write(folder, { ["look.sh"] = script })
    os.execute("sh " .. fakes.quote(folder) .. "/look.sh 2>/dev/null")
    os.remove(folder .. "/look.sh")
    local text = fakes.sys.read_file(pids)
    assert.is_true(select(2, text:gsub("pid %d+", "")) >= 2, "han and its job")
    nowhere(text, "an environment")
    for path in fakes.shell("find " .. fakes.quote(folder) .. " -type f"):gmatch("[^\n]+") do -- a core would be there
      nowhere(fakes.sys.read_file(path), path)
    end
  end)
end)
