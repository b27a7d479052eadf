local PIECES = { "Dear ", "{{name}}", "{{ name|upper }}", "{{who.first|title}}", "{{none|or}}", "{{.|or}}", "<b>", "{",
  "}} ", "{{tags}}",
  "{{note|html}}", "{{#items}}{{name}};{{/items}}", "{{^none}}no{{/none}}", "{{#who}}{{first}} {{name}}{{/who}}",
    "{{#tags}}<{{.}}>{{/tags}}",
  "{{#off}}x{{/off}}", "{{^off}}y{{/off}}", "{{#items}}{{#who}}{{first}}{{/who}},{{/items}}", "{{^empty}}e{{/empty}}",
    "{{#on}}{{name}}{{/on}}" }
local BAD = { "{{", "{{name", "{{}}", "{{#a}}", "{{/a}}", "{{#a}}{{/b}}", "{{na me}}", "{{name|}}",
  "{{#a|upper}}{{/a}}", "{{name|lower}}" }
local function data() return { name = "ann", who = { first = "bob lee" }, tags = { "x", "y" }, note = "a<b & c",
  items = { { name = "p" },
  { name = "q" } }, off = false, on = true, empty = {} } end
local function pieces(rng, i, from)
  local list = rng.list(0, 4, function() return rng.pick(PIECES):gsub("{{tags}}", "{{name}}"):gsub("{{%.|or}}", "-")
    .. "" end)
  if i % 4 == 0 then list[#list + 1] = BAD[rng(from or #BAD)] end
  return table.concat(list)
end
-- What is wrong with a template: "tag" or "section" or "filter", by cutting tags out one by one.
local function flaw(text)
  local open = {}
  while true do
    local at = text:find("{{", 1, true)
    if not at then break end
    local stop = text:find("}}", at, true)
    if not stop then return "tag" end
    local tag = text:sub(at + 2, stop - 1):match "^%s*(.-)%s*$"
    text = text:sub(stop + 2)
    local mark, name = tag:match "^([#^/])([%w.]+)$"
    if mark == "/" then
      if table.remove(open) ~= name then return "section" end
    elseif mark then open[#open + 1] = name
    elseif not tag:find "^[%w.]+$" and not tag:find "^[%w.]+|[%w|]+$" then return "tag"
    elseif tag:find "lower" then return "filter" end
  end
  return #open > 0 and "section" or nil
end
local function tag_flaw(text)
  local _, n = text:gsub("{{.-}}", "")
  for tag in text:gmatch "{{(.-)}}" do
    n = n - 1
    local t = tag:match "^%s*(.-)%s*$"
    if not t:find "^[#^/]?[%w.]+$" and not t:find "^[%w.]+|[%w|]+$" then return true end
  end
  return n ~= 0 or text:gsub("{{.-}}", ""):find("{{", 1, true) ~= nil
end
local function T(value) return { kind = "text", value = value } end
local function F(value, ...) return { kind = "field", value = value, filters = { ... } } end
local function K(kind, value) return { kind = kind, value = value } end
local function token(rng)
  return rng.pick { T "x", F "a", F("b", "upper"), K("open", "s"), K("close", "s"), K("not", "t"), K("close", "t") }
end
local function nests(list)
  local open = {}
  for _, t in ipairs(list) do
    if t.kind == "open" or t.kind == "not" then open[#open + 1] = t.value end
    if t.kind == "close" and table.remove(open) ~= t.value then return false end
  end
  return #open == 0
end

return {
  job = "fills text templates with fields, filters, sections and lists from plain data",
  brief = "Tags are {{path}}, {{path|filter|filter}}, {{#path}} and {{^path}} up to {{/path}}. Filters are upper, "
    .. "title, html "
    .. "and or. Names are looked up in the innermost scope that knows them; '.' is the scope itself.",
  blocks = {
    { name = "tokens", signature = "tokens(template) -> list of { kind, value, filters }",
      pre = function(a) return not tag_flaw(a[1]) end,
      post = function(_, r) return type(r[1]) == "table" end,
      hidden = function(rng, i) return { pieces(rng, i) } end,
      examples = {
        { args = { "" }, want = { {} } },
        { args = { "plain" }, want = { { T "plain" } } },
        { args = { "a {{b}} c" }, want = { { T "a ", F "b", T " c" } } },
        { args = { "{{ x.y|upper|or }}" }, want = { { F("x.y", "upper", "or") } } },
        { args = { "{{#s}}i{{/s}}" }, want = { { K("open", "s"), T "i", K("close", "s") } } },
        { args = { "{{^s}}{{/s}}" }, want = { { K("not", "s"), K("close", "s") } } },
        { args = { "a {{b" }, want_error = "tag without an end at 3$" },
        { args = { "{{a b}}" }, want_error = "bad tag at 1$" },
        { args = { "x{{#s|or}}" }, want_error = "bad tag at 2$" },
      } },
    { name = "lookup", signature = "lookup(scopes, path) -> value or nil",
      pre = function() return true end,
      post = function() return true end,
      hidden = function(rng)
        local inner = rng.pick { { name = "in" }, { who = { last = "z" } }, { who = "flat" }, "text", 5, {} }
        return { rng.pick { { data(), inner }, { data() }, { data(), inner, { off = true } } },
          rng.pick { "name", "who", "who.first", "who.last", ".", "off", "none", "name.x", "who.first.x", "tags" } }
      end,
      examples = {
        { args = { { { a = 1 } }, "a" }, want = { 1 } },
        { args = { { { a = 1 } }, "b" }, want = {} },
        { args = { { { a = { b = 2 } } }, "a.b" }, want = { 2 } },
        { args = { { { a = 1 }, { a = 3 } }, "a" }, want = { 3 } },
        { args = { { { a = 1 }, { b = 3 } }, "a" }, want = { 1 } },
        { args = { { { a = 1 }, "x" }, "." }, want = { "x" } },
        { args = { { { a = { b = 1 } }, { a = {} } }, "a.b" }, want = {} },
        { args = { { { a = "t" } }, "a.b" }, want = {} },
        { args = { { { a = false } }, "a" }, want = { false } },
      } },
    { name = "apply", signature = "apply(value, filters) -> text",
      pre = function(a)
        for _, f in ipairs(a[2]) do if f ~= "upper" and f ~= "title" and f ~= "html" and f ~= "or" then
          return false end end
        return true
      end,
      post = function(_, r) return type(r[1]) == "string" end,
      hidden = function(rng, i)
        local filters = rng.list(0, 3, function() return rng.pick { "upper", "title", "html", "or" } end)
        if i % 7 == 0 then filters[#filters + 1] = "lower" end
        return { rng.pick { "", "bob LEE", "a<b>", "x & y", 12, true, false, "o'neil x2y" }, filters }
      end,
      examples = {
        { args = { "abc", {} }, want = { "abc" } },
        { args = { "abc", { "upper" } }, want = { "ABC" } },
        { args = { "bob LEE", { "title" } }, want = { "Bob Lee" } },
        { args = { "a<b & c>", { "html" } }, want = { "a&lt;b &amp; c&gt;" } },
        { args = { "", { "or" } }, want = { "-" } },
        { args = { 7, { "or" } }, want = { "7" } },
        { args = { "<", { "html", "upper" } }, want = { "&LT;" } },
        { args = { "x", { "lower" } }, want_error = "no filter lower$" },
      } },
    { name = "nest", signature = "nest(tokens) -> tree",
      pre = function(a) return nests(a[1]) end,
      post = function(a, r) return #r[1] <= #a[1] end,
      hidden = function(rng, i)
        if i % 3 == 0 then return { rng.list(0, 5, function() return token(rng) end) } end
        local list = rng.list(0, 3, function() return rng.pick { T "x", F "a" } end)
        for _ = 1, rng.int(0, 3) do
          local at = rng.int(1, #list + 1)
          table.insert(list, at, K("close", "s"))
          table.insert(list, rng.int(1, at) == at and at or at, K(rng.pick { "open", "not" }, "s"))
        end
        return { list }
      end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { { T "x" } }, want = { { T "x" } } },
        { args = { { K("open", "s"), K("close", "s") } }, want = { { { kind = "open", value = "s", body = {} } } } },
        { args = { { K("not", "s"), T "x", K("close", "s"), F "a" } },
          want = { { { kind = "not", value = "s", body = { T "x" } }, F "a" } } },
        { args = { { K("open", "s"), K("open", "t"), K("close", "t"), K("close", "s") } },
          want = { { { body = { { body = {}, kind = "open", value = "t" } }, kind = "open", value = "s" } } } },
        { args = { { K("open", "s") } }, want_error = "section s is not closed$" },
        { args = { { K("close", "s") } }, want_error = "section s is not open$" },
        { args = { { K("open", "s"), K("close", "t") } }, want_error = "section t is not open$" },
      } },
  },
  integration = { name = "render", signature = "render(template, data) -> text",
    pre = function(a) return flaw(a[1]) == nil end,
    post = function(_, r) return type(r[1]) == "string" end,
    hidden = function(rng, i) return { pieces(rng, i), data() } end,
    examples = {
      { args = { "", {} }, want = { "" } },
      { args = { "Hi {{name}}!", { name = "Al" } }, want = { "Hi Al!" } },
      { args = { "{{#l}}{{.}},{{/l}}", { l = { "a", "b" } } }, want = { "a,b," } },
      { args = { "{{^l}}none{{/l}}", { l = {} } }, want = { "none" } },
      { args = { "{{#p}}{{x}}{{y}}{{/p}}", { y = 2, p = { x = 1 } } }, want = { "12" } },
      { args = { "{{#f}}a{{/f}}{{^f}}b{{/f}}", { f = false } }, want = { "b" } },
      { args = { "{{x|or}}", {} }, want = { "-" } },
      { args = { "{{#a}}", {} }, want_error = "section a is not closed$" },
      { args = { "{{x|lower}}", {} }, want_error = "no filter lower$" },
    } },
}
