-- Whether a text is JSON, by reduction: tokens to letters, then innermost brackets to one letter.
local function valid(text)
  local t = text:gsub("\\[\"\\/ntr]", "_"):gsub("\\u%x%x%x%x", "_"):gsub('"[^"\\]*"', "S")
  t = t:gsub("%f[%a]true%f[%A]", "V"):gsub("%f[%a]false%f[%A]", "V"):gsub("%f[%a]null%f[%A]", "V")
  t = t:gsub("%-?%d[%d%.eE+-]*", function(n)
    if n:find "^%-?0%d" then return "!" end
    local rest = n:gsub("^%-?%d+", ""):gsub("^%.%d+", ""):gsub("^[eE][+-]?%d+", "")
    return rest == "" and "V" or "!"
  end)
  t = t:gsub("%s+", "")
  local function list(inner) return ("," .. inner):gsub(",[VS]", "") == "" or inner == "" end
  local function map(inner) return ("," .. inner):gsub(",S:[VS]", "") == "" or inner == "" end
  repeat
    local n, m
    t, n = t:gsub("%[([^%[%]{}]*)%]", function(inner) return list(inner) and "V" or "!" end)
    t, m = t:gsub("{([^%[%]{}]*)}", function(inner) return map(inner) and "V" or "!" end)
  until n + m == 0
  return t == "V" or t == "S"
end

local function null() return { kind = "null" } end
local function num(n) return { kind = "number", value = n } end
local function str(s) return { kind = "text", value = s } end
local function bool(b) return { kind = "bool", value = b } end
local function list(...) return { kind = "list", items = { ... } } end
local function map(...)
  local node, all = { kind = "map", keys = {}, values = {} }, { ... }
  for i = 1, #all, 2 do node.keys[#node.keys + 1] = all[i] node.values[#node.values + 1] = all[i + 1] end
  return node
end

