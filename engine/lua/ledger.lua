--- han.ledger: what was registered before it was run, which group is in which split, and what was spent of the
-- held-out ones. Works on a handle of han.db. The promises are constraints of the database; what is asked before a
-- write only makes the message better, and another process that is faster is refused by the constraint.
--
-- Failures are nil, message, CODE: REFUSED (the rules say no), or the store's own.

local json = require "han.json"
local sys = require "han.sys"

local M = {}

M.HELD_OUT = { gate = true, final = true }

local function now_ms() return math.floor(sys.wall() * 1000) end

-- Constraints by what the store's message says of them.
local meanings = {
  { "a_group_is_in_one_split", "a group is in another split of this adapter already" },
  { "holdout_spend.slice", "this slice was spent on this line before" },
  { "holdout_group.grp", "a group of this slice was spent on this line before" },
  { "experiment.id", "an experiment with this id is registered already" },
}

-- Waits until the row is durable; a broken constraint is a refusal.
local function settle(db, ok, why, code)
  if ok then ok, why, code = db:flush() end
  if ok then return true end
  for _, meaning in ipairs(meanings) do
    if tostring(why):find(meaning[1], 1, true) then return nil, meaning[2] .. " (" .. why .. ")", "REFUSED" end
  end
  return nil, why, code
end

