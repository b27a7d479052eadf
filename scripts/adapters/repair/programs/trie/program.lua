-- A dictionary as a tree of letters: nodes are { count = times a word ends here, next = { letter = node } }.
local M = {}

function M.insert(node, word, times)
  if not word:find("^%l+$") then
    error("not a word: '" .. word .. "'", 0)
  end
  times = times or 1
  local at = node
  for letter in word:gmatch(".") do
    if not at.next[letter] then
      at.next[letter] = { count = 0, next = {} }
    end
    at = at.next[letter]
  end
  at.count = at.count + times
  return node
end

-- "the tea the" and the like to a dictionary.
function M.build(text)
  local root = { count = 0, next = {} }
  for word in text:lower():gmatch("%a+") do
    M.insert(root, word)
  end
  return root
end

-- The node that a prefix leads to, or nil.
function M.walk(root, prefix)
  local node = root
  for letter in prefix:gmatch(".") do
    node = node.next[letter]
    if not node then
      return nil
    end
  end
  return node
end

-- How often a word was put in; with a dot for any one letter, the sum over all that fit.
function M.count(root, pattern)
  if pattern == "" then
    return root.count
  end
  local letter, rest = pattern:sub(1, 1), pattern:sub(2)
  if letter == "." then
    local sum = 0
    for _, node in pairs(root.next) do
      sum = sum + M.count(node, rest)
    end
    return sum
  end
  local node = root.next[letter]
  if not node then
    return 0
  end
  return M.count(node, rest)
end

-- At most `limit` words below a prefix: most frequent first, then alphabetically.
function M.complete(root, prefix, limit)
  local start = M.walk(root, prefix)
  local found = {}
  local function gather(node, word)
    if node.count > 0 then
      found[#found + 1] = { word = word, count = node.count }
    end
    for letter, child in pairs(node.next) do
      gather(child, word .. letter)
    end
  end
  if start then
    gather(start, prefix)
  end
  table.sort(found, function(a, b)
    if a.count ~= b.count then
      return a.count > b.count
    end
    return a.word < b.word
  end)
  local words = {}
  for i = 1, math.min(limit, #found) do
    words[i] = found[i].word
  end
  return words
end

-- Takes a word out once; branches that lead nowhere go too. Says whether it was there.
function M.remove(root, word)
  local path, node = { root }, root
  for letter in word:gmatch(".") do
    node = node.next[letter]
    if not node then
      return root, false
    end
    path[#path + 1] = node
  end
  if node.count == 0 then
    return root, false
  end
  node.count = node.count - 1
  for depth = #path, 2, -1 do
    local here = path[depth]
    if here.count > 0 or next(here.next) ~= nil then
      break
    end
    path[depth - 1].next[word:sub(depth - 1, depth - 1)] = nil
  end
  return root, true
end

-- The shortest prefix of a word that no other word begins with; the whole word when there is none.
function M.shortest(root, word)
  local node = M.walk(root, word)
  if not node or node.count == 0 then
    error("unknown word: " .. word, 0)
  end
  local length = #word
  local at = root
  for i = 1, #word do
    at = at.next[word:sub(i, i)]
    local lonely, below = true, at
    while lonely do
      local letter = next(below.next)
      if not letter then
        break
      end
      if below.count > 0 or next(below.next, letter) ~= nil then
        lonely = false
      end
      below = below.next[letter]
    end
    if lonely then
      length = i
      break
    end
  end
  return word:sub(1, length)
end

-- A session with the dictionary of a text: "+word", "-word", "?prefix", "=pattern"; the answers in order.
function M.session(text, commands)
  local root, answers = M.build(text), {}
  for i, command in ipairs(commands) do
    local sign, word = command:match("^([+?=-])([%l.]*)$")
    if not sign then
      error("command " .. i .. " is unknown", 0)
    end
    if sign == "+" then
      M.insert(root, word)
      answers[i] = "added " .. word
    elseif sign == "-" then
      local _, there = M.remove(root, word)
      answers[i] = (there and "removed " or "no ") .. word
    elseif sign == "=" then
      answers[i] = word .. ": " .. M.count(root, word)
    else
      local list = M.complete(root, word, 3)
      local short = {}
      for k, found in ipairs(list) do
        short[k] = found .. "(" .. M.shortest(root, found) .. ")"
      end
      answers[i] = #short > 0 and table.concat(short, " ") or "nothing"
    end
  end
  return answers
end

return M
