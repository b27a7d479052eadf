local FACT = "(def fact (fn (n) (if (< n 2) 1 (* n (fact (- n 1))))))"
local function balanced(text)
  local depth = 0
  for b in text:gmatch "[()]" do
    depth = depth + (b == "(" and 1 or -1)
    if depth < 0 then return false end
  end
  return depth == 0
end
local function N(name) return { name = name } end
local function number(rng) return rng.int(-9, 20) end
local function list(rng) return rng.list(0, 4, function() return number(rng) end) end
local function expression(rng, depth)
  if depth == 0 or rng.chance(0.2) then return tostring(number(rng)) end
  local e = function() return expression(rng, depth - 1) end
  return rng.pick { function() return "(+ " .. e() .. " " .. e() .. " " .. e() .. ")" end, function() return "(- "
    .. e() .. " " .. e() .. ")" end,
    function() return "(if (< " .. e() .. " " .. e() .. ") " .. e() .. " " .. e() .. ")" end, function()
      return "((fn (x y) (* x y)) " .. e() .. " " .. e() .. ")" end,
    function() return "(first (rest (list " .. e() .. " " .. e() .. ")))" end }()
end
local FLAWS = { "(first '())", "(1 2)", "nope", "(+ 1 'a)", "((fn (x) x))", "(- 1)", ")", "(+ 1", "(cons 1 2)",
  "(def f (fn (x) (f x))) (f 1)", "'" }
local FLAWED = {}
for _, f in ipairs(FLAWS) do FLAWED[f] = true end
local function ready(words)
  local text = table.concat(words, " ")
  if not balanced(text) then return false end
  for i, w in ipairs(words) do
    local after = words[i + 1]
    if w == "'" and (after == nil or after == ")" or after == "'") then return false end
  end
  return true
end

