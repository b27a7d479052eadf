--- han.gate: may a candidate replace the champion? A pure decision over paired records of held-out cells; who made the
-- records, and that their slice was spent, is the ledger's business (han.ledger).
--
-- Decisions: "promote"; "hold" (the evidence is in, and it is not enough or against); "need-more" (with the groups that
-- would decide); "refused" (the records are no evidence, and why). The rule is that of docs/statistics.md, section
-- "the gate"; tests/bench/calibration.c measures the same rule, and a spec holds the two equal.

local contrast = require "han.contrast"
local health = require "han.health"
local noise = require "han.noise"
local stats = require "han.stats"
local vectors = require "han.vectors"

local M = {}

M.GROUPS_MIN = 6
M.INFRA_MAX = 0.05      -- share of pairs that may be left out
M.INFRA_UNBALANCED = 3  -- from so many on, the arms must share the blame: sign test above 0.25
M.OBJECTIVES = { "correct", "fast", "secure", "cheap" }

--- How much worse a candidate may be in an objective beside the primary, when the user names nothing: a twentieth
-- slower and a tenth of its ceiling dearer, but neither less correct nor less secure.
M.MARGINS = { correct = 0.0, fast = 0.05, secure = 0.0, cheap = 0.1 }

local boxed = { strong = true, landlock = true }

-- A stage that finds the records to be no evidence ends the decision from any depth.
local function refuse(format, ...) error({ refused = format:format(...) }, 0) end

-- ---- which pairs ----

local function key_of(record)
  return ("%s\0%s\0%s"):format(record.task, record.seed or "", record.replicate or 0)
end

local function check_record(record, i)
  if type(record) ~= "table" or type(record.task) ~= "string" or type(record.group) ~= "string" then
    refuse("record %d has no task or no group", i)
  end
end

