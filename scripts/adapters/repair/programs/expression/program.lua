-- Arithmetic over integers and names: text to tokens, tokens to reverse Polish notation, and its value.
local M = {}

local PRECEDENCE = { ["+"] = 1, ["-"] = 1, ["*"] = 2, ["/"] = 2, ["%"] = 2, ["^"] = 4, neg = 3 }
local RIGHT = { ["^"] = true, neg = true }

function M.tokens(text)
  local list, at = {}, 1
  while at <= #text do
    local space = text:match("^%s+", at)
    if space then
      at = at + #space
    else
      local word = text:match("^%d+", at) or text:match("^[%a_][%w_]*", at)
      if word then
        list[#list + 1] = word
        at = at + #word
      else
        local sign = text:sub(at, at)
        if not sign:find("[%+%-%*/%%%^%(%)]") then
          error("unexpected '" .. sign .. "' at " .. at, 0)
        end
        list[#list + 1] = sign
        at = at + 1
      end
    end
  end
  return list
end

local function pops(top, operator)
  if not top or top == "(" then
    return false
  end
  local mine, other = PRECEDENCE[operator], PRECEDENCE[top]
  if RIGHT[operator] then
    return other > mine
  end
  return other >= mine
end

function M.to_rpn(tokens)
  local output, stack, operand_next = {}, {}, true
  for _, token in ipairs(tokens) do
    if token:find("^[%w_]") then
      if not operand_next then
        error("operator expected before " .. token, 0)
      end
      output[#output + 1] = token
      operand_next = false
    elseif token == "(" then
      if not operand_next then
        error("operator expected before (", 0)
      end
      stack[#stack + 1] = token
    elseif token == ")" then
      if operand_next then
        error("operand expected before )", 0)
      end
      while #stack > 0 and stack[#stack] ~= "(" do
        output[#output + 1] = table.remove(stack)
      end
      if #stack == 0 then
        error("unbalanced )", 0)
      end
      table.remove(stack)
    elseif operand_next then
      if token ~= "-" then
        error("operand expected before " .. token, 0)
      end
      stack[#stack + 1] = "neg"
    else
      while pops(stack[#stack], token) do
        output[#output + 1] = table.remove(stack)
      end
      stack[#stack + 1] = token
      operand_next = true
    end
  end
  if operand_next then
    error("operand expected at the end", 0)
  end
  while #stack > 0 do
    local token = table.remove(stack)
    if token == "(" then
      error("unbalanced (", 0)
    end
    output[#output + 1] = token
  end
  return output
end

local function apply(operator, a, b)
  if operator == "+" then
    return a + b
  elseif operator == "-" then
    return a - b
  elseif operator == "*" then
    return a * b
  elseif operator == "^" then
    if b < 0 then
      error("negative exponent", 0)
    end
    local result = 1
    for _ = 1, b do
      result = result * a
    end
    return result
  end
  if b == 0 then
    error("division by zero", 0)
  end
  if operator == "/" then
    return a // b
  end
  return a % b
end

function M.eval_rpn(rpn, names)
  local stack = {}
  for _, token in ipairs(rpn) do
    if token:find("^%d") then
      stack[#stack + 1] = math.tointeger(tonumber(token))
    elseif token == "neg" then
      stack[#stack] = -stack[#stack]
    elseif token:find("^[%a_]") then
      local value = names[token]
      if value == nil then
        error("unknown name " .. token, 0)
      end
      stack[#stack + 1] = value
    else
      local b = table.remove(stack)
      local a = table.remove(stack)
      stack[#stack + 1] = apply(token, a, b)
    end
  end
  return stack[1]
end

-- The names an expression reads, each once, in order of first use.
function M.free_names(tokens)
  local seen, list = {}, {}
  for _, token in ipairs(tokens) do
    if token:find("^[%a_]") and not seen[token] then
      seen[token] = true
      list[#list + 1] = token
    end
  end
  return list
end

-- Reverse Polish notation back to text with no bracket more than needed.
function M.to_text(rpn)
  local stack = {}
  for _, token in ipairs(rpn) do
    local rank = PRECEDENCE[token]
    if not rank then
      stack[#stack + 1] = { text = token, rank = 9 }
    elseif token == "neg" then
      local inner = stack[#stack]
      local text = inner.text
      if inner.rank < rank then
        text = "(" .. text .. ")"
      end
      stack[#stack] = { text = "-" .. text, rank = rank }
    else
      local right = table.remove(stack)
      local left = table.remove(stack)
      local a, b = left.text, right.text
      if left.rank < rank or (left.rank == rank and RIGHT[token]) then
        a = "(" .. a .. ")"
      end
      if right.rank < rank or (right.rank == rank and not RIGHT[token]) then
        b = "(" .. b .. ")"
      end
      stack[#stack + 1] = { text = a .. " " .. token .. " " .. b, rank = rank }
    end
  end
  return stack[1].text
end

-- Every line is `name = expression` or an expression; later lines see earlier names.
function M.calculate(lines)
  local names, results = {}, {}
  for number, line in ipairs(lines) do
    local name, body = line:match("^%s*([%a_][%w_]*)%s*=%s*(.+)$")
    local tokens = M.tokens(body or line)
    local ok, value = pcall(function()
      return M.eval_rpn(M.to_rpn(tokens), names)
    end)
    if not ok then
      error("line " .. number .. ": " .. value, 0)
    end
    if name then
      names[name] = value
    end
    results[number] = value
  end
  return results
end

return M
