-- han.worker.locate: where to edit. Line weights from one coverage run and from a steer, mixed with a
-- uniform share; the menu of nodes by line; which failing tests an edit at a line could turn.
local syntax = require "han.syntax"

local M = {}

-- Ochiai: failed(l) / sqrt(failed * (failed(l) + passed(l))). Abreu, Zoeteweij and van Gemund, "On the
-- accuracy of spectrum-based fault localization" (TAICPART 2007).
function M.ochiai(failed_here, passed_here, failed)
  if failed_here == 0 or failed == 0 then return 0 end
  return failed_here / math.sqrt(failed * (failed_here + passed_here))
end

-- Counts by line over the rows of a coverage run; rows[i].pass and rows[i].lines.
function M.spectrum(rows)
  local spectrum, failed = {}, 0
  for _, row in ipairs(rows) do
    if not row.pass then failed = failed + 1 end
    for _, line in ipairs(row.lines or {}) do
      local counts = spectrum[line]
      if not counts then
        counts = { failed = 0, passed = 0 }
        spectrum[line] = counts
      end
      local side = row.pass and "passed" or "failed"
      counts[side] = counts[side] + 1
    end
  end
  return spectrum, failed
end

-- Nodes by line, in source order: those inside functions, and constants outside of them.
function M.menu(tree, kinds)
  local lines, order = {}, {}
  syntax.walk(tree.root, function(node)
    local entry = kinds[node.kind] and syntax.function_at(tree, node.first)
    if not entry or (entry.depth == 0 and node.kind ~= "number" and node.kind ~= "string") then return end
    local line = syntax.position(tree, node.first)
    local row = lines[line]
    if not row then
      row = { line = line, fn = entry.name, nodes = {} }
      lines[line] = row
      order[#order + 1] = row
    end
    row.nodes[#row.nodes + 1] = node
  end)
  table.sort(order, function(a, b) return a.line < b.line end)
  return order
end

-- The menu of some parts of the text only, { { first=, last= } ... }; all of it without them.
function M.within(menu, places)
  if not places then return menu end
  local list = {}
  for _, row in ipairs(menu) do
    local nodes = {}
    for _, node in ipairs(row.nodes) do
      for _, place in ipairs(places) do
        if node.first >= place.first and node.last <= place.last then nodes[#nodes + 1] = node break end
      end
    end
    if #nodes > 0 then list[#list + 1] = { line = row.line, fn = row.fn, nodes = nodes } end
  end
  return list
end

local function steer_weight(row, findings)
  local weight = 0
  for _, finding in ipairs(findings) do
    local where = finding.where
    if where and (where.line == row.line or (not where.line and where.fn == row.fn)) then
      local share = where.line and 1 or 0.2
      weight = weight + share * (finding.weight or 1)
    end
  end
  return weight
end

local function normalized(weights)
  local sum = 0
  for _, w in ipairs(weights) do sum = sum + w end
  if sum == 0 then return nil end
  for i, w in ipairs(weights) do weights[i] = w / sum end
  return weights
end

-- The chance of each row of the menu: a mix of uniform, Ochiai to the power of `sharpness`, and steer. A
-- share without evidence goes to the others.
function M.chances(menu, spectrum, failed, findings, mix)
  local suspicion, steered = {}, {}
  for i, row in ipairs(menu) do
    local counts = spectrum[row.line]
    local score = counts and M.ochiai(counts.failed, counts.passed, failed) or 0
    suspicion[i] = score ^ (mix.sharpness or 1)
    steered[i] = findings and steer_weight(row, findings) or 0
  end
  suspicion, steered = normalized(suspicion), normalized(steered)
  local uniform, ochiai = mix.uniform, suspicion and mix.ochiai or 0
  local steer = steered and mix.steer or 0
  local sum = uniform + ochiai + steer
  if sum == 0 then uniform, sum = 1, 1 end
  local chances = {}
  for i = 1, #menu do
    chances[i] = (uniform / #menu + ochiai * (suspicion and suspicion[i] or 0) + steer * (steered and steered[i]
      or 0)) / sum
  end
  return chances
end

function M.draw(chances, random)
  local point = random()
  for i, chance in ipairs(chances) do
    point = point - chance
    if point < 0 then return i end
  end
  return #chances
end

-- The failing tests in the order in which a trial in a function at a line tries them: those of that
-- function that run through the line, those of others that do, the rest.
function M.order(rows, line, fn)
  local own, through, other = {}, {}, {}
  local short = fn and fn:match "[^.:]+$"
  for i, row in ipairs(rows) do
    if not row.pass then
      local list = not row.covered[line] and other or row.test.fn == short and own or through
      list[#list + 1] = i
    end
  end
  for _, list in ipairs { through, other } do table.move(list, 1, #list, #own + 1, own) end
  return own
end

return M
