-- han.improve.learner: one learner on one line of an improve run: the deployed one, or the blind one that differs
-- from it by its proposals alone. Owns its champion, its author and what became of every candidate. What it learns
-- from is evidence of train records (han.firewall) and the losses of its candidates on dev; it is never given
-- anything else.

local M = {}
local Learner = {}
Learner.__index = Learner

-- options: { name=, line=, what=, backend = "search" | "random" | "model", start = text, game=, settings=, author =
-- module han.author, pipeline = function(champion, known) -> { filter=, check= }, random = function(label) -> random
-- function, keep = function(row), digest=, asker = of a model (han.author.ask) }
function M.new(options)
  local self = setmetatable({ options = options, name = options.name, line = options.line, what = options.what,
    known = {}, kept = {}, count = { candidates = 0, novel = 0, refused = 0, measured = 0, gated = 0, novel_gated = 0 },
    refusals = {} }, Learner) -- refusals: how many went no further, by the stage that refused them
  self.author = options.author.new { what = options.what, backend = options.backend, random = options.random("author"),
    settings = options.settings, digest = options.digest,
    ask = options.asker and function(prompt) return self.ask(prompt) end,
    check = options.asker and function(text) return self:check(text) end }
  self.champion = { text = options.start, digest = options.digest(options.start),
    shape = options.author.shape(options.what, options.start) }
  self:keep(self.champion, 0, "start")
  return self
end

-- Writes down what became of a text. Its first words stay: operator, parents, author.
function Learner:keep(candidate, round, status, reason, scores)
  self.kept[candidate.digest] = true
  self.options.keep { line = self.line, learner = self.name, kind = self.what, text = candidate.text,
    digest = candidate.digest, round = round, author = candidate.author or status == "start" and "start" or "search",
    operator = candidate.operator, parents = candidate.parents or {}, shape = candidate.shape,
    novel = candidate.novel, status = status, reason = reason, scores = scores }
end

local function refuse(self, stage) self.refusals[stage] = (self.refusals[stage] or 0) + 1 end

-- ---- candidates ----

-- A reply of a model on its way to be a candidate: what the pipeline says of it. What that costs is a dry run's.
function Learner:check(text)
  local result = self.options.pipeline(self.champion.text, self.known):check(text)
  self.checked = self.checked or {}
  for channel, n in pairs(result.spend or {}) do self.checked[channel] = (self.checked[channel] or 0) + n end
  return result
end

-- What attempts on train tasks ended with: programs of the search, as candidates.
local function harvested(self, evidence, most)
  local list, seen = {}, { [self.champion.text] = true }
  for _, row in ipairs(evidence.rows) do
    local text = row.output
    if self.what == "artifact" and type(text) == "string" and not seen[text] and #list < most then
      seen[text] = true
      local shape = self.options.author.shape(self.what, text)
      list[#list + 1] = { text = text, digest = self.options.digest(text), operator = "harvest", author = "harvest",
        parents = { self.champion.digest }, shape = shape, novel = shape ~= self.champion.shape,
        intent = "what a run on " .. row.group .. " ended with" }
    end
  end
  return list
end

-- What the author is told: see han.author. Everything here passes han.firewall.check_author there.
function Learner:input(turn)
  return { champion = { text = self.champion.text, value = self.champion.value }, evidence = self.evidence,
    game = self.options.game, contract = self.options.contract, budget = self.options.budget,
    random = self.options.random("propose/" .. turn) }
end

local function label(round, turn) return turn == 1 and tostring(round) or ("%d/%d"):format(round, turn) end

local function searched(self, round, turn, n) return self.author:propose(self:input(label(round, turn)), n) end

-- Asks the model, a turn's questions under one name; a model that cannot be asked ends the run, an empty budget does
-- not: the rest of the run goes on without it.
local function asked(self, round, turn, n)
  local author, options, from = self.author, self.options, #self.author.refused
  self.ask = options.asker:of(("%s/r%d/%d"):format(options.line, round, turn))
  local list = author:propose(self:input(label(round, turn)), n)
  for i = from + 1, #author.refused do
    local refused = author.refused[i]
    self.count.refused = self.count.refused + 1
    local digest = refused.text and options.digest(refused.text)
    if digest and not self.kept[digest] then -- what is written down already is not forgotten for that
      self:keep({ text = refused.text, digest = digest, operator = "model", author = "model" }, round, "refused",
        refused.reason)
    end
  end
  local failure = author.failure
  if failure and failure.code ~= "BUDGET_EXHAUSTED" then
    error({ code = failure.code or "PEER", message = tostring(failure.message) }, 0)
  end
  return list
end

local function same_text(list, text)
  for _, one in ipairs(list) do
    if one.text == text then return true end
  end
  return false
end

