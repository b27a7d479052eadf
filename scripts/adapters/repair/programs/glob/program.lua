-- File name patterns: braces written out, classes, stars within and across folders, and rule lists with exceptions.
local M = {}

-- "a{b,c}d" -> { "abd", "acd" }; braces nest.
function M.braces(pattern)
  local open = pattern:find("{", 1, true)
  if not open then
    if pattern:find("}", 1, true) then
      error("brace closed but not opened", 0)
    end
    return { pattern }
  end
  local depth, from, choices, close = 0, open + 1, {}, nil
  for at = open, #pattern do
    local char = pattern:sub(at, at)
    if char == "{" then
      depth = depth + 1
    elseif char == "," and depth == 1 then
      choices[#choices + 1] = pattern:sub(from, at - 1)
      from = at + 1
    elseif char == "}" then
      depth = depth - 1
      if depth == 0 then
        choices[#choices + 1] = pattern:sub(from, at - 1)
        close = at
        break
      end
    end
  end
  if not close then
    error("brace opened but not closed", 0)
  end
  local out = {}
  for _, choice in ipairs(choices) do
    for _, whole in ipairs(M.braces(pattern:sub(1, open - 1) .. choice .. pattern:sub(close + 1))) do
      out[#out + 1] = whole
    end
  end
  return out
end

-- Whether a character is in a class such as "a-f_" or "!0-9".
function M.in_class(class, char)
  local negated, found, at = class:sub(1, 1) == "!", false, 1
  if negated then
    at = 2
  end
  if at > #class then
    error("empty class", 0)
  end
  while at <= #class do
    local low, high = class:sub(at, at), class:sub(at, at)
    if class:sub(at + 1, at + 1) == "-" and at + 2 <= #class then
      high = class:sub(at + 2, at + 2)
      if high < low then
        error("range " .. low .. "-" .. high .. " runs backwards", 0)
      end
      at = at + 2
    end
    if char >= low and char <= high then
      found = true
    end
    at = at + 1
  end
  return found ~= negated
end

-- One path segment against one pattern segment: "*", "?" and "[...]". A leading dot must be written out.
function M.segment(pattern, name)
  if name:sub(1, 1) == "." and pattern:sub(1, 1) ~= "." then
    return false
  end
  local p, n, star, mark = 1, 1, nil, nil
  while n <= #name do
    local char = pattern:sub(p, p)
    local width = 1
    local hit = char ~= "" and (char == "?" or char == name:sub(n, n)) and char ~= "*"
    if char == "[" then
      local stop = pattern:find("]", p + 1, true)
      if not stop then
        error("class opened but not closed", 0)
      end
      hit = M.in_class(pattern:sub(p + 1, stop - 1), name:sub(n, n))
      width = stop - p + 1
    end
    if hit then
      p, n = p + width, n + 1
    elseif char == "*" then
      star, mark = p, n
      p = p + 1
    elseif star then
      mark = mark + 1
      p, n = star + 1, mark
    else
      return false
    end
  end
  return pattern:sub(p):find("^%**$") ~= nil
end

-- A whole path; "**" stands for any number of folders, none too.
function M.path(pattern, path)
  local wanted, given = {}, {}
  for part in pattern:gmatch("[^/]+") do
    wanted[#wanted + 1] = part
  end
  for part in path:gmatch("[^/]+") do
    given[#given + 1] = part
  end
  local function match(w, g)
    if w > #wanted then
      return g > #given
    elseif wanted[w] == "**" then
      return match(w + 1, g) or (g <= #given and match(w, g + 1))
    end
    return g <= #given and M.segment(wanted[w], given[g]) and match(w + 1, g + 1)
  end
  return match(1, 1)
end

-- Paths that a list of rules picks: the last rule that matches decides, "!" takes out again.
function M.pick(rules, paths)
  local ready = {}
  for i, rule in ipairs(rules) do
    local keep = rule:sub(1, 1) ~= "!"
    ready[i] = { keep = keep, patterns = M.braces(keep and rule or rule:sub(2)) }
  end
  local picked = {}
  for _, path in ipairs(paths) do
    local chosen = false
    for _, rule in ipairs(ready) do
      for _, pattern in ipairs(rule.patterns) do
        if M.path(pattern, path) then
          chosen = rule.keep
          break
        end
      end
    end
    if chosen then
      picked[#picked + 1] = path
    end
  end
  return picked
end

return M
