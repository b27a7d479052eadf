-- han.author.mine: what certified repairs of train tasks teach: weights of the operators that made the fix, templates
-- of what was put where, and the fixes themselves, kept by relevance. Certified is an output that its judge passed;
-- evidence is what han.firewall.evidence made of train records and nothing else.
local syntax = require "han.syntax"

local M = {}

M.MAX_TEXT = 120       -- bytes of a template
M.TEMPLATE_FIELDS = { kind = true, text = true, weight = true, insert = true, class = true }
M.STRENGTH = 4         -- fixes that the weights of before stand for
M.FACTOR = 4           -- most that a weight is moved by
M.SHARE_ACCEPTED = 0.3 -- what an accepted step on the way counts beside the edit that solved

-- ---- certified fixes ----

-- The steps of an attempt that led to what was certified: the edit that solved and those that were accepted.
local function steps_of(attempt)
  local steps = {}
  for _, span in ipairs(attempt.spans or {}) do
    if span.kind == "edit" and (span.outcome == "solved" or span.outcome == "accepted") then
      steps[#steps + 1] = { span = span, credit = span.outcome == "solved" and 1 or M.SHARE_ACCEPTED }
    end
  end
  local last = steps[#steps]
  return last and last.credit == 1 and steps or {}
end

--- Every step to a certified output: { { task=, group=, op=, class=, node=, before=, text=, credit= } ... }.
function M.fixes(evidence)
  local list = {}
  for _, row in ipairs(evidence.rows) do
    for _, attempt in ipairs(row.pass and row.attempts or {}) do
      if attempt.output ~= nil and attempt.output == row.output then
        for _, step in ipairs(steps_of(attempt)) do
          local span = step.span
          list[#list + 1] = { task = row.task, group = row.group, op = span.op, class = span.class, node = span.node,
            before = span.before, text = span.text, insert = span.last < span.first or nil, credit = step.credit }
        end
        break
      end
    end
  end
  return list
end

-- ---- weights ----

local function add(counts, class, op, n)
  counts[class] = counts[class] or { all = 0.0 }
  counts[class][op] = (counts[class][op] or 0.0) + n
  counts[class].all = counts[class].all + n
end

local function tries_of(evidence)
  local tries = {}
  for _, row in ipairs(evidence.rows) do
    for _, attempt in ipairs(row.attempts) do
      for _, span in ipairs(attempt.spans or {}) do
        if span.kind == "edit" then add(tries, span.class or "all", span.op, 1) end
      end
    end
  end
  return tries
end

-- For decision programs a step that was kept is what counts.
local function kept_of(evidence)
  local kept = {}
  for _, row in ipairs(evidence.rows) do
    for _, attempt in ipairs(row.attempts) do
      for _, span in ipairs(attempt.spans or {}) do
        if span.kind == "edit" and span.outcome == "best" then add(kept, "all", span.op, 1) end
      end
    end
  end
  return kept
end

local function moved(weight, won, tried, rate)
  local expected = tried * rate
  local factor = (won + M.STRENGTH) / (expected + M.STRENGTH)
  return tonumber(("%.4g"):format(weight * math.max(1 / M.FACTOR, math.min(M.FACTOR, factor)))) + 0.0
end

local function learn_class(weights, won, tried)
  local rate, out = tried.all > 0 and won.all / tried.all or 0, {}
  for op, weight in pairs(weights) do out[op] = moved(weight, won[op] or 0, tried[op] or 0, rate) end
  return out
end

--- { weights = as in a profile, fixes = how many certified steps they rest on }.
-- options: backend "search" or "decision"; weights = those of before, default the worker's.
function M.weights(evidence, options)
  local backend = options and options.backend or "search"
  local before = options and options.weights or require("han.author.space").defaults(backend).weights
  local tries, fixes, weights = tries_of(evidence), 0, {}
  local none = { all = 0.0 }
  if backend == "decision" then
    local won = kept_of(evidence)
    return { weights = learn_class(before, won.all or none, tries.all or none), fixes = (won.all or none).all // 1 }
  end
  local won = {}
  for _, fix in ipairs(M.fixes(evidence)) do
    add(won, fix.class or "all", fix.op, fix.credit)
    fixes = fixes + 1
  end
  for class, ops in pairs(before) do weights[class] = learn_class(ops, won[class] or none, tries[class] or none) end
  return { weights = weights, fixes = fixes }
end

-- ---- templates ----

local LIBRARY = {}
for name in ([[math string table utf8 ipairs pairs next type tostring tonumber select error assert pcall setmetatable
  getmetatable rawget rawset rawlen rawequal unpack]]):gmatch "%S+" do LIBRARY[name] = true end

local function parsed(text)
  return syntax.parse_expression(text, "fix") or syntax.parse_statements(text, "fix")
end

-- Names of values by first appearance, library and what the text itself declares left out.
local function names_of(tree)
  local names, seen = {}, {}
  for _, use in ipairs(tree.uses) do
    if not use.declaration and not LIBRARY[use.name] and not seen[use.name] then
      seen[use.name] = #names + 1
      names[#names + 1] = use.name
    end
  end
  return names, seen
end

-- A fix in the terms of any place: @k is the k-th name of what was there, $k another visible name, ` a text of the
-- program. nil when it says nothing beyond that program.
local function abstract(fix)
  local tree = fix.text and #fix.text <= M.MAX_TEXT and fix.node and parsed(fix.text)
  if not tree then return nil end
  local old = fix.before and fix.before ~= "" and parsed(fix.before)
  local known = old and select(2, names_of(old)) or {}
  local holes, edits, n = {}, {}, 0
  for _, use in ipairs(tree.uses) do
    if not use.declaration and not LIBRARY[use.name] then
      if not holes[use.name] then
        if known[use.name] then holes[use.name] = "@" .. known[use.name]
        else
          n = n + 1
          holes[use.name] = "$" .. n
        end
      end
      edits[#edits + 1] = { first = use.first, last = use.last, text = holes[use.name] }
    end
  end
  for _, literal in ipairs(syntax.find(tree, "string")) do
    edits[#edits + 1] = { first = literal.first, last = literal.last, text = "`" }
  end
  if n > 4 or #edits == 0 then return nil end
  return (syntax.edit(fix.text, edits))
end

--- Templates by how many groups they come from, then how often: { { kind = node kind, text=, weight=, insert= } ... }.
function M.templates(evidence, options)
  local found, order = {}, {}
  for _, fix in ipairs(M.fixes(evidence)) do
    local text = fix.credit == 1 and abstract(fix)
    local key = text and ("%s|%s|%s"):format(fix.node, tostring(fix.insert), text)
    if key then
      local one = found[key]
      if not one then
        one = { kind = fix.node, text = text, insert = fix.insert, groups = {}, n_groups = 0, n = 0 }
        found[key], order[#order + 1] = one, key
      end
      one.n = one.n + 1
      if not one.groups[fix.group] then one.groups[fix.group], one.n_groups = true, one.n_groups + 1 end
    end
  end
  table.sort(order, function(a, b)
    local x, y = found[a], found[b]
    if x.n_groups ~= y.n_groups then return x.n_groups > y.n_groups end
    if x.n ~= y.n then return x.n > y.n end
    return a < b
  end)
  local list, most = {}, options and options.most or 24
  for i = 1, math.min(most, #order) do
    local one = found[order[i]]
    list[i] = { kind = one.kind, text = one.text, insert = one.insert, weight = one.n_groups + 0.0 }
  end
  return list
end

-- ---- certified programs ----

--- How near a fix is to a failure { class=, nodes = { kinds }, group= }: same class, a node kind that is there, and not
--- of the very group.
function M.relevance(fix, failure)
  local score = 0.0
  if fix.class == failure.class then score = score + 1 end
  for _, kind in ipairs(failure.nodes or {}) do if kind == fix.node then score = score + 1 break end end
  if failure.group and fix.group == failure.group then score = score - 0.5 end
  return score * fix.credit
end

--- The fixes kept for a failure, the most relevant first.
function M.relevant(fixes, failure, n)
  local order, list = {}, {}
  for i, fix in ipairs(fixes) do order[i] = { i = i, score = M.relevance(fix, failure) } end
  table.sort(order, function(a, b)
    if a.score ~= b.score then return a.score > b.score end
    return a.i < b.i
  end)
  for i = 1, math.min(n, #order) do list[i] = fixes[order[i].i] end
  return list
end

-- ---- a profile ----

--- All of it: { profile = what a worker reads, fixes = how many certified steps, tasks = from how many tasks,
--- certified = the fixes }.
function M.profile(evidence, options)
  local backend = options and options.backend or "search"
  local mined, tasks, seen = M.weights(evidence, options), 0, {}
  local fixes = backend == "search" and M.fixes(evidence) or {}
  for _, fix in ipairs(fixes) do
    if not seen[fix.task] then
      seen[fix.task], tasks = true, tasks + 1
    end
  end
  local profile = { weights = mined.weights }
  local templates = backend == "search" and M.templates(evidence, options) or {}
  if #templates > 0 then profile.templates = templates end
  return { profile = profile, fixes = mined.fixes, tasks = tasks, certified = fixes }
end

return M
