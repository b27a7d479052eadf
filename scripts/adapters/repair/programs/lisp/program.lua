-- A small Lisp over integers and lists: reading, printing, environments, evaluation under a limit, and programs.
local M = {}

-- Text to words: brackets, quotes, numbers and names; ";" starts a comment.
function M.words(text)
  local list = {}
  for word in text:gsub(";[^\n]*", ""):gsub("[()']", " %0 "):gmatch("%S+") do
    list[#list + 1] = word
  end
  return list
end

-- Words to a list of forms: integers, names as { name = "x" }, lists as { items }.
function M.read(words)
  local stack, current = {}, {}
  for i, word in ipairs(words) do
    if word == "(" then
      stack[#stack + 1] = current
      current = { quoted = words[i - 1] == "'" }
    elseif word == ")" then
      local done = current
      current = table.remove(stack)
      if not current then
        error("bracket closed but not opened", 0)
      end
      local form = table.move(done, 1, #done, 1, {})
      current[#current + 1] = done.quoted and { { name = "quote" }, form } or form
    elseif word ~= "'" then
      local value = math.tointeger(tonumber(word:match("^%-?%d+$"))) or { name = word }
      current[#current + 1] = words[i - 1] == "'" and { { name = "quote" }, value } or value
    elseif not words[i + 1] or words[i + 1] == ")" or words[i + 1] == "'" then
      error("nothing to quote", 0)
    end
  end
  if #stack > 0 then
    error("bracket opened but not closed", 0)
  end
  return table.move(current, 1, #current, 1, {})
end

function M.show(form)
  if type(form) ~= "table" then
    return tostring(form)
  elseif form.name then
    return form.name
  elseif form.body then
    return "<function of " .. #form.params .. ">"
  end
  local parts = {}
  for i, item in ipairs(form) do
    parts[i] = M.show(item)
  end
  return "(" .. table.concat(parts, " ") .. ")"
end

-- Applies a built-in to values; numbers for sums, lists for the rest.
function M.builtin(name, args)
  local first, second = args[1], args[2]
  if name == "list" then
    return args
  elseif name == "+" or name == "*" then
    local total = name == "+" and 0 or 1
    for _, value in ipairs(args) do
      if type(value) ~= "number" then
        error(name .. " wants numbers", 0)
      end
      total = name == "+" and total + value or total * value
    end
    return total
  elseif name == "-" or name == "<" or name == "=" then
    if #args ~= 2 or type(first) ~= "number" or type(second) ~= "number" then
      error(name .. " wants two numbers", 0)
    elseif name == "-" then
      return first - second
    end
    return (name == "<" and first < second or name == "=" and first == second) and 1 or 0
  elseif name == "cons" then
    if type(second) ~= "table" or second.name or second.body then
      error("cons wants a list", 0)
    end
    return { first, table.unpack(second) }
  end
  if type(first) ~= "table" or #first == 0 then
    error(name .. " wants a list with something in it", 0)
  elseif name == "first" then
    return first[1]
  end
  return { table.unpack(first, 2) }
end

local BUILTINS = { ["+"] = true, ["*"] = true, ["-"] = true, ["<"] = true, ["="] = true, list = true, cons = true,
  first = true, rest = true }

-- The value of a form in an environment { names, up }; counter is { left = steps }. 0 and () are false.
function M.eval(form, env, counter)
  counter.left = counter.left - 1
  if counter.left < 0 then
    error("too many steps", 0)
  elseif type(form) ~= "table" or #form == 0 and not form.name then
    return form
  elseif form.name then
    local scope = env
    while scope do
      if scope.names[form.name] ~= nil then
        return scope.names[form.name]
      end
      scope = scope.up
    end
    if BUILTINS[form.name] then
      return { name = form.name }
    end
    error("unknown " .. form.name, 0)
  end
  local head = type(form[1]) == "table" and form[1].name
  if head == "quote" then
    return form[2]
  elseif head == "if" then
    local test = M.eval(form[2], env, counter)
    local holds = test ~= 0 and not (type(test) == "table" and #test == 0 and not test.name and not test.body)
    return M.eval(holds and form[3] or form[4] or 0, env, counter)
  elseif head == "def" then
    env.names[form[2].name] = M.eval(form[3], env, counter)
    return env.names[form[2].name]
  elseif head == "fn" then
    return { params = form[2], body = form[3], env = env }
  end
  local f, args = M.eval(form[1], env, counter), {}
  for i = 2, #form do
    args[i - 1] = M.eval(form[i], env, counter)
  end
  if type(f) == "table" and f.body then
    if #args ~= #f.params then
      error("wants " .. #f.params .. " values, not " .. #args, 0)
    end
    local names = {}
    for i, param in ipairs(f.params) do
      names[param.name] = args[i]
    end
    return M.eval(f.body, { names = names, up = f.env }, counter)
  elseif type(f) == "table" and f.name then
    return M.builtin(f.name, args)
  end
  error(M.show(f) .. " is no function", 0)
end

-- Runs a text: what each form gave, as text.
function M.run(text, steps)
  local env, counter, out = { names = {} }, { left = steps }, {}
  for i, form in ipairs(M.read(M.words(text))) do
    out[i] = M.show(M.eval(form, env, counter))
  end
  return out
end

return M