-- The records of both arms by pair, and the pairs in order of appearance.
local function arrange(records, spec)
  local arms, order = { [spec.candidate] = {}, [spec.champion] = {} }, {}
  for i, record in ipairs(records) do
    local mine = type(record) == "table" and arms[record.arm]
    if mine then
      check_record(record, i)
      local key = key_of(record)
      if mine[key] then refuse("the cell %s is there twice", record.cell or record.task) end
      mine[key] = record
      if not (arms[spec.candidate][key] and arms[spec.champion][key]) then order[#order + 1] = key end
    end
  end
  return arms[spec.candidate], arms[spec.champion], order
end

local function check_coverage(candidate, champion, order, spec)
  for _, key in ipairs(order) do
    for name, arm in pairs { [spec.candidate] = candidate, [spec.champion] = champion } do
      if not arm[key] then
        refuse("coverage: task %s has no cell of %s; every cell must be paired", (key:gsub("%z.*", "")), name)
      end
    end
  end
  local seen = {}
  for _, record in pairs(candidate) do seen[record.task] = true end
  for _, task in ipairs(spec.tasks or {}) do
    if not seen[task.id] then refuse("coverage: task %s was to be run and has no cell", task.id) end
  end
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for k, v in pairs(a) do if not same(v, b[k]) then return false end end
  for k in pairs(b) do if a[k] == nil then return false end end
  return true
end

local function digest_of(record, name) return type(record.digests) == "table" and record.digests[name] or nil end

-- Both sides of a pair must have been measured the same way.
local function check_pair(one, other)
  if one.group ~= other.group then refuse("task %s is in two groups", one.task) end
  for _, name in ipairs { "checks", "engine" } do
    if digest_of(one, name) ~= digest_of(other, name) then
      refuse("task %s was judged under two different %s", one.task, name == "checks" and "sets of checks" or "engines")
    end
  end
  if not same(one.budget or {}, other.budget or {}) then
    refuse("task %s was run under two different budgets", one.task)
  end
end

local function check_conditions(record)
  local name = record.cell or record.task
  if record.over then refuse("the cell %s spent above its ceiling", name) end
  if record.trust ~= "split" then
    refuse("the cell %s was judged with trust %s; only verdicts made in another process count", name,
      tostring(record.trust or "unknown"))
  end
  if not boxed[record.sandbox] then
    refuse("the cell %s ran with sandbox %s; a gate accepts strong and landlock only", name,
      tostring(record.sandbox or "unknown"))
  end
  if record.split and record.split ~= "gate" and record.split ~= "final" then
    refuse("the cell %s is of split %s; a gate reads held-out cells only", name, record.split)
  end
  if record.imported then refuse("the cell %s was imported; imported cells are no evidence", name) end
end

-- The arms are the same program with the same profile in every pair: noise would decide.
local function is_identical(candidate, champion)
  local any = false
  for key, record in pairs(candidate) do
    local other = champion[key]
    local program, profile = digest_of(record, "program"), digest_of(record, "profile")
    if not other or not program or program ~= digest_of(other, "program")
      or profile ~= digest_of(other, "profile") then
      return false
    end
    any = true
  end
  return any
end

-- Pairs with an infra failure on either side are left out for both.
local function without_infra(candidate, champion, order)
  local kept, blame = {}, { candidate = 0, champion = 0, pairs = 0 }
  for _, key in ipairs(order) do
    local a, b = candidate[key].infra, champion[key].infra
    if a then blame.candidate = blame.candidate + 1 end
    if b then blame.champion = blame.champion + 1 end
    if a or b then blame.pairs = blame.pairs + 1 else kept[#kept + 1] = key end
  end
  return kept, blame
end

local function check_infra(blame, total)
  local sum = blame.candidate + blame.champion
  if sum >= M.INFRA_UNBALANCED and stats.sign { wins = blame.candidate, losses = blame.champion }.p <= 0.25 then
    refuse("exclusions are unbalanced: %d by the candidate's cells, %d by the champion's", blame.candidate,
      blame.champion)
  end
  if blame.pairs > M.INFRA_MAX * total then
    refuse("%d of %d pairs were lost to infra failures, more than %g %%", blame.pairs, total, 100 * M.INFRA_MAX)
  end
end

-- ---- scores ----

local function measure(record, name)
  local score = record.score
  local value = type(score) == "table" and score[name] or nil
  if value == nil then return nil end
  if type(value) ~= "number" or not (value >= 0 and value <= 1) then
    refuse("the %s score of the cell %s is %s, not a number from 0 to 1", name, record.cell or record.task,
      tostring(value))
  end
  return value
end

-- A run that failed scores 0; one that was done and has no such score was not measured.
local function primary(record, name)
  local value = measure(record, name)
  if value == nil and record.status == "done" then
    refuse("the cell %s has no score '%s'", record.cell or record.task, name)
  end
  return value or 0
end

local function scores(set, name)
  local a, b, groups = {}, {}, {}
  for i, key in ipairs(set.kept) do
    a[i], b[i] = primary(set.candidate[key], name), primary(set.champion[key], name)
    groups[i] = set.candidate[key].group
  end
  return a, b, groups
end

local function shifted(x, by)
  if by == 0 then return x end
  local out = {}
  for i, value in ipairs(x) do out[i] = value - by end
  return out
end

-- ---- the tests ----

-- Each test gives whether it promotes; the contrast stands in `row` (of a minus the threshold).
local tests = {}

-- Tango's interval has a width of its own, also where all pairs went one way.
function tests.mcnemar(row, a, b, level)
  local tango = stats.tango { a = a, b = b, alpha = level }
  row.ci, row.zero_width = tango.ci, tango.ci[2] <= tango.ci[1]
  return tango.ci[1] > 0 and row.p <= level
end

function tests.sign(row, _, _, level)
  return row.wins > row.losses and row.p <= level
end

-- Where most groups tie, a few wins are enough for the bootstrap: four and 16 ties at level 0.03. The permutation test
-- has its level there as everywhere.
function tests.permutation(row, _, _, level)
  return row.ci[1] > 0 and row.p ~= nil and row.p <= level
end

--- The rule on aligned scores: whether they promote, and the contrast it was decided on.
---@param a number[] the candidate's
---@param b number[] the champion's
---@param groups (string|number)[]
---@param options table|nil {level=0.05, threshold=0, seed=0}
---@return boolean promote
---@return table row see han.contrast; lift and ci are of a - b - threshold
function M.rule(a, b, groups, options)
  options = options or {}
  local level, threshold = options.level or 0.05, options.threshold or 0
  local moved = shifted(a, threshold)
  local row = contrast.of(moved, b, groups, { seed = options.seed, alpha = level })
  if not row.method or not row.ci then return false, row end
  local promote = tests[row.method](row, moved, b, level)
  return promote and row.lift > 0 and not row.zero_width, row
end

--- The least groups for a family of m at this level: six, and as many as an all-won sign test needs.
function M.floor(level, family)
  return math.max(M.GROUPS_MIN, math.ceil(math.log(2 * (family or 1) / level, 2) - 1e-12))
end

-- ---- how many would decide ----

local function by_pairs(row, kind, level)
  local plan = stats.power { kind = kind, only_a = row.wins / row.groups, only_b = row.losses / row.groups,
    alpha = level }
  return plan and plan.n
end

local function by_mean(a, b, groups, level)
  local effect = stats.effect { a = a, b = b, groups = groups }
  if not effect or not effect.dz or effect.dz <= 0 then return nil end
  local plan = stats.power { kind = "mean", delta = effect.dz, sd = 1, alpha = level }
  return plan and math.max(contrast.BOOTSTRAP_FROM, plan.n)
end

-- Groups by which a lift like the one seen would be found four times of five; nil when it would not.
local function needed(row, a, b, groups, level)
  if row.method == "mcnemar" then return row.wins > row.losses and by_pairs(row, "mcnemar", level) or nil end
  local few = row.wins > row.losses and by_pairs(row, "sign", level) or nil
  if few and few < contrast.BOOTSTRAP_FROM then return few end
  return by_mean(a, b, groups, level) or few
end

-- ---- objectives beside the primary ----

--- The margins that hold: what is given, and M.MARGINS for the rest.
---@param given table|nil { objective = fraction }
function M.margins(given)
  local out = {}
  for name, margin in pairs(M.MARGINS) do out[name] = given and given[name] or margin end
  return out
end

-- Pairs where the champion was measured; a candidate that was not is at its worst there.
local function objective_pairs(set, name)
  local a, b, groups = {}, {}, {}
  for _, key in ipairs(set.kept) do
    local theirs = measure(set.champion[key], name)
    if theirs then
      a[#a + 1], b[#b + 1] = measure(set.candidate[key], name) or 0, theirs
      groups[#groups + 1] = set.candidate[key].group
    end
  end
  return a, b, groups
end

-- Credibly worse beyond the margin, at 95 % each: the rule with the arms changed over.
local function is_worse(a, b, groups, margin, seed)
  local row = contrast.of(shifted(a, -margin), b, groups, { seed = seed })
  if row.lift >= 0 or not row.ci then return false end
  if row.groups >= contrast.BOOTSTRAP_FROM then return row.ci[2] < 0 end
  return row.losses > row.wins and row.p <= 0.05
end

-- The contrasts of the other objectives, with q over them together; `worse` is decided beyond the margin and
-- uncorrected, so that a family of objectives hides none of them.
local function objectives(set, spec, out)
  local margins = M.margins(spec.margins)
  out.objectives = {}
  for _, name in ipairs(M.OBJECTIVES) do
    local a, b, groups = objective_pairs(set, name)
    if name ~= spec.primary and #a > 0 then
      local row = contrast.of(a, b, groups, { seed = spec.seed })
      row.name, row.margin, row.zero_width = name, margins[name], nil
      row.worse = is_worse(a, b, groups, row.margin, spec.seed)
      if row.worse then out.worse = out.worse or name end
      table.insert(out.objectives, row)
    end
  end
  contrast.correct(out.objectives)
end

-- Both arms as vectors, and which of them no other beats in all objectives.
local function arms_of(set, spec)
  local rows = { { name = spec.champion }, { name = spec.candidate } }
  local by_arm = { [spec.champion] = set.champion, [spec.candidate] = set.candidate }
  vectors.add(rows, by_arm, set.kept, { seed = spec.seed or 0 })
  return rows
end

-- ---- the decision ----

local function settle(out, decision, format, ...)
  out.decision, out.reason = decision, format:format(...)
  return out
end

local function number(x) return ("%+.3f"):format(x) end

-- Not promoted, and the lift is above the threshold: would more groups decide?
local function settle_short(out, row, a, b, groups, spec, level)
  local n = row.lift and row.lift > 0 and not row.zero_width and needed(row, a, b, groups, level) or nil
  if not n then return settle(out, "hold", "no lift that more groups would show") end
  out.groups_needed = math.max(n, out.groups + 1, M.floor(level, spec.family))
  if spec.groups_max and out.groups_needed > spec.groups_max then
    return settle(out, "hold", "a lift like this one needs %d groups, the holdout has %d", out.groups_needed,
      spec.groups_max)
  end
  return settle(out, "need-more", "a lift like this one is found with %d groups", out.groups_needed)
end

local function figures(out, row, threshold)
  out.groups, out.n, out.method = row.groups, row.n, row.method
  out.wins, out.ties, out.losses, out.p = row.wins, row.ties, row.losses, row.p
  out.lift = row.lift and row.lift + threshold
  out.ci = row.ci and { row.ci[1] + threshold, row.ci[2] + threshold }
end

local function decide_fixed(set, spec, out)
  local level, threshold = out.level, spec.threshold or 0
  local a, b, groups = scores(set, spec.primary)
  local promote, row = M.rule(a, b, groups, { level = level, threshold = threshold, seed = spec.seed })
  figures(out, row, threshold)
  out.method = ({ mcnemar = "tango+mcnemar", permutation = "bootstrap+permutation" })[row.method] or row.method
  objectives(set, spec, out)
  local least = M.floor(level, spec.family)
  if row.groups < least then
    out.groups_needed = least
    return settle(out, "need-more", "%d groups; at this level no fewer than %d decide", row.groups, least)
  end
  if row.zero_width and row.lift <= 0 then return settle(out, "hold", "the arms do not differ in any group") end
  if row.zero_width then return settle(out, "hold", "every group differs by the same: zero width never promotes") end
  if out.worse then return settle(out, "hold", "credibly worse on %s", out.worse) end
  if promote then
    return settle(out, "promote", "lift %s in %d groups, by %s", number(out.lift), row.groups, out.method)
  end
  if row.ci[2] < 0 then return settle(out, "hold", "credibly worse on %s", spec.primary) end
  return settle_short(out, row, shifted(a, threshold), b, groups, spec, level)
end

-- Group by group in the order of the records; may be asked again after each task.
local function decide_sequential(set, spec, out)
  local level, threshold = out.level, spec.threshold or 0
  local a, b, groups = scores(set, spec.primary)
  figures(out, contrast.of(a, b, groups, { seed = spec.seed, alpha = level }), 0)
  out.method = "eprocess"
  local seen = #a > 0 and stats.eprocess { a = a, b = b, groups = groups, null = threshold, alpha = level }
  if not seen then return settle(out, "need-more", "nothing was seen yet") end
  out.ci, out.p = seen.ci, math.min(1.0, 2 * seen.p_greater) -- two-sided, as everywhere
  objectives(set, spec, out)
  local least, all = M.floor(level, spec.family), spec.groups_max
  if out.groups >= least and out.p <= level and not out.worse and out.lift > threshold then
    return settle(out, "promote", "lift %s after %d groups, valid at any look", number(out.lift), out.groups)
  end
  if out.groups >= least and 2 * seen.p_less <= level then
    return settle(out, "hold", "credibly worse on %s after %d groups", spec.primary, out.groups)
  end
  if all and out.groups >= all then
    return settle(out, "hold", out.worse and "credibly worse on " .. out.worse
      or ("all %d groups were read and the evidence is not enough"):format(all))
  end
  out.groups_needed = math.max(least, out.groups + 1)
  return settle(out, "need-more", "not decided after %d groups", out.groups)
end

local function both_of(candidate, champion, order)
  local both = {}
  for _, key in ipairs(order) do
    both[#both + 1] = candidate[key]
    both[#both + 1] = champion[key]
  end
  return both
end

local function gather(records, spec, out)
  local candidate, champion, order = arrange(records, spec)
  if #order == 0 then refuse("there are no cells of %s and %s", spec.candidate, spec.champion) end
  check_coverage(candidate, champion, order, spec)
  if is_identical(candidate, champion) then
    refuse("candidate and champion are byte-identical: there is nothing to decide")
  end
  local kept, blame = without_infra(candidate, champion, order)
  for _, key in ipairs(order) do
    for _, record in ipairs { candidate[key], champion[key] } do check_conditions(record) end
  end
  for _, key in ipairs(kept) do check_pair(candidate[key], champion[key]) end
  if not spec.sequential or spec.last then check_infra(blame, #order) end
  if #kept == 0 then refuse("no pair is left: all were lost to infra failures") end
  local both = both_of(candidate, champion, order)
  local fatal = (not spec.sequential or spec.last) and health.fatal(health.checks(both))
  if fatal then refuse("%s", fatal) end
  out.infra, out.judge = blame, noise.judge(both)
  local set = { candidate = candidate, champion = champion, kept = kept }
  out.arms = arms_of(set, spec)
  return set
end

--- Decides. spec: { candidate=, champion= (names of arms), primary="correct", level= or alpha=0.05, family=1,
-- threshold=0, margins={objective=margin}, tasks={{id=}...} (what was to be run), groups_max=, seed=0, sequential=bool,
-- last=bool (sequential: no cell is to come), control= and slice= (carried) }.
---@param records table[] records of cells; of other arms are passed over
---@param spec table
---@return table {decision, reason, groups, groups_needed, lift, ci, slice, level, control, method, n, wins, ties,
-- losses, p, infra, objectives (contrasts with q, margin and worse), arms (vectors and ranks), judge (see
-- han.noise)}
function M.decide(records, spec)
  local level = spec.level or spec.alpha or 0.05
  if type(level) ~= "number" or not (level > 0 and level < 1) then error("a level is above 0 and below 1", 2) end
  spec = setmetatable({ primary = spec.primary or "correct" }, { __index = spec })
  local out = { level = level, control = spec.control, slice = spec.slice, groups = 0 }
  local ok, why = pcall(function()
    local set = gather(records, spec, out)
    return (spec.sequential and decide_sequential or decide_fixed)(set, spec, out)
  end)
  local flag = noise.flag(out.judge)
  if ok and flag then out.reason = out.reason .. "; " .. flag end
  if ok then return out end
  if type(why) ~= "table" or not why.refused then error(why, 0) end
  out.groups_needed, out.arms = nil, nil
  return settle(out, "refused", "%s", why.refused)
end

return M
