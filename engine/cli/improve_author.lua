--- han.cli.improve_author: who writes the candidates of han improve: the search, the search as it has learnt to, or a
-- language model under a budget of its own. What a model answered is durable before it is used, so that a run which is
-- gone on with asks and pays for nothing twice.

local asker = require "han.author.ask"
local budget = require "han.cli.budget"
local champions = require "han.cli.champion"
local data = require "han.author.data"
local han_model = require "han.model"
local model = require "han.cli.model"
local plan_of = require "han.improve.plan"
local problem = require "han.cli.problem"
local recorder = require "han.cli.recorder"
local value = require "han.value"

local M = {}

M.BUDGET = "tokens=1000000" -- of a run's model, when nobody says it
M.TURNS = 3                     -- how often a round a model sees on dev what it wrote

local NAMES = { search = true, learnt = true, model = true }

function M.options(parser)
  parser:option("--author", "Who writes candidates: search (default), learnt (the search, begun with what authors "
    .. "have learnt of themselves: the champions of LINE@author, see han ablate), or model (a language model).")
    :argname("NAME")
  parser:option("--author-budget", "What the author's model may spend in all, as in tokens=200000,usd=2 (default "
    .. "tokens=1000000)."):argname("LIST")
  model.author_options(parser)
end

-- ---- authors that have learnt ----

-- The settings of each line's author as they were promoted: { [line] = settings }.
local function lessons_of(db, plan)
  local out, any = {}, false
  for _, line in ipairs(plan.lines) do
    local held = champions.of(db, plan_of.line_name(plan, line) .. "@author")
    out[line.name], any = held and data.read(held.text) or nil, any or held ~= nil
  end
  if any then return out end
  problem.raise("UNKNOWN", ("no author of %s has learnt and was promoted; han ablate %s shows whether one should be, "
    .. "and han promote LINE@author DIGEST does it"):format(plan.name, plan.name))
end

local function read_lessons(options, plan)
  local db = recorder.open_to_read(options.db)
  local ok, lessons = pcall(lessons_of, db, plan)
  db:close()
  if not ok then error(lessons, 0) end
  return lessons
end

-- ---- a model ----

local function read_model(options)
  local amount, wall, code = budget.parse(options.author_budget or M.BUDGET)
  if not amount then problem.raise(code, (wall:gsub("^%-%-budget", "--author-budget"))) end
  if wall or amount.shots or amount.evals then
    problem.usage("--author-budget: a model spends tokens, turns and usd")
  end
  return { name = "model", model = model.endpoint(options).name, price = options.price, cassette = options.cassette,
    budget = amount }
end

local function raw(hex) return (hex:gsub("%x%x", function(digits) return string.char(tonumber(digits, 16)) end)) end

-- Answers of one run by the digest of their question. Those in doubt are kept with the one that came in the end: a
-- question that nobody answered is asked anew by whoever goes on.
local function durable(store)
  local pending = {}
  local function keep(digest, answer)
    pending[#pending + 1] = { digest = digest, kind = "author", said = answer }
    if answer.doubt and not answer.ok then return true end
    local kept = pending
    pending = {}
    return store.db:journal_put(0, 0, "", kept)
  end
  return function(endpoint, ask)
    return function(body, how)
      local digest = raw(value.digest { "author", store.id, endpoint.name, how.id, body })
      local known = store.db:answer(digest)
      if known then return known.said end
      local answer, why, code = ask(body, how)
      if not answer then return nil, why, code end
      if answer.ok or answer.doubt or answer.code == "INVALID" then problem.check(keep(digest, answer)) end
      return answer
    end
  end
end

--- What a resume must know of the author, from the options; nil: the search.
function M.read(options, plan)
  local name = options.author or "search"
  if not NAMES[name] then problem.usage("--author: '%s' is no author; there are search, learnt and model", name) end
  if name == "model" then return read_model(options) end
  if options.author_budget then problem.usage("--author-budget goes with --author model") end
  model.refuse(options, "--author model")
  return name == "learnt" and { name = name, lessons = read_lessons(options, plan) } or nil
end

--- Tells a plan who writes.
function M.teach(plan, author)
  for _, line in ipairs(plan.lines) do line.settings = author and author.lessons and author.lessons[line.name] end
  if author and author.name == "model" then plan.backend, plan.model, plan.turns = "model", author.model, M.TURNS end
end

--- Gives a run its asker, when its author is a model. Returns what is to be called when all was asked.
function M.connect(run, author, ui)
  if not author or author.name ~= "model" then return function() end end
  local endpoint, _, tape = model.connect(author, author.budget, durable(run.store))
  model.warn_of_price(endpoint, author.budget, ui)
  run.asker = asker.new { model = han_model, budget = author.budget }
  return function() if tape then problem.check(tape:save()) end end
end

--- What a run failed by: a model that could not be asked is a problem of its own, after which it can be gone on with.
function M.problem(failure, store)
  if type(failure) ~= "table" or problem.is(failure) or not failure.code then return failure end
  local _, raised = pcall(problem.raise, failure.code, ("the author's model could not be asked: %s; what was done is "
    .. "stored, and han resume %s goes on from there"):format(failure.message, store.id))
  return raised
end

return M
