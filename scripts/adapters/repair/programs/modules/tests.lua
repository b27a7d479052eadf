local NAMES = { "app", "db", "log", "net", "ui" }
local function graph(rng, loops)
  local map = {}
  for i, name in ipairs(NAMES) do
    local needs = {}
    for k, other in ipairs(NAMES) do
      if (loops or k > i) and rng.chance(loops and 0.22 or 0.4) then needs[#needs + 1] = other end
    end
    map[name] = needs
  end
  return map
end
local function reaches(map, from, to, seen)
  for _, need in ipairs(map[from] or {}) do
    if need == to then return true end
    if not seen[need] then
      seen[need] = true
      if reaches(map, need, to, seen) then return true end
    end
  end
  return false
end
local function ringed(map)
  for name in pairs(map) do if reaches(map, name, name, {}) then return true end end
  return false
end
local function source(rng, needs)
  local lines = { "-- text" }
  for _, need in ipairs(needs) do
    lines[#lines + 1] = rng.pick { "import " .. need, "  from " .. need .. " import x", "import " .. need .. ", "
      .. need, "import " .. need .. " , log9" }
  end
  return table.concat(lines, "\n")
end
local function graph_of(sources)
  local map = {}
  for name, text in pairs(sources) do
    map[name] = {}
    for other in pairs(sources) do
      if text:find("import[^\n]*%f[%w]" .. other .. "%f[%W]") or text:find("from " .. other .. " import") then
        table.insert(map[name], other) end
    end
  end
  return map
end
local LINE = { app = { "db", "ui" }, db = { "log" }, ui = {}, log = {} }
local RING = { a = { "b" }, b = { "c" }, c = { "a" }, d = { "a" }, e = { "e" } }

return {
  job = "orders modules by their imports: what a change reaches, rings, levels and the build order",
  brief = "A graph maps a module to the modules it needs. Lists of names are sorted, but imports keep the order of "
    .. "the text.",
  blocks = {
    { name = "imports", signature = "imports(source) -> names in order",
      pre = function(a) return not a[1]:find "[%d]x" and not a[1]:find "[-.]b" end,
      post = function(_, r) return #r[1] >= 0 end,
      hidden = function(rng, i)
        local list = rng.list(0, 4, function() return rng.pick { "import a", "import b, c", "from d import e", "x = 1",
          " import c",
          "-- import z", "import a,b", "important stuff", "from q2 import y, z" } end)
        if i % 5 == 0 then list[#list + 1] = rng.pick { "import 1x", "import a.b", "import a, -b" } end
        return { table.concat(list, "\n") }
      end,
      examples = {
        { args = { "" }, want = { {} } },
        { args = { "import a" }, want = { { "a" } } },
        { args = { "import b, a" }, want = { { "b", "a" } } },
        { args = { "from m import x, y" }, want = { { "m" } } },
        { args = { "import a\nimport b\nimport a" }, want = { { "a", "b" } } },
        { args = { "imported = 1\n-- import x" }, want = { {} } },
        { args = { "  import k9  " }, want = { { "k9" } } },
        { args = { "import a, 1x" }, want_error = "bad import: 1x$" },
      } },
    { name = "reach", signature = "reach(graph, changed) -> sorted names",
      pre = function(a)
        for _, name in ipairs(a[2]) do if not a[1][name] then return false end end
        return true
      end,
      post = function(a, r) return #r[1] >= (#a[2] > 0 and 1 or 0) end,
      hidden = function(rng, i)
        return { graph(rng, i % 3 == 0), rng.list(0, 2, function() return i % 9 == 0 and "gone"
          or rng.pick(NAMES) end) }
      end,
      examples = {
        { args = { LINE, {} }, want = { {} } },
        { args = { LINE, { "app" } }, want = { { "app" } } },
        { args = { LINE, { "log" } }, want = { { "app", "db", "log" } } },
        { args = { LINE, { "ui" } }, want = { { "app", "ui" } } },
        { args = { LINE, { "ui", "db" } }, want = { { "app", "db", "ui" } } },
        { args = { RING, { "c" } }, want = { { "a", "b", "c", "d" } } },
        { args = { RING, { "d" } }, want = { { "d" } } },
        { args = { LINE, { "x" } }, want_error = "no module x$" },
      } },
    { name = "rings", signature = "rings(graph) -> groups that need each other",
      pre = function() return true end,
      post = function(a, r) return (#r[1] > 0) == ringed(a[1]) end,
      hidden = function(rng, i) return { graph(rng, i % 4 > 0) } end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { LINE }, want = { {} } },
        { args = { RING }, want = { { { "a", "b", "c" }, { "e" } } } },
        { args = { { a = { "a" } } }, want = { { { "a" } } } },
        { args = { { a = { "b" }, b = { "a" } } }, want = { { { "a", "b" } } } },
        { args = { { a = { "b" }, b = {} } }, want = { {} } },
        { args = { { a = { "c" }, b = { "d" }, c = { "a" }, d = { "b" } } }, want = { { { "a", "c" }, { "b",
          "d" } } } },
        { args = { { a = { "b", "c" }, b = { "d" }, c = { "d" }, d = {} } }, want = { {} } },
      } },
    { name = "levels", signature = "levels(graph) -> lists of names",
      pre = function(a) return not ringed(a[1]) end,
      post = function(a, r)
        local n = 0
        for _, names in ipairs(r[1]) do n = n + #names end
        for _ in pairs(a[1]) do n = n - 1 end
        return n == 0
      end,
      hidden = function(rng, i) return { graph(rng, i % 5 == 0) } end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { { a = {} } }, want = { { { "a" } } } },
        { args = { LINE }, want = { { { "log", "ui" }, { "db" }, { "app" } } } },
        { args = { { b = {}, a = {} } }, want = { { { "a", "b" } } } },
        { args = { { a = { "b" }, b = { "c" }, c = {} } }, want = { { { "c" }, { "b" }, { "a" } } } },
        { args = { { a = { "b", "c" }, b = { "c" }, c = {} } }, want = { { { "c" }, { "b" }, { "a" } } } },
        { args = { RING }, want_error = "ring: a, b, c$" },
        { args = { { a = { "a" } } }, want_error = "ring: a$" },
      } },
  },
  integration = { name = "build", signature = "build(sources, changed) -> build order, missing imports",
    pre = function(a)
      for _, text in pairs(a[1]) do if text:find "[%d]x" then return false end end
      for _, name in ipairs(a[2]) do if not a[1][name] then return false end end
      return not ringed(graph_of(a[1]))
    end,
    post = function(a, r) return #r[1] >= (#a[2] > 0 and 1 or 0) end,
    hidden = function(rng, i)
      local sources = {}
      for name, needs in pairs(graph(rng,
        i % 8 == 0)) do sources[name] = "" sources[name] = nil sources[name] = needs end
      for _, name in ipairs(NAMES) do sources[name] = source(rng, sources[name]) end
      if i % 9 == 0 then sources.ui = "import 1x" end
      return { sources, rng.list(0, 2, function() return i == 10 and "gone" or rng.pick(NAMES) end) }
    end,
    examples = {
      { args = { {}, {} }, want = { {}, {} } },
      { args = { { a = "" }, { "a" } }, want = { { "a" }, {} } },
      { args = { { a = "import b", b = "x = 1" }, { "b" } }, want = { { "b", "a" }, {} } },
      { args = { { a = "import b", b = "x = 1" }, { "a" } }, want = { { "a" }, {} } },
      { args = { { a = "import z", b = "from y import q" }, {} }, want = { {}, { "a needs z", "b needs y" } } },
      { args = { { a = "import b", b = "import a" }, {} }, want_error = "ring: a, b$" },
      { args = { { a = "import 1x" }, {} }, want_error = "bad import: 1x$" },
      { args = { { a = "" }, { "b" } }, want_error = "no module b$" },
    } },
}
