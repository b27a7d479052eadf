-- Regular expressions by a graph of states: reading a pattern, building, stepping over text, finding all matches.
local M = {}

-- A pattern as tokens: plain characters, { any }, sets as { set, negated } and the marks ( ) | * + ?
function M.tokens(pattern)
  local list, at = {}, 1
  while at <= #pattern do
    local char = pattern:sub(at, at)
    if char == "\\" then
      at = at + 1
      if at > #pattern then
        error("nothing to escape", 0)
      end
      list[#list + 1] = { kind = "set", set = pattern:sub(at, at), negated = false }
    elseif char == "." then
      list[#list + 1] = { kind = "set", set = "", negated = true }
    elseif char == "[" then
      local body = pattern:match("^%[(%^?[^%]]+)%]", at)
      if not body then
        error("set without an end", 0)
      end
      local negated = body:sub(1, 1) == "^"
      list[#list + 1] = { kind = "set", set = negated and body:sub(2) or body, negated = negated }
      at = at + #body + 1
    elseif char:find("[()|*+?]") then
      list[#list + 1] = { kind = char }
    else
      list[#list + 1] = { kind = "set", set = char, negated = false }
    end
    at = at + 1
  end
  return list
end

-- Tokens to states { set, negated, next } or { split = list of states }; the last one is { accept = true }.
function M.build(tokens)
  local states, at = {}, 1
  local function new(state)
    states[#states + 1] = state
    return #states
  end
  local choice
  -- each part gives its first state and the states whose way on is still open
  local function atom()
    local token = tokens[at]
    at = at + 1
    if token.kind == "(" then
      local first, open = choice()
      if not tokens[at] or tokens[at].kind ~= ")" then
        error("group without an end", 0)
      end
      at = at + 1
      return first, open
    elseif token.kind ~= "set" then
      error("nothing before " .. token.kind, 0)
    end
    local state = new { set = token.set, negated = token.negated }
    return state, { state }
  end
  local function join(open, target)
    for _, state in ipairs(open) do
      if states[state].split then
        table.insert(states[state].split, target)
      else
        states[state].next = target
      end
    end
  end
  local function sequence()
    local first = new { split = {} }
    local open = { first }
    while tokens[at] and tokens[at].kind ~= "|" and tokens[at].kind ~= ")" do
      local part, ends = atom()
      while tokens[at] and tokens[at].kind:find("[*+?]") do
        local mark = tokens[at].kind
        local fork = new { split = { part } }
        if mark ~= "?" then
          join(ends, fork)
          ends = {}
        end
        ends[#ends + 1] = fork
        if mark ~= "+" then
          part = fork
        end
        at = at + 1
      end
      join(open, part)
      open = ends
    end
    return first, open
  end
  function choice()
    local first, open = sequence()
    while tokens[at] and tokens[at].kind == "|" do
      at = at + 1
      local other, ends = sequence()
      first = new { split = { first, other } }
      table.move(ends, 1, #ends, #open + 1, open)
    end
    return first, open
  end
  local first, open = choice()
  if tokens[at] then
    error("group closed but not opened", 0)
  end
  join(open, new { accept = true })
  return states, first
end

-- The end of the longest match that starts at an index, nil without one.
function M.match_at(states, first, text, from)
  local function spread(list, state, seen)
    if not seen[state] then
      seen[state] = true
      list[#list + 1] = state
      for _, target in ipairs(states[state].split or {}) do
        spread(list, target, seen)
      end
    end
    return list
  end
  local now, last = spread({}, first, {}), nil
  for at = from, #text + 1 do
    local char, after, seen = text:sub(at, at), {}, {}
    for _, number in ipairs(now) do
      local state = states[number]
      if state.accept then
        last = at - 1
      elseif state.set and char ~= "" and (state.set:find(char, 1, true) ~= nil) ~= state.negated then
        spread(after, state.next, seen)
      end
    end
    now = after
  end
  return last
end

-- Matches from left to right that do not overlap, as { from, to }; empty ones only where nothing longer starts.
function M.find_all(pattern, text)
  local states, first = M.build(M.tokens(pattern))
  local found, at = {}, 1
  while at <= #text + 1 do
    local stop = M.match_at(states, first, text, at)
    if stop then
      found[#found + 1] = { at, stop }
    end
    at = stop and stop >= at and stop + 1 or at + 1
  end
  return found
end

-- Replaces all matches of a pattern; "&" in the new text stands for what was found. The text and how many.
function M.replace(pattern, text, new)
  local out, from, found = {}, 1, M.find_all(pattern, text)
  for _, match in ipairs(found) do
    out[#out + 1] = text:sub(from, match[1] - 1)
    local hit = text:sub(match[1], match[2])
    out[#out + 1] = new:gsub("&", function()
      return hit
    end)
    from = match[2] + 1
  end
  out[#out + 1] = text:sub(from)
  return table.concat(out), #found
end

return M
