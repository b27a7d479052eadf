-- han.syntax against the compiler, on files, generated programs, faults and hostile text. HAN_FULL=1 runs the whole
-- corpus (minutes); without it a tenth. The parser inside load() is the one of luac5.4; luac itself judges a sample.
local syntax = require "han.syntax"
local generator = require "tests.lua.support.program_gen"
local oracle = require "tests.lua.support.syntax_oracle"

local FULL = os.getenv "HAN_FULL" == "1"
local function scale(quick, full)
  return FULL and full or quick
end

local function report(...)
  print("syntax: " .. string.format(...))
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

local function lines_of(command)
  local pipe = assert(io.popen(command))
  local list = {}
  for line in pipe:lines() do list[#list + 1] = line end
  pipe:close()
  return list
end

local function luac_accepts(path)
  return os.execute("luac5.4 -p '" .. path .. "' 2>/dev/null") == true
end

local function has_luac()
  return os.execute "command -v luac5.4 >/dev/null 2>&1" == true
end

-- Texts on which the compiler and the parser differ; `parse` never raises.
local function disagreement(text, options)
  local want, why = oracle.accepts(text)
  local ok, tree, message = pcall(syntax.parse, text, "t", options)
  if not ok then return ("raised %s on %q"):format(tree, text) end
  if (tree ~= nil) ~= want then return ("compiler: %s, parser: %s, on %q"):format(why, message, text) end
  if tree and syntax.print(tree) ~= text then return ("printed otherwise: %q"):format(text) end
  return nil, want
end

local function assert_agree(texts, count)
  local accepted = 0
  for i = 1, count do
    local wrong, want = disagreement(texts(i))
    assert.is_nil(wrong)
    if want then accepted = accepted + 1 end
  end
  return accepted
end

local function sources()
  return lines_of "find /usr/share/lua -name '*.lua' 2>/dev/null | sort"
end

describe("every Lua file of the system", function()
  it("is printed back, or refused as the compiler refuses it", function()
    local bytes, refused, files, seen, different = 0, {}, sources(), {}, 0
    for _, path in ipairs(files) do
      local text = read(path)
      if not seen[text] then
        seen[text], different, bytes = true, different + 1, bytes + #text
        local tree, message = syntax.parse(text, path)
        local want
        if FULL and has_luac() then want = luac_accepts(path) else want = oracle.accepts(text) end
        assert.equal(want, tree ~= nil, path)
        if tree then
          assert.is_true(text == syntax.print(tree), path)
          assert.is_true(text == oracle.assembled(tree), path)
        else
          refused[#refused + 1] = message
        end
      end
    end
    report("%d files, %d of them different (%d bytes), %d refused", #files, different, bytes, #refused)
    for _, message in ipairs(refused) do report("refused %s", message) end
  end)
end)

describe("generated programs", function()
  local count = scale(1000, 10000)

  it("are accepted and printed back, by text, by tokens and by nodes", function()
    local bytes = 0
    for seed = 1, count do
      local text = generator.program(seed)
      assert.is_true(oracle.accepts(text), "seed " .. seed)
      local tree = assert(syntax.parse(text))
      assert.equal(text, syntax.print(tree))
      assert.equal(text, oracle.assembled(tree))
      local parts = {}
      for i, token in ipairs(syntax.tokens(text)) do parts[i] = text:sub(token.first, token.last) end
      assert.equal(text, table.concat(parts))
      bytes = bytes + #text
    end
    report("%d generated programs, %d bytes", count, bytes)
  end)

  it("have the compiler's precedence and bindings: rewritten by the tree, they are the same code", function()
    local checked = count // 5
    for seed = 1, checked do
      local text = generator.program(seed)
      local tree = assert(syntax.parse(text))
      local code = oracle.bytecode(text)
      assert.is_true(code == oracle.bytecode(oracle.parenthesized(tree)), "precedence, seed " .. seed)
      assert.is_true(code == oracle.bytecode(oracle.renamed(tree)), "bindings, seed " .. seed)
    end
    report("%d programs with the same bytecode after parentheses and after renaming", checked)
  end)

  it("see at a use the declaration that the use is bound to", function()
    for seed = 1, count // 20 do
      local tree = assert(syntax.parse(generator.program(seed)))
      for _, use in ipairs(tree.uses) do
        local found = { declaration = false, scope = "global" }
        for _, visible in ipairs(syntax.names_at(tree, use.first)) do
          if visible.name == use.name then found = visible end
        end
        assert.is_true(found.declaration == use.declaration and found.scope == use.scope, "seed " .. seed)
      end
    end
  end)
end)

describe("a mutated corpus", function()
  local random = generator.random(20260101)
  local files

  local function base()
    if random(4) == 1 then
      files = files or sources()
      if #files > 0 then
        local text = read(files[random(#files)])
        if #text < 8000 then return text end
      end
    end
    return generator.program(random(1 << 30), random(3) - 1)
  end

  local function mutant()
    local text = base()
    return generator.mutate(random, text, syntax.tokens(text))
  end

  it("is accepted and refused as the compiler does", function()
    local count = scale(2000, 20000)
    local accepted = assert_agree(mutant, count)
    report("%d mutants, %d accepted, 0 disagreements", count, accepted)
  end)

  it("is accepted and refused as luac itself does, on a sample", function()
    if not has_luac() then return pending "luac5.4 is not installed" end
    local count, path = scale(60, 500), os.tmpname()
    for _ = 1, count do
      local text = mutant()
      local file = assert(io.open(path, "wb"))
      file:write(text)
      file:close()
      assert.equal(luac_accepts(path), syntax.parse(text) ~= nil, text)
    end
    os.remove(path)
    report("%d mutants judged by luac5.4 -p", count)
  end)
end)

describe("soups of the characters and words that matter", function()
  local function split(text)
    local list = {}
    for word in text:gmatch "%S+" do list[#list + 1] = word end
    return list
  end
  local function characters(text)
    local list = {}
    for c in text:gmatch "." do list[#list + 1] = c end
    return list
  end
  local kinds = {
    { name = "numbers", before = "x=", after = "", list = characters "0123489aAbfFxXpPeE.+-_ g", most = 7 },
    { name = "escapes", before = "x='", after = "'", most = 6, list = { "\\", "x", "u", "{", "}", "z", "0", "1", "2",
      "5", "6",
      "9", "7", "a", "f", "\n", "\r", " ", "'", '"', "\0", "u{", "\\u{7", "FFFFFFF", "\\x", "\\2", "\\u{0" } },
    { name = "brackets", before = "x=", after = "", most = 8, list = { "[", "]", "=", "[[", "]]", "[=[", "]=]", "--",
      "\n", "a",
      " ", "-", "[==[", "--[", "--[[", "--[=[" } },
    { name = "operators", before = "x=a", after = "b", list = characters "=<>~/:.-[]#&|^%*+a1 ", most = 7 },
    { name = "words", before = "", after = "", separator = " ", most = 9, list = split [[a b 1 's' ( ) { } [ ] = ,
      ; . : ::
      ... .. + - ~ not
        and function end local do while if then else return break goto for in repeat until < > <const> <close>
      nil == # elseif a=1 f() function(...) ::a:: goto\ a]] },
  }
  for _, kind in ipairs(kinds) do
    it("of " .. kind.name .. " are accepted and refused as the compiler does", function()
      local random = generator.random(#kind.name)
      local count = scale(3000, 40000)
      local accepted = assert_agree(function()
        local parts = {}
        for i = 1, random(kind.most) do parts[i] = kind.list[random(#kind.list)] end
        return kind.before .. table.concat(parts, kind.separator) .. kind.after
      end, count)
      report("%d soups of %s, %d accepted", count, kind.name, accepted)
    end)
  end

  -- Blocks that nest, so that what decides is not the grammar but the rules about labels, scopes and constants.
  local rules = {
    { name = "jumps", list = { "goto a", "goto b", "::a::", "::b::", "local x", ";", "break", "f()",
      "local y <close> = x" } },
    { name = "constants", list = { "local a <const> = 1", "local a", "a = 2", "a, b = 1, 2", "function a() end",
      "b = function() a = 1 end",
      "function a.b() end", "local function a() end", "local b <close> = nil", "b = a",
        "local a <const>, b <close> = 1" } },
  }
  local wraps = { { "do", "end" }, { "while x do", "end" }, { "repeat", "until x" }, { "if x then", "end" },
    { "if x then else", "end" },
    { "for a = 1, 2 do", "end" }, { "for b in x do", "end" }, { "local function f(a)", "end" }, { "repeat local a",
      "until a" },
    { "if x then break end", "" } }
  for _, rule in ipairs(rules) do
    local random = generator.random(#rule.name)
    local function block(depth)
      local parts = {}
      for i = 1, random(4) do
        local wrap = depth > 0 and random(3) == 1 and wraps[random(#wraps)]
        parts[i] = wrap and wrap[1] .. " " .. block(depth - 1) .. " " .. wrap[2] or rule.list[random(#rule.list)]
      end
      return table.concat(parts, " ")
    end
    it("of " .. rule.name .. " are accepted and refused as the compiler does", function()
      local count = scale(4000, 40000)
      local accepted = assert_agree(function() return block(3) end, count)
      report("%d soups of %s, %d accepted", count, rule.name, accepted)
    end)
  end

  it("of random bytes are an error or a tree, never a raise", function()
    local random = generator.random(99)
    local count = scale(3000, 40000)
    local accepted = assert_agree(function()
      local bytes = {}
      for i = 1, random(60) do bytes[i] = string.char(random(256) - 1) end
      return table.concat(bytes)
    end, count)
    report("%d strings of random bytes, %d accepted", count, accepted)
  end)
end)

describe("the compiler's limits", function()
  local function many(count, separator, one)
    local list = {}
    for i = 1, count do list[i] = one:gsub("#", tostring(i)) end
    return table.concat(list, separator)
  end
  local function nested(before, open, middle, close)
    return function(n) return before .. open:rep(n) .. middle .. close:rep(n) end
  end
  local function locals(rest)
    return function(n) return many(n, " ", "local a#") .. rest end
  end
  -- The largest accepted size, as luac5.4 5.4.4 has it.
  local shapes = {
    { "parentheses", 196, nested("x=", "(", "1", ")") }, { "blocks", 198, nested("", "do ", "", "end ") },
    { "concatenations", 196, nested("x=", "a..", "a", "") }, { "powers", 196, nested("x=", "a^", "a", "") },
    { "signs", 196, nested("x=", "- ", "a", "") }, { "tables", 197, nested("x=", "{", "", "}") },
    { "named fields", 196, nested("x=", "{a=", "1", "}") }, { "keyed fields", 196, nested("x=", "{[", "1", "]=1}") },
    { "indexes", 196, nested("x=", "a[", "1", "]") }, { "calls", 198, nested("", "f(", "", ")") },
    { "function values", 98, nested("x=", "function() return ", "1", " end") },
    { "functions", 198, nested("", "function a() ", "", " end") }, { "loops", 197, nested("", "while x do ", "",
      " end") },
    { "repeats", 197, nested("", "repeat ", "", " until x ") }, { "conditions", 197, nested("", "if x then ", "",
      " end ") },
    { "numeric loops", 50, nested("", "for i=1,2 do ", "", " end ") },
    { "generic loops", 40, nested("", "for i in x do ", "", " end ") },
    { "labels", 198, function(n) return many(n, "", "::a#::") end },
    { "targets", 197, function(n) return many(n, ",", "a") .. "=1" end },
    { "indexed targets", 127, function(n) return many(n, ",", "a[1]") .. "=1" end },
    { "locals", 200, locals "" }, { "locals and a loop", 196, locals " for i=1,2 do end" },
    { "locals and a generic loop", 194, locals " for i,j in x do end" },
    { "locals and a function", 199, locals " local function f() end" },
    { "parameters", 200, function(n) return "function f(" .. many(n, ",", "a#") .. ") end" end },
    { "method parameters", 199, function(n) return "function f:g(" .. many(n, ",", "a#") .. ") end" end },
    { "arguments", 253, function(n) return "f(" .. many(n, ",", "a") .. ")" end },
    { "method arguments", 252, function(n) return "a:b(" .. many(n, ",", "1") .. ")" end },
    { "results", 254, function(n) return "return " .. many(n, ",", "a") end },
    { "arguments in arguments", 152, function(n) return "f(" .. many(100, ",", "1") .. ",f(" .. many(n, ",", "1")
      .. "))" end },
    { "upvalues", 255, function(n)
      local names = {}
      for i = 1, n do names[i] = (i <= 150 and "a" or "b") .. (i <= 150 and i or i - 150) end
      return "local " .. many(150, ",", "a#") .. " local function f() local " .. many(150, ",", "b#")
        .. " return function() local x={" .. table.concat(names, ",") .. "} end end"
    end },
  }

  it("are its own", function()
    local path = os.tmpname()
    local judge = FULL and has_luac()
    for _, shape in ipairs(shapes) do
      for size = shape[2], shape[2] + 1 do
        local text = shape[3](size)
        local tree, message, code = syntax.parse(text)
        assert.equal(size == shape[2], tree ~= nil, shape[1] .. ": " .. tostring(message))
        if not tree then assert.equal("SYNTAX", code) end
        if judge then
          local file = assert(io.open(path, "wb"))
          file:write(text)
          file:close()
          assert.equal(tree ~= nil, luac_accepts(path), shape[1])
        end
      end
    end
    os.remove(path)
    report("%d limits%s", #shapes, judge and ", judged by luac5.4 -p" or "")
  end)

  it("that only code generation knows have a line", function()
    local tree, message, code = syntax.parse("local a\nreturn f(" .. many(254, ",", "a") .. ")\n", "n")
    assert.is_nil(tree)
    assert.equal("n:2:1: function or expression needs too many registers near 'return'", message)
    assert.equal("SYNTAX", code)
  end)

  it("do not count constants that the compiler folds as upvalues", function()
    local function nest(value)
      local names = {}
      for i = 1, 150 do names[i], names[150 + i] = "a" .. i, "b" .. i end
      return many(150, " ", "local a# <const> = " .. value) .. " local function f() " .. many(150, " ",
        "local b# <const> = " .. value)
        .. " return function() local x = {" .. table.concat(names, ",") .. "} end end"
    end
    for _, value in ipairs { "1", "'s'", "-1", "1 + 1", "not nil", "2 // 1", "nil", "f", "-x", "1 / 0", "a0", "{}" } do
      local text = nest(value)
      local want, why = oracle.accepts(text)
      assert.equal(want, syntax.parse(text) ~= nil, value .. ": " .. tostring(why))
    end
  end)
end)

-- VM instructions of fn, in thousands: a measure of time that does not depend on the machine. C code is not counted.
local function instructions(fn)
  local thousands = 0
  debug.sethook(function() thousands = thousands + 1 end, "", 1000)
  local result = table.pack(pcall(fn))
  debug.sethook()
  assert(result[1], result[2])
  return thousands, result[2]
end

describe("size", function()
  local function program(bytes)
    local parts, total, seed = {}, 0, 1
    while total < bytes do
      local part = "do local function _(...) " .. generator.program(seed):gsub("^#[^\n]*", "") .. "\nend end\n"
      parts[#parts + 1] = part
      total, seed = total + #part, seed + 1
    end
    return table.concat(parts)
  end

  it("costs in proportion", function()
    local small, large = program(500000), program(1000000)
    local begun = os.clock()
    assert(syntax.parse(large))
    local seconds = os.clock() - begun
    local one = instructions(function() assert(syntax.parse(small)) end)
    local two = instructions(function() assert(syntax.parse(large)) end)
    local ratio = (two / #large) / (one / #small)
    report("%d bytes in %.2f s (%.1f MB/s); %.0f instructions a byte; twice the size costs %.2f a byte", #large,
      seconds,
      #large / 1e6 / seconds, two * 1000 / #large, ratio)
    assert.is_true(ratio < 1.3 and ratio > 0.7, "ratio " .. ratio)
  end)

  local size = scale(20000, 300000)
  -- Accepted, with trees as deep as they are long on the left, or as wide.
  local long = {
    { "x=a", ".b", "" }, { "x=1", "+1", "" }, { "f", "()", "" }, { "x", "[1]", "=2" }, { "x=f", ":m{}", "" }, { "",
      ";", "" },
    { "x={", "1,", "}" }, { "", "a=1 ", "" }, { "if a then ", "elseif b then ", " end" }, { "--", "-", "" },
    { "x='", "\\\n", "'" }, { "x=[==[", "]=]", "]==]" }, { "f()", "(function() end)", "" }, { "x=1", " or 1 and 1",
      "" },
    { "", "do goto a ::a:: end ", "" }, { "", "function f() end ", "" },
  }
  -- Refused, and many of them only after much was read.
  local bad = { "(", "{", "f(", "a.", "- ", "not ", "function() ", "do ", "[[", "[=", "--[[", "--[==[ ]] ", "a=",
    "::a::", "goto a ",
    "if x then ", "else ", '"', "\\", "0x", "'\\", "x={", "x=(", "a,", "local a,", "return ", "for a=", "for a in ",
      "repeat ", "f{",
    "a[", "a:b(", "function f(", "x=function(", "\0", "\255", "x=#", "x=-", "a..", "1", "elseif ", "end ",
      "goto a;::b:: ",
    "if a then x=f(function() return {" }

  local function hostile(text)
    local cost, outcome = instructions(function()
      local tree, message, code = syntax.parse(text)
      return tree and "tree" or code == "SYNTAX" and #message < 400 and "refused" or error "no outcome"
    end)
    return cost, outcome
  end

  local function walk_everything(text)
    local tree = assert(syntax.parse(text))
    local other = assert(syntax.parse("local y; " .. text))
    return (instructions(function()
      assert.is_true(text == oracle.assembled(tree))
      assert.equal(32, #syntax.hash(tree.root, { names = "rename" }))
      syntax.functions(tree)
      syntax.callgraph(tree)
      syntax.globals(tree)
      assert.equal(1, #syntax.diff(tree, other)[1].changes)
    end))
  end

  it("of accepted text is no danger to what walks the tree", function()
    for _, shape in ipairs(long) do
      local function make(bytes)
        return shape[1] .. shape[2]:rep(bytes // #shape[2]) .. shape[3]
      end
      local text = make(size)
      local one, outcome = hostile(make(size // 2))
      local two = hostile(text)
      assert.equal("tree", outcome, shape[2])
      assert.is_true(two <= 2.6 * one + 50, shape[2] .. ": " .. one .. " then " .. two)
      local half, whole = walk_everything(make(size // 2)), walk_everything(text)
      assert.is_true(whole <= 2.6 * half + 100, shape[2] .. ": " .. half .. " then " .. whole)
    end
    report("%d shapes of %d bytes parsed, walked, hashed and compared", #long, size)
  end)

  it("of refused text is no danger either", function()
    for _, piece in ipairs(bad) do
      local one = hostile(piece:rep(size // 2 // #piece))
      local two, outcome = hostile(piece:rep(size // #piece))
      assert.equal("refused", outcome, piece)
      assert.is_true(two <= 2.6 * one + 50, piece .. ": " .. one .. " then " .. two)
    end
    report("%d shapes of %d bytes refused", #bad, size)
  end)
end)
