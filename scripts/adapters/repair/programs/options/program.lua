-- Command lines: a specification of options, words from a line, values by type, defaults, and the usage text.
local M = {}

-- "-o, --output FILE=out.txt  where to write" -> an option; a type is known by its name: N is a number, else text;
-- without a type the option is a switch. "+" after the type collects values.
function M.define(line)
  local short, long, rest = line:match("^%-(%w), %-%-([%w-]+)(.*)$")
  if not short then
    long, rest = line:match("^%-%-([%w-]+)(.*)$")
  end
  if not long then
    error("bad option: " .. line, 0)
  end
  local value, help = rest:match("^ (%u%S*)%s%s+(.*)$")
  if not value then
    help = rest:match("^%s%s+(.*)$")
  end
  if not help then
    error("no help for --" .. long, 0)
  end
  local option = { long = long, short = short, help = help, kind = "switch" }
  if value then
    local name, many, default = value:match("^(%u+)(%+?)=?(.*)$")
    option.kind = name == "N" and "number" or "text"
    option.many = many == "+"
    option.name = name
    if default ~= "" then
      option.default = default
    end
  end
  return option
end

-- A line to words: blanks part them, quotes keep them together, a backslash takes the next character as it is.
function M.words(line)
  local list, word, quote, at = {}, nil, nil, 1
  while at <= #line do
    local char = line:sub(at, at)
    if char == "\\" and quote ~= "'" then
      at = at + 1
      word = (word or "") .. line:sub(at, at)
    elseif quote then
      if char == quote then
        quote = nil
      else
        word = word .. char
      end
    elseif char == '"' or char == "'" then
      quote, word = char, word or ""
    elseif char == " " then
      list[#list + 1] = word
      word = nil
    else
      word = (word or "") .. char
    end
    at = at + 1
  end
  if quote then
    error("quote without an end", 0)
  end
  list[#list + 1] = word
  return list
end

-- The option that a word such as "--out" means: by its name or by a beginning that only one has.
function M.find(options, name)
  local found
  for _, option in ipairs(options) do
    if option.long == name or option.short == name then
      return option
    end
    if #name > 1 and option.long:sub(1, #name) == name then
      if found then
        error("--" .. name .. " may be --" .. found.long .. " or --" .. option.long, 0)
      end
      found = option
    end
  end
  if not found then
    error("no option " .. name, 0)
  end
  return found
end

function M.convert(option, text)
  if option.kind == "number" then
    local number = text:match("^[+-]?%d+$") and math.tointeger(tonumber(text))
    if not number then
      error("--" .. option.long .. " wants a number, not " .. text, 0)
    end
    return number
  end
  return text
end

-- Values by option and the other words. "-abc" is "-a -b -c", "-n5" and "--name=5" carry a value, "--no-x" turns x
-- off, "--" ends the options.
function M.parse(options, words)
  local values, others, at = {}, {}, 1
  local function set(option, value)
    if option.many then
      values[option.long] = values[option.long] or {}
      table.insert(values[option.long], value)
    else
      values[option.long] = value
    end
  end
  local function take(option, attached)
    if option.kind == "switch" then
      if attached then
        error("--" .. option.long .. " takes no value", 0)
      end
      return set(option, true)
    end
    if not attached then
      at = at + 1
      attached = words[at]
    end
    if not attached then
      error("--" .. option.long .. " wants a value", 0)
    end
    set(option, M.convert(option, attached))
  end
  while at <= #words do
    local word = words[at]
    local long, attached = word:match("^%-%-([^=]+)=?(.*)$")
    if word == "--" then
      table.move(words, at + 1, #words, #others + 1, others)
      break
    elseif long and long:sub(1, 3) == "no-" then
      local option = M.find(options, long:sub(4))
      if option.kind ~= "switch" then
        error("--" .. option.long .. " cannot be turned off", 0)
      end
      set(option, false)
    elseif long then
      take(M.find(options, long), word:find("=", 1, true) and attached or nil)
    elseif word:find("^%-%a") then
      local place = 2
      while place <= #word do
        local option = M.find(options, word:sub(place, place))
        local rest = word:sub(place + 1)
        if option.kind ~= "switch" and rest ~= "" then
          take(option, rest)
          break
        end
        take(option)
        place = place + 1
      end
    else
      others[#others + 1] = word
    end
    at = at + 1
  end
  return values, others
end

-- One line for each option, help in one column.
function M.usage(options)
  local heads, widest, lines = {}, 0, {}
  for i, option in ipairs(options) do
    local head = (option.short and "-" .. option.short .. ", " or "    ") .. "--" .. option.long
    if option.name then
      head = head .. " " .. option.name .. (option.many and " ..." or "")
    end
    heads[i], widest = head, math.max(widest, #head)
  end
  for i, option in ipairs(options) do
    local line = heads[i] .. (" "):rep(widest - #heads[i] + 2) .. option.help
    if option.default then
      line = line .. " (" .. option.default .. ")"
    end
    lines[i] = line
  end
  return table.concat(lines, "\n")
end

-- Definitions and a command line: values with defaults filled in, and the other words, or the usage for "--help".
function M.run(definitions, line)
  local options = {}
  for i, definition in ipairs(definitions) do
    options[i] = M.define(definition)
  end
  local words = M.words(line)
  for _, word in ipairs(words) do
    if word == "--" then
      break
    elseif word == "--help" then
      return M.usage(options)
    end
  end
  local values, others = M.parse(options, words)
  for _, option in ipairs(options) do
    if values[option.long] == nil then
      if option.kind == "switch" then
        values[option.long] = false
      elseif option.many then
        values[option.long] = {}
      elseif option.default then
        values[option.long] = M.convert(option, option.default)
      end
    end
  end
  return values, others
end

return M
