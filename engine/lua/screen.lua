-- han.screen: what a family is like before anything is compared on it. From the records of one arm to
-- solve rates by difficulty, by source of the fault and by group, and to the share of plausible-but-wrong
-- outcomes: outputs that pass every public check and fail a hidden one. Pure: same records, same object.

local stats = require "han.stats"

local M = {}

local function is_solved(record) return type(record.score) == "table" and record.score.pass == true end

local function is_plausible(record)
  return type(record.verdict) == "table" and record.verdict.pass == true
end

local function new_row(key) return { key = key, n = 0, solved = 0, plausible = 0, wrong = 0 } end

local function add(row, record)
  row.n = row.n + 1
  if is_solved(record) then row.solved = row.solved + 1 end
  if not is_plausible(record) then return end
  row.plausible = row.plausible + 1
  if not is_solved(record) then row.wrong = row.wrong + 1 end
end

-- Rates with Wilson's interval; the wrong ones are a share of what passes in public.
local function finish(row)
  if row.n > 0 then row.rate, row.ci = row.solved / row.n, stats.wilson({ hits = row.solved, n = row.n }).ci end
  if row.plausible > 0 then row.wrong_share = row.wrong / row.plausible end
  return row
end

local function table_of(records, key_of)
  local by_key, rows = {}, {}
  for _, record in ipairs(records) do
    local key = not record.infra and key_of(record)
    if key then
      if not by_key[key] then
        by_key[key] = new_row(key)
        rows[#rows + 1] = by_key[key]
      end
      add(by_key[key], record)
    end
  end
  table.sort(rows, function(a, b) return a.key < b.key end)
  for _, row in ipairs(rows) do finish(row) end
  return rows
end

local function meta(name)
  return function(record) return record.meta and record.meta[name] end
end

--- The tables of a screening. Rows: { key, n, solved, rate, ci, plausible, wrong, wrong_share }.
---@param records table[] of one arm, any number of difficulties
---@return table { difficulty = rows, source = rows, group = rows, all = row, excluded = integer }
function M.tables(records)
  local all, excluded = new_row("all"), 0
  for _, record in ipairs(records) do
    if record.infra then excluded = excluded + 1 else add(all, record) end
  end
  return {
    difficulty = table_of(records, meta "difficulty"), source = table_of(records, meta "source"),
    group = table_of(records, function(record) return record.group end),
    all = finish(all), excluded = excluded,
  }
end

return M