local function node(rng, depth)
  local roll = rng(depth > 0 and 8 or 5)
  if roll == 1 then return null() end
  if roll == 2 then return bool(rng.chance(0.5)) end
  if roll == 3 then return num(rng.int(-50, 2000)) end
  if roll == 4 then return num(rng.int(-9, 9) / 4) end
  if roll == 5 then return str(rng.pick { "", "a b", 'q"q', "x\\y", "l\nl", "\1", "t\tt" }) end
  if roll < 7 then return list(table.unpack(rng.list(0, 3, function() return node(rng, depth - 1) end))) end
  local items = {}
  for _ = 1, rng.int(0, 4) do
    items[#items + 1] = rng.pick { "a", "b" }
    items[#items + 1] = node(rng, depth - 1)
  end
  return map(table.unpack(items))
end

local function text_of(rng, n)
  local gap = rng.pick { "", "", " ", "\n " }
  if n.kind == "null" then return "null" end
  if n.kind == "text" then
    return '"' .. n.value:gsub('[\\"]', "\\%0"):gsub("%c", function(c) return ("\\u%04X"):format(c:byte()) end) .. '"'
  end
  local parts = {}
  if n.kind == "list" then
    for i, item in ipairs(n.items) do parts[i] = gap .. text_of(rng, item) end
    return "[" .. table.concat(parts, gap .. ",") .. gap .. "]"
  elseif n.kind == "map" then
    for i, key in ipairs(n.keys) do
      parts[i] = gap .. '"' .. key .. '"' .. gap .. ":" .. gap .. text_of(rng, n.values[i])
    end
    return "{" .. table.concat(parts, gap .. ",") .. gap .. "}"
  end
  return tostring(n.value)
end

local function spoiled(rng, text)
  local at = rng.int(1, #text)
  return rng.pick { text:sub(1, -2), text .. ",", text:sub(1, at - 1) .. "," .. text:sub(at), text .. " 7", "01",
    "[1 2]", '{"a" 1}', '{a:1}', '"\\q"', "[1,]", "tru", "-", "1.", "[" .. text, '"\\u12g4"', "" }
end

local DOC = '{"user": {"name": "Ada", "tags": ["x", "y"]}, "n": [1, [2, 3]], "n2": null}'

return {
  job = "reads JSON text into a tree, writes it back and picks parts of it by path",
  brief = "Nodes are { kind = 'null' }, { kind = 'bool' | 'number' | 'text', value }, { kind = 'list', items } and "
    .. "{ kind = 'map', keys, values }. Escapes known are \\\" \\\\ \\/ \\n \\t \\r and \\uXXXX.",
  blocks = {
    { name = "quote", signature = "quote(text) -> JSON string",
      pre = function() return true end,
      post = function(a, r) return #r[1] >= #a[1] + 2 and not r[1]:find "%c" end,
      hidden = function(rng)
        return { table.concat(rng.list(0, 6, function() return rng.pick { "a", " ", '"', "\\", "\n", "\t", "\r", "\1",
          "\31", "/", "é" } end)) }
      end,
      examples = {
        { args = { "" }, want = { "\"\"" } },
        { args = { "plain" }, want = { "\"plain\"" } },
        { args = { 'say "hi"' }, want = { "\"say \\\"hi\\\"\"" } },
        { args = { "back\\slash" }, want = { "\"back\\\\slash\"" } },
        { args = { "two\nlines" }, want = { "\"two\\nlines\"" } },
        { args = { "\t\r" }, want = { "\"\\t\\r\"" } },
        { args = { "\1\27" }, want = { "\"\\u0001\\u001b\"" } },
        { args = { "a/b" }, want = { "\"a/b\"" } },
      } },
    { name = "unquote", signature = "unquote(text, at) -> content, index after the closing quote",
      pre = function(a)
        local t = a[1]:sub(a[2])
        if t:sub(1, 1) ~= '"' then return false end
        t = t:gsub("\\u%x%x%x%x", "__"):gsub("\\[\"\\/ntr]", "__")
        local inside = t:match '^"([^"]*)"'
        return inside ~= nil and not inside:find("\\", 1, true)
      end,
      post = function(a, r) return a[1]:sub(r[2] - 1, r[2] - 1) == '"' end,
      hidden = function(rng, i)
        local body = table.concat(rng.list(0, 5, function() return rng.pick { "a", " ", '\\"', "\\\\", "\\n", "\\t",
          "\\r", "\\/", "\\u0041", "\\u00e9", "\\u20AC" } end))
        local lead = rng.word("xy:", 0, 3)
        local text = lead .. '"' .. body .. '"' .. rng.pick { "", ",", ' "b"' }
        if i % 4 == 0 then text = rng.pick { lead .. body, lead .. '"' .. body, lead .. '"' .. body .. '\\q"',
          lead .. '"\\u12G4"', lead .. '"\\u12' } end
        return { text, #lead + 1 }
      end,
      examples = {
        { args = { '"abc"', 1 }, want = { "abc", 6 } },
        { args = { '""', 1 }, want = { "", 3 } },
        { args = { '[1,"x"]', 4 }, want = { "x", 7 } },
        { args = { '"a\\"b"', 1 }, want = { "a\"b", 7 } },
        { args = { '"\\u0041\\u00e9"', 1 }, want = { "Aé", 15 } },
        { args = { '"line\\nend", 2', 1 }, want = { "line\nend", 12 } },
        { args = { '"open', 1 }, want_error = "string without an end$" },
        { args = { '"\\x"', 1 }, want_error = "bad escape at 2$" },
        { args = { '"\\u12z4"', 1 }, want_error = "bad escape at 2$" },
        { args = { "abc", 2 }, want_error = "no string at 2$" },
      } },
    { name = "read_number", signature = "read_number(text, at) -> number, index after it",
      pre = function(a)
        local t = a[1]:sub(a[2])
        return t:find "^%-?%d" ~= nil and not t:find "^%-?0%d"
      end,
      post = function(a, r) return r[2] > a[2] and type(r[1]) == "number" end,
      hidden = function(rng, i)
        local lead = rng.pick { "", " ", "[-", "1," }
        local text = rng.pick { "0", "-0", "7", "120", "-33", tostring(rng.int(-9999, 9999)) }
          .. rng.pick { "", "", ".5", ".25", "." } .. rng.pick { "", "", "e2", "E-1", "e+1", "e" }
          .. rng.pick { "", ",", "]", " 4" }
        if i % 5 == 0 then text = rng.pick { "012", "-", "x1", ".5", "-a", "+3" } end
        return { lead .. text, #lead + 1 }
      end,
      examples = {
        { args = { "12", 1 }, want = { 12, 3 } },
        { args = { "[-7]", 2 }, want = { -7, 4 } },
        { args = { "0.5,", 1 }, want = { 0.5, 4 } },
        { args = { "2e3", 1 }, want = { 2000.0, 4 } },
        { args = { "1.5E-1 ", 1 }, want = { 0.14999999999999999, 7 } },
        { args = { "3.x", 1 }, want = { 3, 2 } },
        { args = { "007", 1 }, want_error = "bad number at 1$" },
        { args = { "-", 1 }, want_error = "bad number at 1$" },
        { args = { "abc", 1 }, want_error = "bad number at 1$" },
        { args = { "12e", 1 }, want = { 12, 3 } },
      } },
    { name = "parse", signature = "parse(text) -> node",
      pre = function(a) return valid(a[1]) end,
      post = function(_, r) return type(r[1].kind) == "string" end,
      hidden = function(rng, i)
        local text = rng.pick { "", " ", "\n" } .. text_of(rng, node(rng, 2)) .. rng.pick { "", " " }
        if i % 3 == 0 then text = spoiled(rng, text) end
        return { text }
      end,
      examples = {
        { args = { "null" }, want = { { kind = "null" } } },
        { args = { " true " }, want = { { kind = "bool", value = true } } },
        { args = { "[1, -2.5, \"x\"]" },
          want = {
            {
              items = {
                { kind = "number", value = 1 }, { kind = "number", value = -2.5 }, { kind = "text", value = "x" },
              },
              kind = "list",
            },
          } },
        { args = { "[]" }, want = { { items = {}, kind = "list" } } },
        { args = { "{ }" }, want = { { keys = {}, kind = "map", values = {} } } },
        { args = { '{"a": 1, "b": [false]}' },
          want = {
            {
              keys = { "a", "b" }, kind = "map",
              values = {
                { kind = "number", value = 1 }, { items = { { kind = "bool", value = false } }, kind = "list" },
              },
            },
          } },
        { args = { "[1, 2" }, want_error = "no %] at 6$" },
        { args = { '{"a" 1}' }, want_error = "no colon at 6$" },
        { args = { "1 2" }, want_error = "text after the value at 3$" },
        { args = { "" }, want_error = "bad number at 1$" },
        { args = { "nil" }, want_error = "bad number at 1$" },
      } },
    { name = "write", signature = "write(node) -> compact JSON text",
      pre = function() return true end,
      post = function(_, r) return valid(r[1]) end,
      hidden = function(rng) return { node(rng, 3) } end,
      examples = {
        { args = { null() }, want = { "null" } },
        { args = { bool(false) }, want = { "false" } },
        { args = { num(12) }, want = { "12" } },
        { args = { num(-0.5) }, want = { "-0.5" } },
        { args = { str 'a "b"' }, want = { "\"a \\\"b\\\"\"" } },
        { args = { list(num(1), list(), map()) }, want = { "[1,[],{}]" } },
        { args = { map("a", num(1), "b", null()) }, want = { "{\"a\":1,\"b\":null}" } },
        { args = { map("k", num(1), "l", num(2), "k", num(3)) }, want = { "{\"k\":3,\"l\":2}" } },
        { args = { list(str "", list(list())) }, want = { "[\"\",[[]]]" } },
      } },
    { name = "at_path", signature = "at_path(node, path) -> node or nil",
      pre = function() return true end,
      post = function(_, r) return r[1] == nil or type(r[1].kind) == "string" end,
      hidden = function(rng)
        local steps = rng.list(0, 3, function() return rng.pick { "a", "b", "c", "1", "2" } end)
        return { rng.pick { map, list }("a", node(rng, 2), "b", node(rng, 2)).keys
          and map("a", node(rng, 2), "b", node(rng, 2), "a", node(rng, 1)) or list(node(rng, 2), node(rng, 2)),
          table.concat(steps, "/") }
      end,
      examples = {
        { args = { num(5), "" }, want = { { kind = "number", value = 5 } } },
        { args = { list(num(5), num(6)), "2" }, want = { { kind = "number", value = 6 } } },
        { args = { list(num(5)), "2" }, want = {} },
        { args = { list(num(5)), "x" }, want = {} },
        { args = { map("a", map("b", str "deep")), "a/b" }, want = { { kind = "text", value = "deep" } } },
        { args = { map("a", num(1), "a", num(2)), "a" }, want = { { kind = "number", value = 2 } } },
        { args = { num(1), "a" }, want = {} },
        { args = { map("l", list(null(), bool(true))), "/l/2/" }, want = { { kind = "bool", value = true } } },
      } },
  },
  integration = { name = "extract", signature = "extract(text, path) -> compact text of the node at path, its depth",
    pre = function(a)
      if not valid(a[1]) then return false end
      local keys = { [""] = true, n = true, n2 = true, user = true, ["n/2"] = true, ["n/2/1"] = true,
        ["user/tags"] = true, ["user/tags/2"] = true, ["user/name"] = true }
      return a[1] ~= DOC and a[2] == "" or a[1] == DOC and keys[a[2]] == true
    end,
    post = function(_, r) return valid(r[1]) and r[2] >= 0 end,
    hidden = function(rng, i)
      if i % 3 == 0 then return { DOC, rng.pick { "n", "n2", "user", "n/2", "n/2/1", "user/tags", "user/tags/2",
        "user/name", "n/3", "user/x", "name", "n/a", "n2/1" } } end
      local text = text_of(rng, node(rng, 3))
      if i % 5 == 0 then text = spoiled(rng, text) end
      return { text, "" }
    end,
    examples = {
      { args = { DOC, "user" }, want = { "{\"name\":\"Ada\",\"tags\":[\"x\",\"y\"]}", 2 } },
      { args = { DOC, "user/tags/2" }, want = { "\"y\"", 0 } },
      { args = { DOC, "n" }, want = { "[1,[2,3]]", 2 } },
      { args = { DOC, "" },
        want = { "{\"user\":{\"name\":\"Ada\",\"tags\":[\"x\",\"y\"]},\"n\":[1,[2,3]],\"n2\":null}", 3 } },
      { args = { DOC, "n/3" }, want_error = "nothing at n/3$" },
      { args = { DOC, "user/name/x" }, want_error = "nothing at user/name/x$" },
      { args = { "[[[]], 1]", "" }, want = { "[[[]],1]", 3 } },
      { args = { "[1, 2", "" }, want_error = "no %] at 6$" },
      { args = { "{\"a\": 1} x", "" }, want_error = "text after the value at 10$" },
      { args = { " 12 ", "" }, want = { "12", 0 } },
    } },
}