--- The groups of a list of tasks, in order of appearance.
function M.groups_of(tasks)
  local groups, seen = {}, {}
  for _, task in ipairs(tasks) do
    if not seen[task.group] then groups[#groups + 1] = task.group end
    seen[task.group] = true
  end
  return groups
end

--- SHA-256 over the names of groups, whatever their order.
function M.digest(groups)
  local sorted = table.move(groups, 1, #groups, 1, {})
  table.sort(sorted)
  local parts = {}
  for i, group in ipairs(sorted) do parts[i] = ("%d:%s"):format(#group, group) end
  return sys.sha256(table.concat(parts))
end

-- { group -> value of the column } for rows of one query.
local function map(db, sql, params, column)
  local rows, why, code = db:query(sql, params)
  if not rows then return nil, why, code end
  local found = {}
  for _, row in ipairs(rows) do found[row.grp] = row[column] end
  return found
end

--- Assigns the groups of tasks to a split of the adapter, for good; refuses a group that is in another one.
function M.assign(db, adapter, split, tasks)
  local known, why, code = map(db, "SELECT grp, split FROM split_group WHERE adapter = ?1", { adapter }, "split")
  if not known then return nil, why, code end
  local new = {}
  for _, group in ipairs(M.groups_of(tasks)) do
    if known[group] and known[group] ~= split then
      return nil, ("group '%s' of %s is in split %s and may not be in %s too"):format(group, adapter, known[group],
        split), "REFUSED"
    end
    if not known[group] then new[#new + 1] = group end
  end
  if #new == 0 then return true end
  return settle(db, db:put_splits { adapter = adapter, split = split, groups = new, assigned_ms = now_ms() })
end

--- The groups that were spent on a line, as a set.
function M.spent(db, line, adapter)
  return map(db, "SELECT grp, 1 AS spent FROM holdout_group WHERE line = ?1 AND adapter = ?2", { line, adapter },
    "spent")
end

--- Which test on the line the next one is: 1 and the spends so far.
function M.position(db, line, adapter)
  local rows, why, code = db:query("SELECT count(*) AS n FROM holdout_spend WHERE line = ?1 AND adapter = ?2",
    { line, adapter })
  if not rows then return nil, why, code end
  return rows[1].n + 1
end

--- Of tasks, those of the first `wanted` groups (all when nil) that are not spent, group by group: indices, the groups,
-- and how many unspent groups there are.
function M.slice(tasks, spent, wanted)
  local groups, left, rank = {}, 0, {}
  for _, group in ipairs(M.groups_of(tasks)) do
    if not spent[group] then
      left = left + 1
      if not wanted or #groups < wanted then
        groups[#groups + 1] = group
        rank[group] = #groups
      end
    end
  end
  local indices = {}
  for i, task in ipairs(tasks) do
    if rank[task.group] then indices[#indices + 1] = i end
  end
  table.sort(indices, function(x, y)
    local gx, gy = rank[tasks[x].group], rank[tasks[y].group]
    if gx ~= gy then return gx < gy end
    return x < y
  end)
  return indices, groups, left
end

--- The name of a slice: of the final split there is one.
function M.slice_name(split, groups)
  return split == "final" and "final" or split .. "-" .. M.digest(groups):sub(1, 12)
end

--- Spends groups on a line, before they are looked at. spend: { line=, adapter=, split=, groups=, bench=, kind=,
-- experiment= }. Gives the name of the slice.
function M.spend(db, spend)
  local spent, why, code = M.spent(db, spend.line, spend.adapter)
  if not spent then return nil, why, code end
  for _, group in ipairs(spend.groups) do
    if spent[group] then
      return nil, ("group '%s' of %s was spent on line %s before; each is looked at once a line"):format(group,
        spend.adapter, spend.line), "REFUSED"
    end
  end
  local row = {}
  for name, value in pairs(spend) do row[name] = value end
  row.slice, row.digest, row.spent_ms = M.slice_name(spend.split, spend.groups), M.digest(spend.groups), now_ms()
  local ok
  ok, why, code = settle(db, db:put_spend(row))
  if not ok then return nil, why, code end
  return row.slice
end

--- What a run has spent itself, before it was broken off: { slice=, position= (which test on its line), groups= }, or
-- nil when it has spent nothing.
function M.spent_by(db, bench)
  local rows, why, code = db:query("SELECT s.id, s.slice, (SELECT count(*) FROM holdout_spend o WHERE o.line = s.line "
    .. "AND o.adapter = s.adapter AND o.id <= s.id) AS position FROM holdout_spend s WHERE s.bench_id = ?1", { bench })
  if not rows then return nil, why, code end
  if not rows[1] then return nil end
  local groups
  groups, why, code = map(db, "SELECT grp, 1 AS spent FROM holdout_group WHERE spend_id = ?1", { rows[1].id }, "spent")
  if not groups then return nil, why, code end
  return { slice = rows[1].slice, position = rows[1].position, groups = groups }
end

--- The row of an experiment: a checked rule (han.experiment) under an id. Its digest is over all of it.
function M.row_of(rule, id)
  local text = assert(json.encode(rule))
  return { id = id, adapter = rule.adapter, line = rule.line, primary = rule.primary, arms = rule.arms,
    family = rule.family, control = rule.control, alpha = rule.alpha, n = rule.n, holdout = rule.holdout, rule = text,
    digest = sys.sha256(text), registered_ms = now_ms() }
end

--- What is registered under an id: the rule as a table, and its digest as 64 digits; nil when there is none or it was
-- changed since.
function M.registered(db, id)
  local rows, why, code = db:query("SELECT rule, lower(hex(digest)) AS digest FROM experiment WHERE id = ?1", { id })
  if not rows then return nil, why, code end
  if #rows == 0 then return nil, ("no experiment is registered as '%s'"):format(id), "UNKNOWN" end
  if sys.sha256(rows[1].rule) ~= rows[1].digest then
    return nil, ("the rule of experiment '%s' is not the one that was registered"):format(id), "CORRUPT"
  end
  return json.decode(rows[1].rule, { null = "nil" }), rows[1].digest
end

--- What there is of held-out groups, by adapter, split and line: { adapter=, split=, groups=, lines={ {line=, spends=,
-- spent=, left=} ... } }.
function M.holdout(db)
  local totals, why, code = db:query("SELECT adapter, split, count(*) AS n FROM split_group "
    .. "WHERE split IN ('gate', 'final') GROUP BY adapter, split ORDER BY adapter, split DESC")
  if not totals then return nil, why, code end
  local lines
  lines, why, code = db:query("SELECT adapter, split, line, count(*) AS spends, sum(size) AS spent "
    .. "FROM holdout_spend GROUP BY adapter, split, line ORDER BY adapter, split, line")
  if not lines then return nil, why, code end
  local out, at = {}, {}
  for i, row in ipairs(totals) do
    out[i] = { adapter = row.adapter, split = row.split, groups = row.n, lines = {} }
    at[row.adapter .. "\0" .. row.split] = out[i]
  end
  for _, row in ipairs(lines) do
    local entry = at[row.adapter .. "\0" .. row.split]
    table.insert(entry.lines, { line = row.line, spends = row.spends, spent = row.spent,
      left = row.split == "final" and 0 or entry.groups - row.spent })
  end
  return out
end

return M
