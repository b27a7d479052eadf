-- luacheck: no max line length
-- han.model.*: names of endpoints, bodies in three dialects, usage in buckets that do not overlap, prices. Pure Lua;
-- the reading of replies has tests in C, the calls have models_spec.

local dkjson = require "dkjson"

local function load_with_json(name)
  local saved = package.loaded["han.json"]
  package.loaded["han.json"] = {
    decode = function(text)
      local value, _, why = dkjson.decode(text, 1, nil)
      if why then return nil, why, "SYNTAX" end
      return value
    end,
    encode = function(value) return dkjson.encode(value) end,
  }
  package.loaded[name] = nil
  local module = require(name)
  package.loaded["han.json"], package.loaded[name] = saved, nil
  return module
end

describe("han.model.endpoint", function()
  local endpoint = require "han.model.endpoint"

  it("reads the names of models", function()
    local e = endpoint.read "anthropic:claude-x"
    assert.equal("messages", e.dialect)
    assert.equal("https://api.anthropic.com/v1/messages", e.url)
    assert.equal("env:ANTHROPIC_API_KEY", e.key)
    e = endpoint.read "openai:gpt-x"
    assert.equal("https://api.openai.com/v1/responses", e.url)
    e = endpoint.read "http://127.0.0.1:8080/v1/#qwen:7b"
    assert.same({ "chat", "http://127.0.0.1:8080/v1/chat/completions", "qwen:7b", true },
      { e.dialect, e.url, e.model, e.here })
    assert.is_nil(e.key)
    e = endpoint.read "messages+https://proxy.example.org/v1#m"
    assert.same({ "messages", "https://proxy.example.org/v1/messages", 1024, 64 }, { e.dialect, e.url, e.hidden, e.parallel })
  end)

  it("takes settings", function()
    local e = endpoint.read("openai:x", { HAN_MODEL_KEY = "file:/k", HAN_MODEL_PARALLEL = "7", HAN_MODEL_HIDDEN = "9",
      HAN_MODEL_PER_MINUTE = "60" })
    assert.same({ "file:/k", 7, 9, 60 }, { e.key, e.parallel, e.hidden, e.per_minute })
    local none, why = endpoint.read("openai:x", { HAN_MODEL_PARALLEL = "many" })
    assert.is_nil(none)
    assert.matches("HAN_MODEL_PARALLEL must be a whole number", why)
  end)

  it("refuses what is no model, and http to elsewhere", function()
    for _, name in ipairs { "", "gpt-x", "foo:bar", "anthropic:", "http://127.0.0.1:1/v1", "odd+http://127.0.0.1:1/v1#m",
      "http://example.org/v1#m", "http://127.0.0.1.example.org/v1#m", "ftp://127.0.0.1/#m" } do
      local none, why, code = endpoint.read(name)
      assert.is_nil(none, name)
      assert.is_string(why)
      assert.equal("INVALID", code)
    end
  end)
end)

