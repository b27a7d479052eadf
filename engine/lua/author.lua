-- han.author: programs that propose better programs. One seam for every author and for what is written: an
-- artifact (a decision program), a profile (the data of a worker), a strategy (a Lua file). An author owns its
-- archive and the weights of its operators; it sees train evidence and nothing else, draws from the `random` it is
-- given and nothing else, and runs nothing: what it proposes goes through han.author.pipeline before it is tried.
--
-- author.new { what = "artifact" | "profile" | "strategy", backend = "search" | "random" | "model", random = as in a
--   worker, settings = the author's own parameters (author.SETTINGS), digest = function(text), default SHA-256 } -> a
--   "random" is the blind arm: the same numbers, the same seam; its proposals know no champion, archive or evidence.
--   "model" asks a language model: ask = and check =, see han.author.model; a.refused lists what it got back.
-- a:propose(input, n) -> at most n candidates, none of a text that this author proposed before (fewer when nothing new
--   came up): { text=, digest=, what=, operator=, parents = { digests }, shape = digest of the tree without its
--   constants, novel = whether that differs from the champion's, intent = one line, island= }
--   input = { champion = { text=, value=, behaviour= }, evidence=, game=, contract=, budget=, random= }
--     champion  value: its loss on the rows that candidates are measured on (less is better); may be absent
--     evidence  author.evidence(records): what may be known of train records; nil: none
--     game      artifacts: { params=, leaves=, constant= } as in worker/decision.lua
--     random    takes the place of the author's own from now on, so that a round can be resumed by its seed
--   Everything in it passes han.firewall.check_author: rows of another split, findings of a judge or a holdout and
--   scores abort with FIREWALL.
-- a:learn(outcomes): { candidate = digest, operator=, value=, behaviour=, gain=, promoted=, refused = reason, early= }
--   value      its loss, where it was measured; such candidates enter the archive
--   behaviour  what it does, as the dry run tells; parts the archive's cells, which go by size where nothing is told
--   gain       what it is better by than its champion, absent where value says it
-- a:harvest(evidence): programs that attempts on train tasks ended with (elites of decision programs) are what the next
--   calls of propose give first, as candidates of the operator "harvest"; returns how many. Nothing in the blind arm.
-- a:best(n) -> the best of the archive, { text=, digest=, value=, cell=, parents=, operator= } ...
-- a:evolve { input=, evaluate = function(texts) -> { { value=, behaviour= } or { refused = reason } ... } or nil,
--   message, code; evals = n, batch = n } -> { best = entries, evals = n }, or nil, message, code: propose, measure and
--   learn until `evals` programs were measured. Both backends spend the same.
-- a:lesson() -> settings for another author: this one's, with the weights of its operators, and of its own parameters
--   where it learns them, as they have become. What is learnt at level L2, from which candidates were kept, gained and
--   promoted.
-- a:state() -> a plain value; author.restore(state, { random=, digest=, ask=, check= }) -> a. Same state, input and
--   random: same proposals.
local archive_module = require "han.author.archive"
local firewall = require "han.firewall"
local knobs = require "han.author.knobs"
local model = require "han.author.model"
local policy = require "han.author.policy"
local syntax = require "han.syntax"

local M = {}
local Author = {}
Author.__index = Author

M.VERSION = 1
M.STALE = 40   -- draws for one candidate that may come to nothing

-- The author's own parameters: what an optimizer of authors (L2) may move.
M.SETTINGS = {
  given = 32,          -- programs of a harvest that are proposed again
  fresh = 0.05,        -- share of proposals that start from nothing
  champion = 0.05,     -- share whose parent is the champion
  tournament = 4,      -- of so many programs the best is the parent
  any = 0.2,           -- share whose parent is any program of the archive
  edits = 1.4,         -- operators applied to one candidate, in the mean
  islands = 1,         -- archives that breed apart
  migrate = 8,         -- calls of learn between exchanges of their best
  floor = 0.05,        -- least share of an operator's weight
  prior = 8,           -- trials that the prior weight of an operator stands for
  decay = 0.98,        -- what a call of learn leaves of what was learnt before
  weights = {},        -- prior weights by operator name, over those of the kind
  learns = "operators", -- what of the author itself follows what became of its programs: "nothing", "operators" or
                        -- "all", with its parameters (han.author.knobs)
  knobs = {},          -- prior weights of the parameters' values, where all is learnt
  rounds = 3,          -- replies of a model to one candidate, the refused ones with it
}
local LEARNS = { nothing = true, operators = true, all = true }

local kinds = { artifact = true, profile = true, strategy = true }
local backends = { search = true, random = true, model = true }
local function writer_of(what) return require("han.author." .. what) end

local function sha256(text) return require("han.sys").sha256(text) end

local function settings_of(given)
  local settings = {}
  for key, default in pairs(M.SETTINGS) do settings[key] = default end
  for key, item in pairs(given or {}) do
    if M.SETTINGS[key] == nil then error(("han.author: there is no setting '%s'"):format(tostring(key)), 3) end
    settings[key] = item
  end
  if not LEARNS[settings.learns] then error("han.author: learns is nothing, operators or all", 3) end
  return settings
end

---@param options table see above
function M.new(options)
  if not kinds[options.what] then error("han.author: what must be artifact, profile or strategy", 2) end
  if not backends[options.backend] then
    error(("han.author: there is no backend '%s'; there are search, random and model"):format(tostring(
      options.backend)), 2)
  end
  if options.backend == "model" and type(options.ask) ~= "function" then
    error("han.author: the backend model needs ask = function(prompt)", 2)
  end
  local writer, settings = writer_of(options.what), settings_of(options.settings)
  return setmetatable({
    what = options.what, backend = options.backend, writer = writer, settings = settings, random = options.random,
    digest = options.digest or sha256, seen = {}, pending = {}, given = {},
    ask = options.ask, check = options.check, refused = {},
    counts = { proposed = 0, novel = 0, learnt = 0 },
    archive = archive_module.new { islands = settings.islands },
    policy = policy.new { operators = writer.OPERATORS, weights = settings.weights, floor = settings.floor,
      prior = settings.prior, decay = settings.decay },
    knobs = settings.learns == "all" and options.backend == "search" and knobs.new(settings) or nil,
  }, Author)
end

--- The shape of a text: a digest of its tree with constants erased and locals by order; nil when it is not Lua.
function M.shape(what, text)
  local tree = (what == "artifact" and syntax.parse_expression or syntax.parse)(text, what)
  return tree and syntax.hash(tree.root, { constants = "erase", names = "alpha" })
end

-- ---- proposals ----

-- What a writer works with: the champion and programs of an island, as it reads them.
local function desk_of(self, input, island)
  local pool = {}
  for _, entry in ipairs(self.archive:list(island)) do
    local tree = self:read(entry.text, input)
    if tree then pool[#pool + 1] = { tree = tree, entry = entry } end
  end
  local champion = input.champion and self:read(input.champion.text, input)
  return { random = self.random, game = input.game, pool = pool, champion = champion, evidence = input.evidence,
    settings = self.settings }
end

-- A text as its writer reads it; kept, since the archive is read at every call.
function Author.read(self, text, input)
  self.trees = self.trees or setmetatable({}, { __mode = "k" })
  local game = input.game or self
  local known = self.trees[game]
  if not known then
    known = {}
    self.trees[game] = known
  end
  if known[text] == nil then known[text] = self.writer.read(text, input.game) or false end
  return known[text] or nil
end

-- A parent: the champion, any program, or the best of a few.
local function parent_of(self, desk, settings, champion_digest)
  local random, pool = self.random, desk.pool
  if desk.champion and (#pool == 0 or random() < settings.champion) then return desk.champion, champion_digest end
  if #pool == 0 then return nil end
  local one = pool[random(#pool)]
  if random() >= settings.any then
    for _ = 2, settings.tournament do
      local other = pool[random(#pool)]
      if (other.entry.value or math.huge) < (one.entry.value or math.huge) then one = other end
    end
  end
  return one.tree, one.entry.digest
end

-- One edited program: its tree, the operator that counts, the parents; nil when it came to nothing.
local function bred(self, desk, settings, champion_digest)
  local random = self.random
  local tree, digest = parent_of(self, desk, settings, champion_digest)
  if not tree or random() < settings.fresh then
    return self.writer.fresh(desk), "fresh", {}
  end
  local operator = self.policy:draw(random)
  local parents, partner = { digest }
  tree, partner = self.writer.apply(desk, operator, tree)
  local more = settings.edits - 1
  while tree and random() < more do
    tree = self.writer.apply(desk, self.policy:draw(random), tree) or tree
    more = more / 2
  end
  if partner then parents[2] = partner end
  return tree, operator, parents
end

local function candidate_of(self, text, island, operator, parents, champion_shape)
  if not text or self.seen[text] then return nil end
  self.seen[text] = true
  local shape = M.shape(self.what, text)
  if not shape then return nil end
  return { text = text, digest = self.digest(text), what = self.what, operator = operator, parents = parents,
    shape = shape, novel = shape ~= champion_shape, island = island,
    intent = ("%s of %s"):format(operator, #parents == 0 and "nothing" or parents[1]:sub(1, 12)) }
end

-- A program of a harvest that reads as one of this game.
local function harvested(self, input, island, champion)
  while #self.given > 0 do
    local text = table.remove(self.given, 1)
    local tree = self:read(text, input)
    local candidate = tree and candidate_of(self, self.writer.print(tree, input.game), island, "harvest", {},
      champion.shape)
    if candidate then return candidate end
  end
end

-- Asks until there is one that can be read as Lua, or nobody answers.
local function asked(self, input, island, champion)
  local text = model.write(self, input, function(reply, reason)
    self.refused[#self.refused + 1] = { text = reply, reason = reason }
  end)
  return candidate_of(self, text, island, "model", { champion.digest ~= "" and champion.digest or nil }, champion.shape)
end

local function one_candidate(self, input, desk, island, champion)
  if self.backend == "model" then return asked(self, input, island, champion) end
  local given = harvested(self, input, island, champion)
  if given then return given end
  for _ = 1, M.STALE do
    local tree, operator, parents, drawn
    if self.backend == "random" then
      tree, operator, parents = self.writer.fresh { random = self.random, game = input.game }, "fresh", {}
    else
      drawn = self.knobs and self.knobs:draw(self.random)
      local settings = drawn and knobs.applied(self.settings, drawn) or self.settings
      tree, operator, parents = bred(self, desk, settings, champion.digest)
    end
    local text = tree and self.writer.print(tree, input.game)
    local candidate = candidate_of(self, text, island, operator, parents, champion.shape)
    if candidate then
      candidate.knobs = drawn
      return candidate
    end
  end
end

function Author.propose(self, input, n)
  firewall.check_author(input)
  self.random, self.failure = input.random or self.random, nil
  local champion, desks, list = { digest = "" }, {}, {}
  if input.champion then
    local text = input.champion.text
    champion = { digest = self.digest(text), shape = M.shape(self.what, text) }
    self.seen[text] = true
  end
  for i = 1, n do
    local island = (self.counts.proposed + i - 1) % self.settings.islands + 1
    desks[island] = desks[island] or self.backend ~= "model" and desk_of(self, input, island)
    local candidate = one_candidate(self, input, desks[island], island, champion)
    if candidate then
      list[#list + 1] = candidate
      self.pending[candidate.digest] = candidate
      if candidate.novel then self.counts.novel = self.counts.novel + 1 end
    elseif self.backend ~= "model" or self.failure then
      break
    end
  end
  self.counts.proposed = self.counts.proposed + #list
  return list
end

-- ---- learning ----

local function reward_of(outcome, kept, gain)
  if outcome.promoted then return 3 end
  if gain and gain > 0 then return 1 end
  return kept and 0.3 or 0
end

local function gain_of(self, outcome, candidate)
  if outcome.gain then return outcome.gain end
  local parent = candidate and candidate.parents[1] and self.archive:find(candidate.parents[1])
  return outcome.value and parent and parent.value and parent.value - outcome.value or nil
end

local function settle(self, outcome)
  local candidate = self.pending[outcome.candidate]
  local gain, kept = gain_of(self, outcome, candidate), nil
  if candidate and outcome.value and not outcome.refused then
    kept = self.archive:add { text = candidate.text, digest = candidate.digest, value = outcome.value,
      behaviour = outcome.behaviour, size = self.writer.size(candidate.text), parents = candidate.parents,
      operator = candidate.operator, shape = candidate.shape, island = candidate.island }
    kept = kept ~= "dropped"
  end
  local operator = outcome.operator or candidate and candidate.operator
  if self.settings.learns ~= "nothing" then
    local reward = reward_of(outcome, kept, gain)
    if operator then self.policy:reward(operator, reward) end
    if self.knobs and candidate and candidate.knobs then self.knobs:reward(candidate.knobs, reward) end
  end
  self.pending[outcome.candidate] = nil
  self.counts.learnt = self.counts.learnt + 1
end

function Author.learn(self, outcomes)
  firewall.check_author(outcomes)
  self.policy:age()
  if self.knobs then self.knobs:age() end
  for _, outcome in ipairs(outcomes) do settle(self, outcome) end
  self.calls = (self.calls or 0) + 1
  if self.calls % self.settings.migrate == 0 then self.archive:migrate() end
end

function Author.harvest(self, evidence)
  firewall.check_author(evidence)
  if self.backend == "random" or not self.writer.harvest then return 0 end
  local n = 0
  for _, text in ipairs(self.writer.harvest(evidence, self.settings.given)) do
    if not self.seen[text] and #self.given < self.settings.given then
      self.given[#self.given + 1] = text
      n = n + 1
    end
  end
  return n
end

function Author.best(self, n) return self.archive:best(n) end

function Author.lesson(self)
  local settings = {}
  for key, item in pairs(self.settings) do settings[key] = item end
  settings.weights = self.policy:lesson()
  settings.knobs = self.knobs and self.knobs:lesson() or settings.knobs
  return settings
end

-- ---- many at once ----

local function outcomes_of(list, rows)
  local outcomes = {}
  for i, candidate in ipairs(list) do
    local row = rows[i]
    outcomes[i] = { candidate = candidate.digest, operator = candidate.operator, value = row.value,
      behaviour = row.behaviour, refused = row.refused }
  end
  return outcomes
end

function Author.evolve(self, options)
  local spent = 0
  while spent < options.evals do
    local list = self:propose(options.input, math.min(options.batch or 32, options.evals - spent))
    if #list == 0 then break end
    local texts = {}
    for i, candidate in ipairs(list) do texts[i] = candidate.text end
    local rows, message, code = options.evaluate(texts)
    if not rows then return nil, message, code end
    self:learn(outcomes_of(list, rows))
    spent = spent + #list
  end
  return { best = self:best(options.keep or 8), evals = spent }
end

-- ---- state ----

function Author.state(self)
  local seen, pending = {}, {}
  for text in pairs(self.seen) do seen[#seen + 1] = text end
  table.sort(seen)
  for _, candidate in pairs(self.pending) do pending[#pending + 1] = candidate end
  table.sort(pending, function(a, b) return a.digest < b.digest end)
  return { version = M.VERSION, what = self.what, backend = self.backend, settings = self.settings, seen = seen,
    given = self.given, pending = pending, counts = self.counts, calls = self.calls or 0,
    archive = self.archive:state(), policy = self.policy:state(),
    knobs = self.knobs and self.knobs:state() }
end

function M.restore(state, options)
  if state.version ~= M.VERSION then
    return nil, ("an author's state of version %s; this is version %d"):format(tostring(state.version), M.VERSION),
      "VERSION"
  end
  local self = M.new { what = state.what, backend = state.backend, settings = state.settings,
    random = options.random, digest = options.digest, ask = options.ask, check = options.check }
  for _, text in ipairs(state.seen) do self.seen[text] = true end
  for _, candidate in ipairs(state.pending) do self.pending[candidate.digest] = candidate end
  for i, text in ipairs(state.given) do self.given[i] = text end
  for key, n in pairs(state.counts) do self.counts[key] = n end
  self.calls = state.calls
  self.archive = archive_module.restore(state.archive)
  self.policy = policy.restore(state.policy)
  self.knobs = state.knobs and knobs.restore(state.knobs)
  return self
end

--- What authors may know of train records; see han.firewall.
M.evidence = firewall.evidence

return M
