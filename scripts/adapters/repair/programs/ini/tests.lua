local KEYS = { "host", "port", "user", "path" }
local SECTIONS = { "web", "db", "Cache.L1" }

local function value(rng)
  return rng.pick { "yes", "Off", "12", "-4", "+9", '"a # b"', "plain text", "{1, x , yes}", "x # note", "a;b", "0",
    "{}", "true", "NO", '"7"', "-" }
end

local function line(rng)
  return rng.pick { "", "  ", "# note", ";; x  y ", "[" .. rng.pick(SECTIONS) .. "]", " [ web ] ",
    rng.pick(KEYS) .. " = " .. value(rng), rng.pick(KEYS):upper() .. "=" .. value(rng), "  key_1 =  v  " }
end

local function bad_line(rng)
  return rng.pick { "[open", "[a b]", "[]", "word", "= 3", "two words = 1", "[x] y" }
end

local function good(text)
  local t = text:match "^%s*(.-)%s*$"
  if t == "" or t:find "^[#;]" then return true end
  if t:sub(1, 1) == "[" then return t:find "^%[%s*[%w_.-]+%s*%]$" ~= nil end
  return t:find "^[%w_-]+%s*=" ~= nil
end

local function lines_of(text)
  local list = {}
  for l in (text .. "\n"):gmatch "(.-)\n" do list[#list + 1] = l end
  return list
end

local function readable(text)
  local section, seen = "global", {}
  for _, l in ipairs(lines_of(text)) do
    if not good(l) then return false end
    local name, key = l:match "^%s*%[%s*([%w_.-]+)", l:match "^%s*([%w_-]+)%s*="
    if name then section = name:lower() end
    if key then
      local place = section .. "/" .. key:lower()
      if seen[place] then return false end
      seen[place] = true
    end
  end
  return true
end

local function document(rng, i)
  local list = {}
  local function add(names)
    for _, key in ipairs(names) do
      if rng.chance(0.6) then
        list[#list + 1] = key .. " = " .. value(rng)
        if rng.chance(0.1) and i % 3 == 0 then list[#list + 1] = key .. " = again" end
      end
    end
  end
  add(KEYS)
  for _, section in ipairs(SECTIONS) do
    if rng.chance(0.7) then
      list[#list + 1] = "[" .. section .. "]"
      add(KEYS)
      if rng.chance(0.2) then list[#list + 1] = "# end" end
    end
  end
  if i % 6 == 0 then table.insert(list, rng.int(1, #list + 1), bad_line(rng)) end
  return table.concat(list, "\n")
end

local function layer(rng)
  local result = {}
  for _, section in ipairs { "global", "web", "db" } do
    if rng.chance(0.7) then
      result[section] = {}
      for _, key in ipairs(KEYS) do
        if rng.chance(0.5) then result[section][key] = rng.pick { "1", "x", "-", "yes" } end
      end
    end
  end
  return result
end

-- Follows references by hand: nil where one is missing or in a circle.
local function resolvable(settings, section, key, depth)
  if depth > 12 then return false end
  local text = (settings[section] or {})[key] or (settings.global or {})[key]
  if not text then return false end
  for name in text:gmatch "%${([%w_.-]+)}" do
    local other, inner = name:match "^(.+)%.([^.]+)$"
    if not resolvable(settings, other or section, inner or name, depth + 1) then return false end
  end
  return true
end

local LINKED = { global = { root = "/srv", port = "80" }, web = { host = "w1", url = "${host}:${port}${root}/x" },
  db = { host = "d1", link = "via ${web.url} to ${host}", loop = "${turn}", turn = "a${db.loop}" } }

return {
  job = "reads, types, links, layers and writes settings files in sections",
  brief = "Section names and keys are lower case; settings before a section are in 'global'. A '#' or ';' after a "
    .. "space ends a value that is not quoted. ${key} looks in its own section, then in 'global'.",
  blocks = {
    { name = "classify", signature = "classify(line) -> { kind, and text, name, or key and value }",
      pre = function(a) return good(a[1]) end,
      post = function(_, r) return type(r[1].kind) == "string" end,
      hidden = function(rng, i) return { i % 4 == 0 and bad_line(rng) or line(rng) } end,
      examples = {
        { args = { "" }, want = { { kind = "blank" } } },
        { args = { "  ## a note " }, want = { { kind = "comment", text = "a note" } } },
        { args = { "[Main]" }, want = { { kind = "section", name = "main" } } },
        { args = { " [ a.b-c ] " }, want = { { kind = "section", name = "a.b-c" } } },
        { args = { "Key = some value  " }, want = { { key = "key", kind = "pair", value = "some value" } } },
        { args = { "k=1 # one" }, want = { { key = "k", kind = "pair", value = "1" } } },
        { args = { 'k = "a # b"' }, want = { { key = "k", kind = "pair", value = "\"a # b\"" } } },
        { args = { "k =" }, want = { { key = "k", kind = "pair", value = "" } } },
        { args = { "[two words]" }, want_error = "bad section: %[two words%]$" },
        { args = { "nonsense" }, want_error = "neither section nor pair: nonsense$" },
        { args = { "= 5" }, want_error = "neither section nor pair: = 5$" },
      } },
    { name = "typed", signature = "typed(value) -> boolean, integer, text or list of these",
      pre = function() return true end,
      post = function(_, r) return r[1] ~= nil end,
      hidden = function(rng)
        if rng.chance(0.5) then return { value(rng) } end
        return { "{" .. table.concat(rng.list(0, 4, function()
          return rng.pick { " ", "" } .. value(rng):gsub("[{}]", "")
        end), rng.pick { ",", " ," }) .. "}" }
      end,
      examples = {
        { args = { "Yes" }, want = { true } },
        { args = { "off" }, want = { false } },
        { args = { "42" }, want = { 42 } },
        { args = { "+7" }, want = { 7 } },
        { args = { "-7" }, want = { -7 } },
        { args = { "4x" }, want = { "4x" } },
        { args = { '"12"' }, want = { "12" } },
        { args = { "{ 1, two, no,, }" }, want = { { 1, "two", false } } },
        { args = { "{}" }, want = { {} } },
      } },
    { name = "read", signature = "read(text) -> section -> key -> raw value",
      pre = function(a) return readable(a[1]) end,
      post = function(a, r)
        local n = 0
        for _, content in pairs(r[1]) do for _ in pairs(content) do n = n + 1 end end
        for _, l in ipairs(lines_of(a[1])) do if l:find "^%s*[%w_-]+%s*=" then n = n - 1 end end
        return n == 0
      end,
      hidden = function(rng, i) return { document(rng, i) } end,
      examples = {
        { args = { "" }, want = { {} } },
        { args = { "a = 1" }, want = { { global = { a = "1" } } } },
        { args = { "[s]\na = 1\nb = 2" }, want = { { s = { a = "1", b = "2" } } } },
        { args = { "a = 1\n[s]\na = 2" }, want = { { global = { a = "1" }, s = { a = "2" } } } },
        { args = { "[s]\n[t]\nx = y\n[s]\nb = 1" }, want = { { s = { b = "1" }, t = { x = "y" } } } },
        { args = { "# only\n\n; notes" }, want = { {} } },
        { args = { "[s]\na = 1\nA = 2" }, want_error = "line 3: a is set twice$" },
        { args = { "[s]\na = 1\nwhat" }, want_error = "neither section nor pair: what$" },
      } },
    { name = "resolve", signature = "resolve(settings, section, key) -> text without references",
      pre = function(a) return resolvable(a[1], a[2], a[3], 0) end,
      post = function(_, r) return not r[1]:find("${", 1, true) end,
      hidden = function(rng, i)
        local settings = { global = { root = rng.word("/ab", 1, 3), port = "8" .. rng.int(0, 9) },
          web = { host = rng.word("w12", 2, 2), url = rng.pick { "${host}", "${root}${port}", "<${db.host}>" } },
          db = { host = rng.pick { "d", "${web.host}", "${port}" }, link = "${web.url}/${host}" } }
        if i % 4 == 0 then settings.web.host = rng.pick { "${none}", "${url}", "${db.link}" } end
        return { settings, rng.pick { "web", "db" }, rng.pick { "host", "url", "link", "port", "x" } }
      end,
      examples = {
        { args = { LINKED, "web", "host" }, want = { "w1" } },
        { args = { LINKED, "web", "url" }, want = { "w1:80/srv/x" } },
        { args = { LINKED, "db", "link" }, want = { "via w1:80/srv/x to d1" } },
        { args = { LINKED, "db", "port" }, want = { "80" } },
        { args = { LINKED, "none", "root" }, want = { "/srv" } },
        { args = { LINKED, "db", "loop" }, want_error = "circle at db%.loop$" },
        { args = { LINKED, "web", "link" }, want_error = "no setting web%.link$" },
        { args = { { s = { a = "${b}${b}", b = "x" } }, "s", "a" }, want = { "xx" } },
        { args = { { s = { a = "${t.b}" } }, "s", "a" }, want_error = "no setting t%.b$" },
      } },
    { name = "overlay", signature = "overlay(layers) -> settings, later layers over earlier ones",
      pre = function() return true end,
      post = function(_, r)
        for _, content in pairs(r[1]) do
          if next(content) == nil then return false end
          for _, v in pairs(content) do if v == "-" then return false end end
        end
        return true
      end,
      hidden = function(rng) return { rng.list(0, 3, function() return layer(rng) end) } end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { { { a = { x = "1" } } } }, want = { { a = { x = "1" } } } },
        { args = { { { a = { x = "1", y = "2" } }, { a = { x = "3" } } } }, want = { { a = { x = "3", y = "2" } } } },
        { args = { { { a = { x = "1" } }, { b = { x = "2" } } } }, want = { { a = { x = "1" }, b = { x = "2" } } } },
        { args = { { { a = { x = "1", y = "2" } }, { a = { y = "-" } } } }, want = { { a = { x = "1" } } } },
        { args = { { { a = { x = "1" } }, { a = { x = "-" } } } }, want = { {} } },
        { args = { { { a = { x = "-" } }, { a = { x = "1" } } } }, want = { { a = { x = "1" } } } },
        { args = { { { a = {} } } }, want = { {} } },
      } },
    { name = "dump", signature = "dump(settings) -> text in sorted order, global first",
      pre = function() return true end,
      post = function(_, r) return readable(r[1]) end,
      hidden = function(rng) return { layer(rng) } end,
      examples = {
        { args = { {} }, want = { "" } },
        { args = { { global = { b = "1", a = "2" } } }, want = { "a = 2\nb = 1" } },
        { args = { { web = { host = "h" } } }, want = { "[web]\nhost = h" } },
        { args = { { web = { host = "h" }, global = { z = "0" } } }, want = { "z = 0\n\n[web]\nhost = h" } },
        { args = { { b = { k = "1" }, a = { k = "2" } } }, want = { "[a]\nk = 2\n\n[b]\nk = 1" } },
        { args = { { b = {}, a = { k = "2" } } }, want = { "[a]\nk = 2\n\n[b]" } },
        { args = { { global = { k = "x y" }, zeta = { q = "1" }, alpha = { p = "2", o = "3" } } },
          want = { "k = x y\n\n[alpha]\no = 3\np = 2\n\n[zeta]\nq = 1" } },
        { args = { { s = { key = "" } } }, want = { "[s]\nkey = " } },
      } },
  },
  integration = { name = "load", signature = "load(texts) -> typed settings of the layers, merged text",
    pre = function(a)
      local keep = { global = {} }
      for _, text in ipairs(a[1]) do
        if not readable(text) then return false end
        local section = "global"
        for _, l in ipairs(lines_of(text)) do
          local name, key, v = l:match "^%s*%[%s*([%w_.-]+)", l:match "^%s*([%w_-]+)%s*=%s*(.-)%s*$"
          if name then section = name:lower() end
          if key then
            keep[section] = keep[section] or {}
            keep[section][key:lower()] = v ~= "-" and v or nil
          end
        end
      end
      for section, content in pairs(keep) do
        for key in pairs(content) do if not resolvable(keep, section, key, 0) then return false end end
      end
      return true
    end,
    post = function(_, r) return readable(r[2]) end,
    hidden = function(rng, i)
      local texts = rng.list(0, 2, function() return document(rng, i) end)
      if rng.chance(0.4) then
        texts[#texts + 1] = "[web]\nlink = ${host}:${" .. rng.pick { "port", "db.user" } .. "}"
      end
      return { texts }
    end,
    examples = {
      { args = { {} }, want = { {}, "" } },
      { args = { { "a = 1\n[s]\nb = ${a}${a}" } },
        want = { { global = { a = 1 }, s = { b = 11 } }, "a = 1\n\n[s]\nb = ${a}${a}" } },
      { args = { { "[s]\nport = 80\nhost = h", "[s]\nport = 81" } },
        want = { { s = { host = "h", port = 81 } }, "[s]\nhost = h\nport = 81" } },
      { args = { { "[s]\non = yes\nlist = {1, 2}" } },
        want = { { s = { list = { 1, 2 }, on = true } }, "[s]\nlist = {1, 2}\non = yes" } },
      { args = { { "[s]\na = 1", "[s]\na = -" } }, want = { {}, "" } },
      { args = { { "[s]\na = ${b}" } }, want_error = "no setting s%.b$" },
      { args = { { "[s]\na = ${b}\nb = ${a}" } }, want_error = "circle at s%.a$" },
      { args = { { "x = 1\nx = 2" } }, want_error = "line 2: x is set twice$" },
      { args = { { "base = /srv\n[log]\nfile = ${base}/log # there", "base = /tmp" } },
        want = {
          { global = { base = "/tmp" }, log = { file = "/tmp/log" } }, "base = /tmp\n\n[log]\nfile = ${base}/log",
        } },
    } },
}
