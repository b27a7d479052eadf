local BITS = { "a ", "`x<y`", "`p *q* r`", "**bold**", "*it*", "[t](u)", "<", "&", "*", "**", "`", "[x]",
  "**a *b** c*", "*x `y*`",
  "[**b**](/p?a&b)" }
local LINES = { "# One", "## Two ##", "text", "more *text*", "- item", "* item two", "1. first", "3. third", "", "  ",
  "####### no", "#no", "-no", "a < b" }
local function bits(rng, i)
  local t = table.concat(rng.list(0, 4, function() return rng.pick(BITS) end))
  return i % 6 == 0 and "[x](JavaScript:y)" .. t or t
end
local function text(rng, i)
  local list = rng.list(0, 6, function() return rng.pick(LINES) end)
  if i % 4 == 0 then list[#list + 1] = "```\n# <code>\n" .. (i % 8 == 0 and "" or "```") end
  if i % 7 == 0 then list[#list + 1] = "\n[a](javascript:b)" end
  return table.concat(list, "\n")
end
local function closed(t)
  local n = 0
  for line in (t .. "\n"):gmatch "(.-)\n" do if line:find "^```" then n = n + 1 end end
  return n % 2 == 0
end
local function clean(t) return not t:lower():find("](javascript:", 1, true) end
local function B(kind, level, ...) return { kind = kind, level = level, lines = { ... } } end

return {
  job = "turns a small part of Markdown into HTML with an outline of its headings",
  brief = "Marks are `code`, **strong**, *weak* and [label](address); blocks are headings, lists, code between ``` and "
    .. "paragraphs. Signs with a meaning in HTML are made safe.",
  blocks = {
    { name = "safe", signature = "safe(text) -> text",
      pre = function() return true end,
      post = function(_, r) return not r[1]:find "[<>]" end,
      hidden = function(rng) return { rng.word("a<>&;", 0, 8) } end,
      examples = {
        { args = { "" }, want = { "" } },
        { args = { "abc" }, want = { "abc" } },
        { args = { "<" }, want = { "&lt;" } },
        { args = { ">" }, want = { "&gt;" } },
        { args = { "&" }, want = { "&amp;" } },
        { args = { "a<b>c" }, want = { "a&lt;b&gt;c" } },
        { args = { "&lt;" }, want = { "&amp;lt;" } },
        { args = { "<<" }, want = { "&lt;&lt;" } },
      } },
    { name = "inline", signature = "inline(text) -> HTML",
      pre = function(a) return clean(a[1]) end,
      post = function(a, r) return #r[1] >= 0 and (a[1] ~= "" or r[1] == "") end,
      hidden = function(rng, i) return { bits(rng, i) } end,
      examples = {
        { args = { "plain" }, want = { "plain" } },
        { args = { "*a*" }, want = { "<em>a</em>" } },
        { args = { "**a**" }, want = { "<strong>a</strong>" } },
        { args = { "`a*b*`" }, want = { "<code>a*b*</code>" } },
        { args = { "[x](y)" }, want = { '<a href="y">x</a>' } },
        { args = { "a * b" }, want = { "a * b" } },
        { args = { "**`x`** <" }, want = { "<strong><code>x</code></strong> &lt;" } },
        { args = { "[x](javascript:z)" }, want_error = "address not allowed: javascript:z$" },
      } },
    { name = "classify", signature = "classify(line) -> kind, level or number, rest",
      pre = function() return true end,
      post = function(_, r) return #r == 3 end,
      hidden = function(rng) return { rng.pick { rng.pick(LINES), rng.pick(LINES), "```", "```lua", "12. x", "1.x",
        "# #", "- ", "### a b" } } end,
      examples = {
        { args = { "# One" }, want = { "heading", 1, "One" } },
        { args = { "### a ##" }, want = { "heading", 3, "a" } },
        { args = { "- x" }, want = { "bullet", 0, "x" } },
        { args = { "12. x" }, want = { "number", 12, "x" } },
        { args = { "" }, want = { "blank", 0, "" } },
        { args = { "```lua" }, want = { "fence", 0, "lua" } },
        { args = { "#no" }, want = { "text", 0, "#no" } },
        { args = { "####### x" }, want = { "text", 0, "####### x" } },
      } },
    { name = "blocks", signature = "blocks(text) -> list of { kind, level, lines }",
      pre = function(a) return closed(a[1]) end,
      post = function(_, r) return #r[1] >= 1 end,
      hidden = function(rng, i) return { text(rng, i) } end,
      examples = {
        { args = { "" }, want = { { B("blank", 0, "") } } },
        { args = { "a\nb" }, want = { { B("text", 0, "a", "b") } } },
        { args = { "# a\n# b" }, want = { { B("heading", 1, "a"), B("heading", 1, "b") } } },
        { args = { "- a\n- b\nc" }, want = { { B("bullet", 0, "a", "b"), B("text", 0, "c") } } },
        { args = { "```\n# x\n\n```" }, want = { { B("code", 0, "# x", "") } } },
        { args = { "3. a\n4. b" }, want = { { B("number", 3, "a", "b") } } },
        { args = { "a\n\nb" }, want = { { B("text", 0, "a"), B("blank", 0, ""), B("text", 0, "b") } } },
        { args = { "```\nx" }, want_error = "code without an end$" },
      } },
  },
  integration = { name = "render", signature = "render(text) -> HTML, outline",
    pre = function(a) return closed(a[1]) and clean(a[1]) end,
    post = function(_, r) return type(r[2]) == "table" end,
    hidden = function(rng, i) return { text(rng, i) } end,
    examples = {
      { args = { "" }, want = { "", {} } },
      { args = { "# A\ntext" }, want = { "<h1>A</h1>\n<p>text</p>", { "A" } } },
      { args = { "- a\n- *b*" }, want = { "<ul><li>a</li><li><em>b</em></li></ul>", {} } },
      { args = { "2. a" }, want = { '<ol start="2"><li>a</li></ol>', {} } },
      { args = { "1. a" }, want = { "<ol><li>a</li></ol>", {} } },
      { args = { "# A\n## B" }, want = { "<h1>A</h1>\n<h2>B</h2>", { "A", "  B" } } },
      { args = { "```\n<x>\n```" }, want = { "<pre>&lt;x&gt;</pre>", {} } },
      { args = { "a\nb" }, want = { "<p>a b</p>", {} } },
      { args = { "```" }, want_error = "code without an end$" },
    } },
}