return {
  job = "reads and evaluates a small Lisp with functions, lists and a limit on steps",
  brief = "Names are { name }, lists are plain lists, integers are themselves. 0 and () are false. def sets a name, "
    .. "fn makes a "
    .. "function that remembers where it was made.",
  blocks = {
    { name = "words", signature = "words(text) -> list of words",
      pre = function() return true end,
      post = function(_, r)
        for _, w in ipairs(r[1]) do if w:find "%s" then return false end end
        return true
      end,
      hidden = function(rng) return { table.concat(rng.list(0, 6, function() return rng.pick { "(", ")", "'", "ab",
        " ", "12", "; no (\n", "\n", "+" } end)) } end,
      examples = {
        { args = { "" }, want = { {} } },
        { args = { "(+ 1 2)" }, want = { { "(", "+", "1", "2", ")" } } },
        { args = { "'a" }, want = { { "'", "a" } } },
        { args = { "1 ; two\n3" }, want = { { "1", "3" } } },
        { args = { "((x)y)" }, want = { { "(", "(", "x", ")", "y", ")" } } },
        { args = { "; all" }, want = { {} } },
        { args = { " a\n\tb " }, want = { { "a", "b" } } },
        { args = { "-5" }, want = { { "-5" } } },
      } },
    { name = "read", signature = "read(words) -> list of forms",
      pre = function(a) return ready(a[1]) end,
      post = function(a, r) return #r[1] <= #a[1] end,
      hidden = function(rng) return { rng.list(0, 5, function() return rng.pick { "(", ")", ")", "a", "7", "-3", "'",
        "b" } end) } end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { { "5" } }, want = { { 5 } } },
        { args = { { "x" } }, want = { { N "x" } } },
        { args = { { "(", "+", "1", ")" } }, want = { { { N "+", 1 } } } },
        { args = { { "'", "x" } }, want = { { { N "quote", N "x" } } } },
        { args = { { "'", "(", "1", ")" } }, want = { { { N "quote", { 1 } } } } },
        { args = { { "(" } }, want_error = "bracket opened but not closed$" },
        { args = { { "1", ")" } }, want_error = "bracket closed but not opened$" },
        { args = { { "'" } }, want_error = "nothing to quote$" },
      } },
    { name = "show", signature = "show(form) -> text",
      pre = function() return true end,
      post = function(_, r) return balanced(r[1]) end,
      hidden = function(rng) return { rng.pick { number(rng), N "abc", list(rng), { list(rng), N "q", list(rng) },
        { params = list(rng), body = 1 } } } end,
      examples = {
        { args = { 5 }, want = { "5" } },
        { args = { -2 }, want = { "-2" } },
        { args = { N "x" }, want = { "x" } },
        { args = { {} }, want = { "()" } },
        { args = { { 1, 2 } }, want = { "(1 2)" } },
        { args = { { N "f", { 1 }, {} } }, want = { "(f (1) ())" } },
        { args = { { params = { N "x" }, body = 1 } }, want = { "<function of 1>" } },
        { args = { { { { 3 } } } }, want = { "(((3)))" } },
      } },
    { name = "builtin", signature = "builtin(name, values) -> value",
      pre = function(a)
        local x, y = a[2][1], a[2][2]
        if a[1] == "list" then return true end
        if a[1] == "+" or a[1] == "*" then
          for _, v in ipairs(a[2]) do if type(v) ~= "number" then return false end end
          return true
        end
        if a[1] == "cons" then return type(y) == "table" end
        if a[1] == "first" or a[1] == "rest" then return type(x) == "table" and #x > 0 end
        return #a[2] == 2 and type(x) == "number" and type(y) == "number"
      end,
      post = function(_, r) return r[1] ~= nil end,
      hidden = function(rng)
        local name = rng.pick { "+", "*", "-", "<", "=", "list", "cons", "first", "rest" }
        if name == "cons" then return { name, { number(rng), rng.chance(0.8) and list(rng) or 4 } } end
        if name == "first" or name == "rest" then return { name, { rng.chance(0.9) and list(rng) or 3 } } end
        local args = rng.list(name == "+" and 0 or 2, rng.chance(0.8) and 2 or 3, function() return rng.int(0, 4) end)
        if rng.chance(0.1) then args[1] = {} end
        return { name, args }
      end,
      examples = {
        { args = { "+", { 1, 2, 3 } }, want = { 6 } },
        { args = { "*", {} }, want = { 1 } },
        { args = { "-", { 5, 7 } }, want = { -2 } },
        { args = { "<", { 1, 2 } }, want = { 1 } },
        { args = { "=", { 1, 2 } }, want = { 0 } },
        { args = { "cons", { 1, { 2 } } }, want = { { 1, 2 } } },
        { args = { "rest", { { 1, 2 } } }, want = { { 2 } } },
        { args = { "first", { {} } }, want_error = "first wants a list with something in it$" },
        { args = { "-", { 1 } }, want_error = "%- wants two numbers$" },
      } },
    { name = "eval", signature = "eval(form, env { names, up }, counter { left }) -> value",
      pre = function(a) return a[3].left >= 9 and not a[2].flaw end,
      post = function() return true end,
      hidden = function(rng, i)
        local flaw = i % 5 == 0
        local form = flaw and rng.pick { N "zz", { 1, 2 }, { N "-", 1 } } or rng.pick { number(rng), N "x", { N "+",
          N "x", N "y" }, { N "quote", N "q" },
          { N "if", rng.int(0, 1), N "x", 4 }, { N "if", {}, 1, 2 }, { { N "fn", { N "x" }, { N "*", N "x", N "y" } },
            3 } }
        return { form, { names = { x = number(rng) }, up = { names = { y = number(rng), x = 99 } }, flaw = flaw
          or nil }, { left = i % 7 == 0 and 0 or 50 } }
      end,
      examples = {
        { args = { 5, { names = {} }, { left = 9 } }, want = { 5 } },
        { args = { N "x", { names = { x = 3 } }, { left = 9 } }, want = { 3 } },
        { args = { N "x", { names = {}, up = { names = { x = 4 } } }, { left = 9 } }, want = { 4 } },
        { args = { { N "+", 1, N "x" }, { names = { x = 3 } }, { left = 9 } }, want = { 4 } },
        { args = { { N "if", 0, 1, 2 }, { names = {} }, { left = 9 } }, want = { 2 } },
        { args = { { N "if", 0, 1 }, { names = {} }, { left = 9 } }, want = { 0 } },
        { args = { { N "quote", { 1, N "a" } }, { names = {} }, { left = 9 } }, want = { { 1, N "a" } } },
        { args = { 5, { names = {} }, { left = 0 } }, want_error = "too many steps$" },
        { args = { N "q", { names = {}, flaw = true }, { left = 9 } }, want_error = "unknown q$" },
      } },
  },
  integration = { name = "run", signature = "run(text, steps) -> results as text",
    pre = function(a)
      for flaw in pairs(FLAWED) do if a[1] == flaw or a[1]:sub(-#flaw - 1) == " " .. flaw then return false end end
      return a[2] > 50
    end,
    post = function(_, r) return #r[1] >= 0 end,
    hidden = function(rng, i)
      local text = i % 5 == 0 and FACT .. " (fact " .. rng.int(0, 6) .. ")" or expression(rng, 3)
      if i % 4 == 0 then text = text .. " " .. rng.pick(FLAWS) end
      return { text, 600 }
    end,
    examples = {
      { args = { "", 100 }, want = { {} } },
      { args = { "(+ 1 (* 2 3))", 100 }, want = { { "7" } } },
      { args = { FACT .. " (fact 5)", 1000 }, want = { { "<function of 1>", "120" } } },
      { args = { "(def x 4) (def f (fn (y) (- x y))) (f 1)", 100 }, want = { { "4", "<function of 1>", "3" } } },
      { args = { "(cons 1 '(2 a))", 100 }, want = { { "(1 2 a)" } } },
      { args = { "(1 2)", 100 }, want_error = "1 is no function$" },
      { args = { "((fn (x) x))", 100 }, want_error = "wants 1 values, not 0$" },
      { args = { "(+ 1", 100 }, want_error = "bracket opened but not closed$" },
    } },
}
