--- han.cli.journal: what the journal of a run says: its tree, spends, order of delivery; and following a live one.

local budget = require "han.cli.budget"
local host = require "han.host"
local json = require "han.json"
local problem = require "han.cli.problem"
local sys = require "han.sys"
local value = require "han.value"

local M = {}

local PIECE = 5000 -- rows of one query
local FOLLOW_SECONDS = 0.2
local OVER, INFRA, QUESTION, AGAIN = 1, 2, 4, 8

--- The number under which the journal of a cell stands; nil when it has none. A cell that was run twice: the last.
function M.find(db, run, cell)
  local rows = problem.check(db:query("SELECT number FROM journal_run WHERE bench_id = ?1 AND cell IN (?2, ?2 || '#1') "
    .. "ORDER BY number DESC LIMIT 1", { run.id, cell }))
  return rows[1] and rows[1].number
end

--- Cells that have begun and are not stored: they are at work, or were when the run was broken off. part: of a name,
-- or nil. Gives { { cell=, number=, rows= } ... }.
function M.open_cells(db, run, part)
  return problem.check(db:query("SELECT cell, number, rows FROM (SELECT r.cell, r.number, (SELECT count(*) FROM "
    .. "journal WHERE id > r.number << 32 AND id < (r.number + 1) << 32) AS rows FROM journal_run r "
    .. "WHERE r.bench_id = ?1 AND NOT EXISTS (SELECT 1 FROM cell c WHERE c.bench_id = ?1 AND "
    .. "r.cell IN (c.cell, c.cell || '#1'))) WHERE rows > 0 AND (?2 IS NULL OR instr(cell, ?2) > 0) ORDER BY number",
    { run.id, part or json.null }))
end

-- Calls fn(row) for each row behind the place `after`; gives the place of the last one.
local function each_row(db, number, after, fn)
  repeat
    local rows = problem.check(db:query("SELECT id, kind, node, clock, code, text, place, amount, flags, CASE WHEN "
      .. "kind = 'chosen' THEN CASE WHEN content IS NULL THEN value ELSE content(content) END END AS value FROM "
      .. "journal WHERE id > ?1 AND id < ?2 ORDER BY id LIMIT ?3",
      { (number << 32) + after, (number + 1) << 32, PIECE }))
    for _, row in ipairs(rows) do
      local place = row.id & 0xffffffff
      if place ~= after + 1 then
        problem.raise("CORRUPT", ("row %d of journal %d is missing"):format(after + 1, number))
      end
      after = place
      fn(row)
    end
  until #rows < PIECE
  return after
end

local function amount_of(row) return row.amount and problem.check(json.decode(row.amount)) or {} end

local function add(total, amount)
  for channel, n in pairs(amount) do total[channel] = (total[channel] or 0) + n end
end

-- ---- rows into a tree ----

local take = {}

local function node_of(tree, id)
  local node = tree.by_id[id]
  if not node then
    node = { id = id, status = "live", spend = {}, depth = select(2, id:gsub("/", "")) }
    tree.by_id[id], tree.nodes[#tree.nodes + 1] = node, node
  end
  return node
end

function take.begin(tree, row) node_of(tree, row.node) end

function take.spawned(tree, row)
  local node = node_of(tree, row.node)
  node.label = row.text
  if row.amount then node.budget = amount_of(row) end
  if (row.flags or 0) & AGAIN ~= 0 then node.again = true end
end

function take.refused(tree, row)
  tree.refused[#tree.refused + 1] = { node = row.node, code = row.code, reason = row.text }
end

function take.metered(tree, row) add(node_of(tree, row.node).spend, amount_of(row)) end

function take.finished(tree, row)
  local node, flags = node_of(tree, row.node), row.flags or 0
  node.status = flags & QUESTION ~= 0 and "question" or row.code and "down" or "done"
  node.spend, node.finish, node.reason, node.code, node.where = amount_of(row), row.clock, row.text, row.code, row.place
  node.over, node.infra = flags & OVER ~= 0 or nil, flags & INFRA ~= 0 or nil
end
take.cancelled = take.finished

function take.delivered(tree, row)
  tree.order[#tree.order + 1] = row.node
  node_of(tree, row.node).delivered = #tree.order
end

function take.chosen(tree, row)
  local decision = row.value and problem.check(value.decode(row.value)) or {}
  decision.node = row.node
  tree.decisions[#tree.decisions + 1] = decision
end

function take.ended(tree) tree.ended = true end

--- The whole of it: { rows=, ended=, nodes=, order=, refused=, decisions= }. order: ids as they were delivered.
function M.read(db, number)
  local tree = { rows = 0, ended = false, nodes = {}, order = {}, refused = {}, decisions = {}, by_id = {} }
  tree.rows = each_row(db, number, 0, function(row)
    local taken = take[row.kind]
    if taken then taken(tree, row) end
  end)
  tree.by_id = nil
  return tree
end

-- ---- following ----

local function print_row(ui, row)
  local said = row.kind == "spawned" and (row.flags or 0) & AGAIN ~= 0 and "  again" or ""
  if row.text then said = said .. "  " .. ui.safe(row.text) end
  ui:out("%8d  %-9s  %s%s%s%s", row.id & 0xffffffff, row.kind, ui.safe(row.node), row.code and "  " .. row.code or "",
    said, row.amount and "  " .. budget.words(amount_of(row)) or "")
end

--- Prints rows of one journal as they become durable, until its run has ended or Ctrl-C; true when it has ended.
function M.follow(db, number, ui)
  local after, ended = 0, false
  while true do
    after = each_row(db, number, after, function(row)
      if not ui.json then print_row(ui, row) end
      ended = ended or row.kind == "ended"
    end)
    if ended or host.interrupted() then return ended end
    io.stdout:flush()
    sys.wait(FOLLOW_SECONDS)
  end
end

return M