-- What all rounds so far showed. Certified fixes are few in one round, so weights, templates and choices are mined from
-- all of them; of decision programs the author's archive is the memory.
local function remembered(self, evidence)
  if self.what == "artifact" then return evidence end
  self.rows = self.rows or {}
  for _, row in ipairs(evidence.rows) do self.rows[#self.rows + 1] = row end
  return { rows = table.move(self.rows, 1, #self.rows, 1, {}) }
end

-- At most n candidates for one turn of a round. Half of the first ones at most are what the runs on train tasks ended
-- with; records: of these runs.
function Learner:propose(round, turn, records, n)
  local list = {}
  if turn == 1 then
    local evidence = self.options.author.evidence(records)
    list = harvested(self, evidence, n // 2)
    self.evidence, self.passed, self.learnt = remembered(self, evidence), {}, 0
    self.author:harvest(self.evidence)
  end
  local propose = self.options.asker and asked or searched
  for _, candidate in ipairs(propose(self, round, turn, n - #list)) do
    candidate.author = self.options.backend
    if not same_text(list, candidate.text) then list[#list + 1] = candidate end
  end
  self.count.candidates = self.count.candidates + #list
  for _, candidate in ipairs(list) do
    if candidate.novel then self.count.novel = self.count.novel + 1 end
    self:keep(candidate, round, "candidate")
  end
  return list
end

-- Those that may be tried, and what the filter spent. Refused ones keep their reason.
function Learner:filter(round, list)
  local passed, failed = self.options.pipeline(self.champion.text, self.known):filter(list)
  local spend, outcomes = {}, {}
  for _, candidate in ipairs(list) do
    for channel, n in pairs(candidate.spend or {}) do spend[channel] = (spend[channel] or 0) + n end
  end
  for channel, n in pairs(self.checked or {}) do spend[channel] = (spend[channel] or 0) + n end
  self.checked = nil
  for i, candidate in ipairs(failed) do
    self:keep(candidate, round, "refused", ("%s: %s"):format(candidate.stage, candidate.refused))
    refuse(self, candidate.stage)
    outcomes[i] = { candidate = candidate.digest, operator = candidate.operator, refused = candidate.refused }
  end
  self.count.refused = self.count.refused + #failed
  self.author:learn(outcomes)
  return passed, spend
end

M.KNOWN = 8 -- programs that runs on train tasks are told of

-- The best programs of the archive that are not the champion; nil when there is none.
function Learner:best()
  local list = {}
  for _, entry in ipairs(self.author:best(M.KNOWN + 1)) do
    if entry.text ~= self.champion.text and #list < M.KNOWN then list[#list + 1] = entry.text end
  end
  return #list > 0 and list or nil
end

-- ---- what was measured ----

-- Takes the losses on dev of one turn's candidates. losses: { [digest] = number or nil }; champion's is the loss of the
-- champion on the same tasks.
function Learner:measured(passed, losses, champion)
  self.champion.value, self.before = champion, champion
  for _, candidate in ipairs(passed) do
    candidate.value = losses[candidate.digest]
    if candidate.value then self.count.measured = self.count.measured + 1 end
    self.passed[#self.passed + 1] = candidate
  end
end

-- The best candidate of the round that beats the champion on dev, or nil and why.
function Learner:choose(round)
  local best, champion = nil, self.before
  for _, candidate in ipairs(self.passed) do
    if candidate.value and (not best or candidate.value < best.value) then best = candidate end
  end
  for _, candidate in ipairs(self.passed) do
    if candidate ~= best or not champion or candidate.value >= champion then
      refuse(self, "dev")
      self:keep(candidate, round, "refused", candidate.value and champion
        and ("dev: loss %.4f, the best has %.4f and the champion %.4f"):format(candidate.value, best.value, champion)
        or "dev: it was not measured", candidate.value and { dev_loss = candidate.value })
    end
  end
  if not best then return nil, "no candidate was measured" end
  if not champion or best.value >= champion then return nil, "no candidate is better than the champion on dev" end
  return best
end

-- What the gate said of a candidate; promotes it when that was its word.
function Learner:decided(round, candidate, decision)
  self.count.gated = self.count.gated + 1
  if candidate.novel then self.count.novel_gated = self.count.novel_gated + 1 end
  self.known[#self.known + 1] = candidate.text
  local promoted = decision.decision == "promote"
  self:keep(candidate, round, promoted and "promoted" or "gated", ("gate: %s, %s"):format(decision.decision,
    decision.reason), { dev_loss = candidate.value, lift = decision.lift, ci = decision.ci, groups = decision.groups })
  if promoted then self.champion = candidate else refuse(self, "gate") end
  return promoted
end

-- Tells the author what became of the candidates that it has not heard of, and which one was promoted.
function Learner:learn(promoted)
  local outcomes = {}
  for i, candidate in ipairs(self.passed) do
    local known = i <= self.learnt
    if not known or candidate == promoted then
      outcomes[#outcomes + 1] = { candidate = candidate.digest, operator = candidate.operator,
        value = not known and candidate.value or nil, behaviour = candidate.behaviour,
        promoted = candidate == promoted or nil,
        gain = not known and candidate.value and self.before and self.before - candidate.value or nil }
    end
  end
  self.learnt = #self.passed
  self.author:learn(outcomes)
end

return M
