local LINES = { "-v, --verbose  say more", "-n, --number N=3  how many", "-o, --output FILE  where to",
  "-i, --include DIR+  look there too", "--version  say which", "--level N  how far" }
local function options()
  return { { long = "verbose", short = "v", help = "say more", kind = "switch" },
    { long = "number", short = "n", help = "how many", kind = "number", many = false, name = "N", default = "3" },
    { long = "output", short = "o", help = "where to", kind = "text", many = false, name = "FILE" },
    { long = "include", short = "i", help = "look there too", kind = "text", many = true, name = "DIR" },
    { long = "version", help = "say which", kind = "switch" },
    { long = "level", help = "how far", kind = "number", many = false, name = "N" } }
end

local GOOD = { "-v", "-n5", "-n 7", "--number=2", "--num 9", "-o x.txt", "--output=", "--out=a=b", "-i lib", "-ilib",
  "--include src", "--no-verbose", "-vn4", "-vv", "file", "-", "--version", "--level -2", "'a b'", "-n +6", "-o -v" }
local BAD = { "-x", "--ver", "--number", "-n x", "--verbose=1", "--no-output", "-nn", "--zzz", "-o", "'open", "-vq",
  "--no-x", "--level=1.5", "-i" }

local function line(rng, i)
  local parts = rng.list(0, 5, function() return rng.pick(GOOD) end)
  if i % 4 == 0 then table.insert(parts, "-i one") table.insert(parts, 1, "--incl two") end
  if i % 3 == 0 then parts[#parts + 1] = rng.pick(BAD) end
  if i % 5 == 0 then table.insert(parts, rng.int(1, #parts + 1), "--") end
  return table.concat(parts, rng.pick { " ", "  " })
end

-- Words of a line by another way: quotes first taken out.
local function split(text)
  local kept, list = {}, {}
  text = text:gsub("'([^']*)'", function(inner) kept[#kept + 1] = inner return "\1" .. #kept .. "\2" end)
  if text:find "'" then return nil end
  for word in text:gmatch "%S+" do
    list[#list + 1] = word:gsub("\1(%d+)\2", function(k) return kept[tonumber(k)] end)
  end
  return list
end

local TAKES = { number = "number", output = "text", include = "text", level = "number" }
local SHORT = { n = "number", o = "text", i = "text", v = "switch" }

local function value_ok(kind, text) return text ~= nil and (kind == "text" or text:find "^[+-]?%d+$" ~= nil) end

local function full(name)
  local hit
  for _, long in ipairs { "verbose", "number", "output", "include", "version", "level" } do
    if long == name then return name end
    if long:sub(1, 1) == name then return nil end
    if #name > 1 and long:sub(1, #name) == name then
      if hit then return nil end
      hit = long
    end
  end
  return hit
end

local function words_ok(words)
  local at = 1
  while at <= #words do
    local w = words[at]
    if w == "--" then return true end
    local long = w:match "^%-%-([^=]+)"
    if long and long:sub(1, 3) == "no-" then
      local name = full(long:sub(4)) or SHORT[long:sub(4)] and "?"
      if name ~= "verbose" and name ~= "version" then return false end
    elseif long then
      local name = full(long)
      if not name then return false end
      local given = w:match "=(.*)$"
      if w:find("=", 1, true) then given = w:match "^[^=]*=(.*)$" end
      if not TAKES[name] then
        if given then return false end
      else
        if not given then at = at + 1 given = words[at] end
        if not value_ok(TAKES[name], given) then return false end
      end
    elseif w:find "^%-%a" then
      local rest = w:sub(2)
      while rest ~= "" do
        local kind = SHORT[rest:sub(1, 1)]
        rest = rest:sub(2)
        if not kind then return false end
        if kind ~= "switch" then
          local given = rest
          if given == "" then at = at + 1 given = words[at] end
          if not value_ok(kind, given) then return false end
          rest = ""
        end
      end
    end
    at = at + 1
  end
  return true
end

local function helped(words)
  for _, w in ipairs(words) do
    if w == "--" then return false end
    if w == "--help" then return true end
  end
  return false
end

return {
  job = "reads command lines by a specification of options and prints the usage",
  brief = "An option is { long, short, help, kind = 'switch' | 'number' | 'text', many, name, default }. A long name "
    .. "may be "
    .. "cut as long as one option fits, but its exact name comes first.",
  blocks = {
    { name = "define", signature = "define(line) -> option",
      pre = function(a)
        local rest = a[1]:match "^%-%w, %-%-[%w-]+(.*)$" or a[1]:match "^%-%-[%w-]+(.*)$"
        return rest ~= nil and (rest:find "^ %u%S*%s%s+" ~= nil or rest:find "^%s%s+" ~= nil)
      end,
      post = function(_, r) return #r[1].long > 0 end,
      hidden = function(rng, i)
        if i % 4 == 0 then return { rng.pick { "name", "-x  help", "--long help", "-v --verbose  x", "--x", "",
          "--a N", "--a n  x" } } end
        return { rng.pick { "-a, ", "", "-Z, " } .. "--" .. rng.pick { "all", "dry-run", "x1" }
          .. rng.pick { "", "", " N", " N+", " FILE", " DIR+", " N=12", " FILE=a=b", " X+=q" } .. rng.pick { "  ",
            "    " }
          .. rng.pick { "help", "do a  thing", "" } }
      end,
      examples = {
        { args = { "-v, --verbose  say more" },
          want = { { help = "say more", kind = "switch", long = "verbose", short = "v" } } },
        { args = { "--dry-run   do nothing" },
          want = { { help = "do nothing", kind = "switch", long = "dry-run" } } },
        { args = { "-n, --number N=3  how many" },
          want = {
            {
              default = "3", help = "how many", kind = "number", long = "number", many = false, name = "N",
              short = "n",
            },
          } },
        { args = { "-o, --output FILE  where to" },
          want = { { help = "where to", kind = "text", long = "output", many = false, name = "FILE", short = "o" } } },
        { args = { "--tag T+  may come often" },
          want = { { help = "may come often", kind = "text", long = "tag", many = true, name = "T" } } },
        { args = { "--long help" }, want_error = "no help for %-%-long$" },
        { args = { "verbose" }, want_error = "bad option: verbose$" },
        { args = { "-x  short only" }, want_error = "bad option: %-x  short only$" },
      } },
    { name = "words", signature = "words(line) -> list of words",
      pre = function(a)
        local t = a[1]:gsub("'[^']*'", "")
        return not t:find "'" and not t:gsub('\\.', ""):gsub('"[^"]*"', ""):find '"'
      end,
      post = function(_, r) return #r[1] >= 0 end,
      hidden = function(rng, i)
        local parts = rng.list(0, 5, function() return rng.pick { "a", "-b", "'c d'", '"e f"', "g\\ h", "''",
          "x=\"1 2\"", '"q\\"q"' } end)
        if i % 6 == 0 then parts[#parts + 1] = rng.pick { "'open", '"open', 'a"' } end
        return { table.concat(parts, rng.pick { " ", "  " }) }
      end,
      examples = {
        { args = { "" }, want = { {} } },
        { args = { "a b" }, want = { { "a", "b" } } },
        { args = { "  a   b " }, want = { { "a", "b" } } },
        { args = { "'a b' c" }, want = { { "a b", "c" } } },
        { args = { "x\"y z\"w" }, want = { { "xy zw" } } },
        { args = { "a\\ b" }, want = { { "a b" } } },
        { args = { "'' x" }, want = { { "", "x" } } },
        { args = { "\"a\\\"b\"" }, want = { { "a\"b" } } },
        { args = { "'a" }, want_error = "quote without an end$" },
      } },
    { name = "find", signature = "find(options, name) -> option",
      pre = function(a) return full(a[2]) ~= nil or SHORT[a[2]] ~= nil end,
      post = function(a, r) return r[1].short == a[2] or r[1].long:sub(1, #a[2]) == a[2] end,
      hidden = function(rng)
        return { options(), rng.pick { "v", "n", "number", "num", "nu", "ver", "verb", "vers", "x", "l", "le", "level",
          "levels",
          "out", "in", "z", "version", "o" } }
      end,
      examples = {
        { args = { options(), "v" },
          want = { { help = "say more", kind = "switch", long = "verbose", short = "v" } } },
        { args = { options(), "verbose" },
          want = { { help = "say more", kind = "switch", long = "verbose", short = "v" } } },
        { args = { options(), "verb" },
          want = { { help = "say more", kind = "switch", long = "verbose", short = "v" } } },
        { args = { options(), "n" },
          want = {
            {
              default = "3", help = "how many", kind = "number", long = "number", many = false, name = "N",
              short = "n",
            },
          } },
        { args = { options(), "lev" },
          want = { { help = "how far", kind = "number", long = "level", many = false, name = "N" } } },
        { args = { options(), "ver" }, want_error = "%-%-ver may be %-%-verbose or %-%-version$" },
        { args = { options(), "x" }, want_error = "no option x$" },
        { args = { options(), "l" }, want_error = "no option l$" },
      } },
    { name = "convert", signature = "convert(option, text) -> value",
      pre = function(a) return value_ok(a[1].kind, a[2]) end,
      post = function(a, r) return a[1].kind ~= "number" or math.type(r[1]) == "integer" end,
      hidden = function(rng)
        return { options()[rng.pick { 2, 2, 3, 6 }], rng.pick { "1", "-5", "+7", "x", "", "1.5", "007", "1e3",
          "text" } }
      end,
      examples = {
        { args = { options()[2], "5" }, want = { 5 } },
        { args = { options()[2], "-5" }, want = { -5 } },
        { args = { options()[2], "+5" }, want = { 5 } },
        { args = { options()[3], "5" }, want = { "5" } },
        { args = { options()[3], "" }, want = { "" } },
        { args = { options()[2], "five" }, want_error = "%-%-number wants a number, not five$" },
        { args = { options()[6], "1.5" }, want_error = "%-%-level wants a number, not 1%.5$" },
        { args = { options()[6], "" }, want_error = "%-%-level wants a number, not $" },
      } },
    { name = "parse", signature = "parse(options, words) -> values by long name, other words",
      pre = function(a) return words_ok(a[2]) end,
      post = function(a, r) return #r[2] <= #a[2] end,
      hidden = function(rng, i)
        local words = split(line(rng, i))
        return { options(), words or { "-v" } }
      end,
      examples = {
        { args = { options(), {} }, want = { {}, {} } },
        { args = { options(), { "-v", "a" } }, want = { { verbose = true }, { "a" } } },
        { args = { options(), { "-vn5" } }, want = { { verbose = true, number = 5 }, {} } },
        { args = { options(), { "-i", "a", "--include=b" } }, want = { { include = { "a", "b" } }, {} } },
        { args = { options(), { "--no-verbose", "--", "-v" } }, want = { { verbose = false }, { "-v" } } },
        { args = { options(), { "-o" } }, want_error = "%-%-output wants a value$" },
        { args = { options(), { "--verbose=yes" } }, want_error = "%-%-verbose takes no value$" },
        { args = { options(), { "--no-output" } }, want_error = "%-%-output cannot be turned off$" },
        { args = { options(), { "--out=" } }, want = { { output = "" }, {} } },
      } },
    { name = "usage", signature = "usage(options) -> text",
      pre = function() return true end,
      post = function(_, r) return type(r[1]) == "string" end,
      hidden = function(rng)
        local all = rng.shuffle(options())
        return { { table.unpack(all, 1, rng.int(0, #all)) } }
      end,
      examples = {
        { args = { {} }, want = { "" } },
        { args = { { options()[1] } }, want = { "-v, --verbose  say more" } },
        { args = { { options()[2] } }, want = { "-n, --number N  how many (3)" } },
        { args = { { options()[4] } }, want = { "-i, --include DIR ...  look there too" } },
        { args = { { options()[5] } }, want = { "    --version  say which" } },
        { args = { { options()[1], options()[2] } },
          want = { "-v, --verbose   say more\n-n, --number N  how many (3)" } },
        { args = { { options()[6], options()[3] } },
          want = { "    --level N      how far\n-o, --output FILE  where to" } },
        { args = { options() },
          want = {
            "-v, --verbose          say more\n-n, --number N         how many (3)\n-o, --output FILE      where "
              .. "to\n-i, --include DIR ...  look there too\n    --version          say which\n    --level N         "
                .. " how far",
          } },
      } },
  },
  integration = { name = "run", signature = "run(definitions, line) -> values and other words, or the usage",
    pre = function(a)
      for _, d in ipairs(a[1]) do
        if d:find "^bad" then return false end
      end
      local words = split(a[2])
      return words ~= nil and (helped(words) or words_ok(words))
    end,
    post = function(_, r) return r[1] ~= nil end,
    hidden = function(rng, i)
      local definitions = { table.unpack(LINES) }
      if i % 11 == 0 then definitions[#definitions + 1] = "bad line" end
      local text = line(rng, i)
      if i % 8 == 0 then text = text .. " --help" end
      return { definitions, text }
    end,
    examples = {
      { args = { LINES, "" }, want = { { include = {}, number = 3, verbose = false, version = false }, {} } },
      { args = { LINES, "-v -n 8 in.txt" },
        want = { { include = {}, number = 8, verbose = true, version = false }, { "in.txt" } } },
      { args = { LINES, "-i a -i b --level=4" },
        want = { { include = { "a", "b" }, level = 4, number = 3, verbose = false, version = false }, {} } },
      { args = { LINES, "--number=x" }, want_error = "%-%-number wants a number, not x$" },
      { args = { LINES, "x -- --help" },
        want = { { include = {}, number = 3, verbose = false, version = false }, { "x", "--help" } } },
      { args = { LINES, "--help -q" },
        want = {
          "-v, --verbose          say more\n-n, --number N         how many (3)\n-o, --output FILE      where "
            .. "to\n-i, --include DIR ...  look there too\n    --version          say which\n    --level N          "
              .. "how far",
        } },
      { args = { LINES, "-q" }, want_error = "no option q$" },
      { args = { { "bad" }, "" }, want_error = "bad option: bad$" },
      { args = { {}, "a 'b c'" }, want = { {}, { "a", "b c" } } },
    } },
}