describe("han.model.usage", function()
  local usage = require "han.model.usage"
  local read = usage.read
  usage = setmetatable({ read = function(dialect, last, first)
    local function table_of(text) return text and dkjson.decode(text, 1, nil) end
    return read(dialect, table_of(last), table_of(first))
  end }, { __index = usage })

  it("takes overlapping counts apart", function()
    assert.same({ input = 7, cache_read = 3, cache_write = 0, output = 3, reasoning = 1 }, (usage.read("chat",
      [[{"prompt_tokens":10,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":3},
      "completion_tokens_details":{"reasoning_tokens":1}}]])))
    assert.same({ input = 10, cache_read = 0, cache_write = 0, output = 4, reasoning = 0 },
      (usage.read("chat", [[{"prompt_tokens":10,"completion_tokens":4}]])))
    assert.same({ input = 7, cache_read = 2, cache_write = 0, output = 2, reasoning = 3 }, (usage.read("responses",
      [[{"input_tokens":9,"input_tokens_details":{"cached_tokens":2},"output_tokens":5,
      "output_tokens_details":{"reasoning_tokens":3}}]])))
    assert.same({ input = 12, cache_read = 5, cache_write = 2, output = 15, reasoning = 0 }, (usage.read("messages",
      [[{"output_tokens":15}]], [[{"input_tokens":12,"cache_creation_input_tokens":2,"cache_read_input_tokens":5,
      "output_tokens":1}]])))
    assert.equal(34, usage.tokens { input = 12, cache_read = 5, cache_write = 2, output = 15, reasoning = 0 })
  end)

  it("calls unknown what cannot be", function()
    for _, text in ipairs { "{}", "[]", [[{"prompt_tokens":1}]], [[{"prompt_tokens":-1,"completion_tokens":1}]],
      [[{"prompt_tokens":1.5,"completion_tokens":1}]], [[{"prompt_tokens":99999999999999999999,"completion_tokens":1}]],
      [[{"prompt_tokens":1,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":2}}]],
      [[{"prompt_tokens":"1","completion_tokens":1}]] } do
      assert.is_nil((usage.read("chat", text)), text)
    end
    assert.is_nil((usage.read("messages", nil, nil)))
  end)
end)

describe("han.model.prices", function()
  local prices = load_with_json "han.model.prices"
  local GPT = { input = 150000, output = 600000, cache_read = 75000, cache_write = 150000 }

  it("imports both public tables", function()
    local rows, count = prices.import [[{"sample_spec":{"input_cost_per_token":"text"},"gpt-x":{"input_cost_per_token":1.5e-07,
      "output_cost_per_token":6e-07,"cache_read_input_token_cost":7.5e-08},"image":{"output_cost_per_image":1}}]]
    assert.equal(1, count)
    assert.same({ ["gpt-x"] = GPT }, rows)
    rows, count = prices.import [[{"openai":{"id":"openai","models":{"gpt-x":{"cost":{"input":0.15,"output":0.6,
      "cache_read":0.075}},"free":{}}},"other":{"models":{"gpt-x":{"cost":{"input":1,"output":2}}}}}]]
    assert.equal(3, count)
    assert.same(GPT, rows["gpt-x"])
    assert.same(GPT, rows["openai/gpt-x"])
    assert.equal(1000000, rows["other/gpt-x"].input)
  end)

  it("refuses what is no table", function()
    for _, text in ipairs { "{}", "[]", "x", "3", [[{"a":{"input_cost_per_token":-1,"output_cost_per_token":1}}]] } do
      assert.is_nil((prices.import(text)), text)
    end
    assert.is_nil((prices.read [[{"models":{"a":{"input":1}}}]]))
    assert.is_nil((prices.read [[{"models":{"a":{"input":1.5,"output":1,"cache_read":1,"cache_write":1}}}]]))
  end)

  it("costs what was used, rounded up, and never more than the bound", function()
    local usage = { input = 7, cache_read = 3, cache_write = 0, output = 3, reasoning = 1 }
    -- 7 x 150 + 3 x 75 + 4 x 600 nano-dollars
    assert.equal(3675, prices.cost(GPT, usage))
    assert.equal(1, prices.cost({ input = 1, output = 1, cache_read = 1, cache_write = 1 }, usage))
    assert.equal(10 * 150 + 4 * 600, prices.bound(GPT, 10, 4))
    for n = 1, 200 do
      local row = { input = n * 37, output = n * 911, cache_read = n * 13, cache_write = n * 46 }
      local some = { input = n, cache_read = n // 2, cache_write = n // 3, output = n % 7, reasoning = n % 5 }
      assert.is_true(prices.cost(row, some)
        <= prices.bound(row, some.input + some.cache_read + some.cache_write, some.output + some.reasoning))
    end
  end)

  it("knows how old a table is", function()
    local now = 1795219200 -- 2026-11-21, 00:00 UTC
    for date, days in pairs { ["2026-11-21"] = 0, ["2026-11-20"] = 1, ["2026-05-25"] = 180, ["2026-05-24"] = 181, ["2024-02-29"] = 996,
      ["2000-03-01"] = 9761, ["1970-01-01"] = 20778, ["2026-11-22"] = -1 } do
      assert.same({ date, days }, { date, prices.age(date, now) })
      assert.same({ date, days }, { date, prices.age(date, now + 86399.9) })
    end
    for _, date in ipairs { false, 7, "yesterday", "2026-11", "2026-11-21T00:00" } do assert.is_nil(prices.age(date, now)) end
  end)

  it("reads a price from the command line", function()
    assert.same({ input = 3000000, output = 15000000, cache_read = 3000000, cache_write = 3000000 }, prices.parse "3,15")
    for _, text in ipairs { "3", "3,", "a,b", "-1,2", "3,15,1", "1.2.3,4" } do assert.is_nil((prices.parse(text)), text) end
  end)

  it("finds a model, by its maker's name too", function()
    local tables = { { models = { ["openai/gpt-x"] = GPT } } }
    assert.equal(GPT, prices.find(tables, { model = "gpt-x", maker = "openai" }))
    assert.is_nil(prices.find(tables, { model = "gpt-x" }))
  end)

  it("brings a table along, of a day and a source, for models as their makers serve them", function()
    local pinned = prices.snapshot()
    assert.matches("^%d%d%d%d%-%d%d%-%d%d$", pinned.date)
    assert.matches("^%x+$", pinned.commit)
    local count = 0
    for name, row in pairs(pinned.models) do
      count = count + 1
      assert.matches("^%l+/[%w.-]+$", name)
      for _, kind in ipairs(prices.KINDS) do assert.is_true(row[kind] > 0, name) end
      assert.is_true(row.output >= row.input and row.cache_read <= row.input and row.cache_write >= row.input, name)
    end
    assert.equal(103, count)
    local row, date = prices.find({ pinned }, { model = "gpt-5", maker = "openai" })
    assert.same({ 1250000, 10000000, pinned.date }, { row.input, row.output, date })
    assert.is_nil((prices.find({ pinned }, { model = "gpt-5" }))) -- a server of one's own has prices of its own
  end)

  it("counts the dearer price where a prompt is long, in bounds and in costs", function()
    local rows = prices.import [[{"m":{"input_cost_per_token":1e-06,"output_cost_per_token":2e-06,
      "input_cost_per_token_above_200k_tokens":2e-06,"output_cost_per_token_above_200k_tokens":3e-06}}]]
    local row = rows.m
    assert.same({ 200000, 2000000, 3000000 }, { row.long.from, row.long.input, row.long.output })
    local function usage(n) return { input = n, cache_read = 0, cache_write = 0, output = 1, reasoning = 0 } end
    assert.equal(200000 * 1000 + 2000, prices.cost(row, usage(200000)))
    assert.equal(200001 * 2000 + 3000, prices.cost(row, usage(200001)))
    assert.equal(prices.cost(row, usage(200001)), prices.bound(row, 200001, 1))
    assert.is_nil((prices.read [[{"models":{"a":{"input":1,"output":1,"cache_read":1,"cache_write":1,"long":{"from":1}}}}]]))
  end)
end)

describe("han.model.dialect", function()
  local dialect = load_with_json "han.model.dialect"
  local TOOL = { name = "f", description = "d", parameters = { type = "object" } }
  local function ask(more)
    local request = { messages = { { role = "system", text = "be" }, { role = "user", text = "hi" },
      { role = "assistant", text = "", calls = { { id = "c", name = "f", arguments = '{"a":1}' } } },
      { role = "tool", call_id = "c", text = "7" }, { role = "user", text = "go on" } }, max_tokens = 50 }
    for name, value in pairs(more or {}) do request[name] = value end
    return request
  end

  it("writes chat completions", function()
    local body = dialect.by_name.chat.body({ model = "m", maker = "openai" }, ask { tools = { TOOL }, seed = 3 })
    assert.same({ 50, nil, true, true, 3 }, { body.max_completion_tokens, body.max_tokens, body.stream,
      body.stream_options.include_usage, body.seed })
    assert.same({ role = "assistant", content = "", tool_calls = { { id = "c", type = "function",
      ["function"] = { name = "f", arguments = '{"a":1}' } } } }, body.messages[3])
    assert.same({ role = "tool", tool_call_id = "c", content = "7" }, body.messages[4])
    assert.equal("f", body.tools[1]["function"].name)
    assert.equal(50, dialect.by_name.chat.body({ model = "m" }, ask()).max_tokens)
  end)

  it("writes Responses", function()
    local body = dialect.by_name.responses.body({ model = "m" }, ask { schema = { name = "s", schema = { type = "object" } } })
    assert.same({ type = "function_call", call_id = "c", name = "f", arguments = '{"a":1}' }, body.input[3])
    assert.same({ type = "function_call_output", call_id = "c", output = "7" }, body.input[4])
    assert.equal("json_schema", body.text.format.type)
    assert.equal(false, body.store)
  end)

  it("writes Messages, where roles take turns", function()
    local body = dialect.by_name.messages.body({ model = "m" }, ask { tools = { TOOL } })
    assert.equal("be", body.system)
    assert.equal(3, #body.messages)
    assert.same({ { type = "tool_use", id = "c", name = "f", input = { a = 1 } } }, body.messages[2].content)
    assert.same({ { type = "tool_result", tool_use_id = "c", content = "7" }, { type = "text", text = "go on" } },
      body.messages[3].content)
    assert.same({ type = "object" }, body.tools[1].input_schema)
  end)

  it("names the end", function()
    local function stop(name, reply)
      reply.calls = reply.calls or {}
      return dialect.stop({ dialect = name }, reply)
    end
    assert.equal("end", stop("chat", { stop = "stop" }))
    assert.equal("length", stop("chat", { stop = "length", calls = { {} } }))
    assert.equal("tools", stop("responses", { stop = "completed", calls = { {} } }))
    assert.equal("length", stop("responses", { stop = "max_output_tokens" }))
    assert.equal("refusal", stop("messages", { stop = "refusal" }))
    assert.equal("refusal", stop("chat", { stop = "stop", refusal = "no" }))
    assert.equal("other", stop("chat", { stop = "odd" }))
  end)
end)
