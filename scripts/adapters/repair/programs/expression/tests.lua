local function expression(rng, depth, names)
  if depth == 0 or rng.chance(0.2) then
    if names and rng.chance(0.3) then return rng.pick(names) end
    return tostring(rng.int(0, 9))
  end
  local kind = rng(8)
  if kind == 1 then return "-" .. expression(rng, depth - 1, names) end
  if kind == 2 then return "(" .. expression(rng, depth - 1, names) .. ")" end
  if kind == 3 then return expression(rng, depth - 1, names) .. " ^ " .. rng.int(0, 3) end
  return expression(rng, depth - 1, names) .. rng.pick { "+", " - ", "*", "/", " % ", "+", "-" }
    .. expression(rng, depth - 1, names)
end

local function split(text)
  local list = {}
  for word in text:gmatch "%d+" do list[#list + 1] = word end
  return list
end

local function tokenize(text)
  local list, at = {}, 1
  while at <= #text do
    local s, e = text:find("^%s*([%d]+)", at)
    if not s then s, e = text:find("^%s*[%a_][%w_]*", at) end
    if not s then s, e = text:find("^%s*%S", at) end
    if not s then break end
    list[#list + 1] = text:sub(s, e):match "^%s*(.*)$"
    at = e + 1
  end
  return list
end

local RANK = { ["+"] = 2, ["-"] = 2, ["*"] = 2, ["/"] = 2, ["%"] = 2, ["^"] = 2 }

-- A random well-formed postfix list.
local function postfix(rng, depth, out)
  if depth == 0 or rng.chance(0.25) then
    out[#out + 1] = rng.chance(0.3) and rng.pick { "x", "y" } or tostring(rng.int(0, 9))
  elseif rng.chance(0.2) then
    postfix(rng, depth - 1, out)
    out[#out + 1] = "neg"
  else
    postfix(rng, depth - 1, out)
    local operator = rng.pick { "+", "-", "*", "/", "%", "^" }
    if operator == "^" then out[#out + 1] = tostring(rng.int(0, 3))
    else postfix(rng, depth - 1, out) end
    out[#out + 1] = operator
  end
  return out
end

local function well_formed(tokens)
  local depth, operand = 0, true
  for _, token in ipairs(tokens) do
    if token:find "^[%w_]" then
      if not operand then return false end
      operand = false
    elseif token == "(" then
      if not operand then return false end
      depth = depth + 1
    elseif token == ")" then
      if operand or depth == 0 then return false end
      depth = depth - 1
    elseif operand then
      if token ~= "-" then return false end
    else operand = true end
  end
  return not operand and depth == 0
end

return {
  job = "parses and evaluates arithmetic with names by operator precedence",
  brief = "A calculator. Expressions hold integers, names, + - * / % ^, unary minus and brackets; / and % floor; "
    .. "^ binds tighter than unary minus and groups to the right.",
  blocks = {
    { name = "tokens", signature = "tokens(text: string) -> list of strings",
      pre = function(a) return not a[1]:find "[^%w_%s%+%-%*/%%%^%(%)]" end,
      post = function(a, r) return table.concat(r[1]) == (a[1]:gsub("%s", "")) end,
      hidden = function(rng, i)
        local text = expression(rng, 3, { "a", "bc", "_d1" })
        if i % 6 == 0 then text = text .. rng.pick { " $", "#1", " & 2", "=" } end
        return { rng.chance(0.3) and "  " .. text .. " " or text }
      end,
      examples = {
        { args = { "" }, want = { {} } },
        { args = { "1+2" }, want = { { "1", "+", "2" } } },
        { args = { " 12 * (x1 - 3) " }, want = { { "12", "*", "(", "x1", "-", "3", ")" } } },
        { args = { "2^10%7" }, want = { { "2", "^", "10", "%", "7" } } },
        { args = { "a_b/_c" }, want = { { "a_b", "/", "_c" } } },
        { args = { "--4" }, want = { { "-", "-", "4" } } },
        { args = { "3 $ 4" }, want_error = "unexpected '%$' at 3$" },
        { args = { "12ab" }, want = { { "12", "ab" } } },
        { args = { "a = 1" }, want_error = "unexpected '=' at 3$" },
      } },
    { name = "to_rpn", signature = "to_rpn(tokens) -> tokens in postfix order; unary minus is 'neg'",
      pre = function(a) return well_formed(a[1]) end,
      post = function(a, r)
        local operands = 0
        for _, token in ipairs(a[1]) do if token:find "^[%w_]" then operands = operands + 1 end end
        local values = 0
        for _, token in ipairs(r[1]) do
          if RANK[token] then values = values - 1 elseif token ~= "neg" then values, operands = values + 1,
            operands - 1 end
          if values < 1 then return false end
        end
        return values == 1 and operands == 0
      end,
      hidden = function(rng, i)
        local tokens = tokenize(expression(rng, 3, { "a", "b" }))
        if i % 5 == 0 then table.remove(tokens, rng(#tokens)) end
        if i % 7 == 0 then table.insert(tokens, rng(#tokens + 1), rng.pick { "(", ")", "*", "5" }) end
        return { tokens }
      end,
      examples = {
        { args = { { "1", "+", "2" } }, want = { { "1", "2", "+" } } },
        { args = { { "1", "+", "2", "*", "3" } }, want = { { "1", "2", "3", "*", "+" } } },
        { args = { { "(", "1", "+", "2", ")", "*", "3" } }, want = { { "1", "2", "+", "3", "*" } } },
        { args = { { "2", "^", "3", "^", "2" } }, want = { { "2", "3", "2", "^", "^" } } },
        { args = { { "8", "-", "3", "-", "2" } }, want = { { "8", "3", "-", "2", "-" } } },
        { args = { { "-", "2", "^", "2" } }, want = { { "2", "2", "^", "neg" } } },
        { args = { { "a", "*", "-", "b" } }, want = { { "a", "b", "neg", "*" } } },
        { args = { { "(", "1", "+", "2" } }, want_error = "unbalanced %($" },
        { args = { { "1", "+", "2", ")" } }, want_error = "unbalanced %)$" },
        { args = { { "1", "+" } }, want_error = "operand expected at the end$" },
        { args = { { "1", "2" } }, want_error = "operator expected before 2$" },
        { args = { { "*", "2" } }, want_error = "operand expected before %*$" },
        { args = { { "(", ")" } }, want_error = "operand expected before %)$" },
      } },
    { name = "eval_rpn", signature = "eval_rpn(rpn, names) -> integer",
      pre = function(a)
        local stack = {}
        for _, token in ipairs(a[1]) do
          if token:find "^%d" then stack[#stack + 1] = math.tointeger(tonumber(token))
          elseif token == "neg" then stack[#stack] = -stack[#stack]
          elseif token:find "^%a" then
            if not a[2][token] then return false end
            stack[#stack + 1] = a[2][token]
          else
            local b = table.remove(stack)
            local x = stack[#stack]
            if (token == "/" or token == "%") and b == 0 or token == "^" and b < 0 then return false end
            if token == "+" then x = x + b elseif token == "-" then x = x - b elseif token == "*" then x = x * b
            elseif token == "/" then x = x // b elseif token == "%" then x = x % b
            else local p = 1 for _ = 1, b do p = p * x end x = p end
            stack[#stack] = x
          end
        end
        return true
      end,
      post = function(_, r) return math.type(r[1]) == "integer" end,
      hidden = function(rng) return { postfix(rng, 3, {}), rng.chance(0.85) and { x = rng.int(-9, 9), y = 4 }
        or { y = 2 } } end,
      examples = {
        { args = { { "7" }, {} }, want = { 7 } },
        { args = { { "1", "2", "+" }, {} }, want = { 3 } },
        { args = { { "8", "3", "-", "2", "-" }, {} }, want = { 3 } },
        { args = { { "7", "2", "/" }, {} }, want = { 3 } },
        { args = { { "x", "3", "%" }, { x = 11 } }, want = { 2 } },
        { args = { { "x", "neg", "3", "*" }, { x = 5 } }, want = { -15 } },
        { args = { { "2", "5", "^" }, {} }, want = { 32 } },
        { args = { { "9", "0", "^" }, {} }, want = { 1 } },
        { args = { { "4", "0", "/" }, {} }, want_error = "division by zero$" },
        { args = { { "q" }, {} }, want_error = "unknown name q$" },
        { args = { { "2", "3", "neg", "^" }, {} }, want_error = "negative exponent$" },
      } },
    { name = "free_names", signature = "free_names(tokens) -> names in order of first use",
      pre = function() return true end,
      post = function(a, r) return #r[1] <= #a[1] end,
      hidden = function(rng) return { tokenize(expression(rng, 4, { "a", "b", "c", "a1" })) } end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { { "1", "+", "2" } }, want = { {} } },
        { args = { { "a", "+", "b" } }, want = { { "a", "b" } } },
        { args = { { "b", "*", "a", "+", "b" } }, want = { { "b", "a" } } },
        { args = { { "(", "x1", ")", "-", "x1" } }, want = { { "x1" } } },
        { args = { { "_", "/", "_" } }, want = { { "_" } } },
        { args = { { "a", "a", "a" } }, want = { { "a" } } },
        { args = { { "n2", "^", "2", "n" } }, want = { { "n2", "n" } } },
      } },
    { name = "to_text", signature = "to_text(rpn) -> expression text with the fewest brackets",
      pre = function() return true end,
      post = function(a, r) return #split(r[1]) == #split(table.concat(a[1], " ")) end,
      hidden = function(rng) return { postfix(rng, 3, {}) } end,
      examples = {
        { args = { { "1" } }, want = { "1" } },
        { args = { { "1", "2", "+" } }, want = { "1 + 2" } },
        { args = { { "1", "2", "+", "3", "*" } }, want = { "(1 + 2) * 3" } },
        { args = { { "1", "2", "3", "*", "+" } }, want = { "1 + 2 * 3" } },
        { args = { { "1", "2", "3", "-", "-" } }, want = { "1 - (2 - 3)" } },
        { args = { { "1", "2", "-", "3", "-" } }, want = { "1 - 2 - 3" } },
        { args = { { "2", "3", "^", "2", "^" } }, want = { "(2 ^ 3) ^ 2" } },
        { args = { { "2", "3", "2", "^", "^" } }, want = { "2 ^ 3 ^ 2" } },
        { args = { { "x", "1", "+", "neg" } }, want = { "-(x + 1)" } },
        { args = { { "x", "neg", "2", "^" } }, want = { "(-x) ^ 2" } },
      } },
  },
  integration = { name = "calculate", signature = "calculate(lines) -> list of values; `name = expr` defines a name",
    pre = function(a)
      for _, line in ipairs(a[1]) do if line:find "[?]" or line:find "/ 0" or line:find "zz" then return false end end
      return true
    end,
    post = function(a, r) return #r[1] == #a[1] end,
    hidden = function(rng, i)
      local lines, names = {}, { "a" }
      lines[1] = "a = " .. rng.int(1, 20)
      for k = 2, rng.int(2, 5) do
        local body = "1 + (" .. expression(rng, 2, names):gsub("[/%%]", "*") .. ")"
        lines[k] = rng.chance(0.5) and "v" .. k .. " = " .. body or body
        if lines[k]:find "=" then names[#names + 1] = "v" .. k end
      end
      if i % 6 == 0 then lines[#lines + 1] = rng.pick { "1 / 0", "zz + 1", "2 ? 3" } end
      return { lines }
    end,
    examples = {
      { args = { {} }, want = { {} } },
      { args = { { "1 + 2 * 3" } }, want = { { 7 } } },
      { args = { { "a = 4", "a * a" } }, want = { { 4, 16 } } },
      { args = { { "a = 2", "b = a ^ 3", "b - a" } }, want = { { 2, 8, 6 } } },
      { args = { { "x=7", "x=x-1", "x" } }, want = { { 7, 6, 6 } } },
      { args = { { "(2 + 3) * -4" } }, want = { { -20 } } },
      { args = { { "2", "1 / 0" } }, want_error = "line 2: division by zero$" },
      { args = { { "y = zz" } }, want_error = "line 1: unknown name zz$" },
      { args = { { "10 % 4", "17 / 5" } }, want = { { 2, 3 } } },
    } },
}
