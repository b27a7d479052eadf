-- han.author.artifact: the writer of decision programs, over the typed expression trees of the worker
-- (worker/expression.lua) and with its operators. Reads, edits, prints and grows them; owns no state.
local decision = require "han.worker.decision"
local expression = require "han.worker.expression"

local M = {}

-- Prior weights. `join` and `branch` put two whole programs into one: what a worker in one run has no use for.
M.OPERATORS = { constant = 4, point = 2, subtree = 3, crossover = 3, wrap = 2, hoist = 1, join = 0.5, branch = 1 }
M.SIZES = { 5, 11, 19, 31 }

function M.read(text, game) return expression.parse(text, game.params, game.frame) end

function M.print(tree, game) return expression.print(tree, game.params, game.frame) end

function M.fresh(desk) return expression.grow(desk.game, "num", decision.DEPTH, desk.random) end

--- Of a text: the step of its number of tokens that stand for nodes.
function M.size(text)
  local nodes, bucket = 0, #M.SIZES
  local body = text:match("return(.*)") or text
  for _ in body:gmatch "[%w_.]+" do nodes = nodes + 1 end
  for i = #M.SIZES, 1, -1 do if nodes <= M.SIZES[i] then bucket = i end end
  return bucket
end

-- ---- operators ----

local whole = {}

local function partner(desk)
  if #desk.pool == 0 then return nil end
  return desk.pool[desk.random(#desk.pool)]
end

-- The mean of two programs: what both prefer comes first.
function whole.join(desk, tree)
  local other = partner(desk)
  if not other then return nil end
  return { op = "add", tree, other.tree }, other.entry.digest
end

-- One program where a comparison holds, another elsewhere.
function whole.branch(desk, tree)
  local other = partner(desk)
  if not other then return nil end
  local test = expression.grow(desk.game, "bool", 1, desk.random)
  local first, second = tree, other.tree
  if desk.random(2) == 1 then first, second = second, first end
  return { op = "pick", test, first, second }, other.entry.digest
end

--- One operator on a tree: the new tree, and the digest of a second parent; nil when it came to nothing.
function M.apply(desk, operator, tree)
  local new, other
  if whole[operator] then
    new, other = whole[operator](desk, tree)
  else
    if operator == "crossover" and #desk.pool == 0 then return nil end
    new = decision.operators[operator]({ ctx = desk, game = desk.game, archive = desk.pool }, tree)
  end
  if not new or expression.size(new) > expression.MAX_NODES then return nil end
  return new, other
end

-- The elites of an attempt with what they are worth beside the task's own reference: tasks differ in what can be had.
local function elites_of(list, attempt)
  local raw = attempt.verdict and attempt.verdict.raw
  local reference = raw and raw.best_fit and raw.best_fit > 0 and raw.best_fit or 1
  for _, elite in ipairs(attempt.elites or {}) do
    list[#list + 1] = { text = elite.text, value = (elite.value or math.huge) / reference }
  end
end

--- The texts of the elites that attempts on train tasks ended with, at most n: of every task its best, then the second
-- of every one, and so on.
function M.harvest(evidence, n)
  local queues, texts, seen = {}, {}, {}
  for _, row in ipairs(evidence.rows or {}) do
    local list = {}
    for _, attempt in ipairs(row.attempts) do elites_of(list, attempt) end
    table.sort(list, function(a, b)
      if a.value ~= b.value then return a.value < b.value end
      return a.text < b.text
    end)
    queues[#queues + 1] = list
  end
  local rank, more = 1, true
  while more and #texts < n do
    more = false
    for _, list in ipairs(queues) do
      local one = list[rank]
      more = more or one ~= nil
      if one and not seen[one.text] and #texts < n then
        seen[one.text] = true
        texts[#texts + 1] = one.text
      end
    end
    rank = rank + 1
  end
  return texts
end

return M
