-- han.author.pipeline: from a candidate's text to one that may be tried: parse, lint, audit of intent, comparison with
-- the champion, a dry run apart from this process. Each stage refuses with its reason and, where there is one, the
-- place. A candidate that hangs, bombs memory or returns nonsense costs its dry run and nothing else.
--
-- pipeline.new { what=, champion = text or nil, known = { texts that were gated before }, game = as for the author
--   (with check = function(text) -> true or nil, why: the family's own form, samples = lists of arguments and
--   behaviour = function(values of the samples) -> { [trait] = 0..1 or a text }, all optional), profile = { names a
--   profile may hold }, task = public fields of a dry task, eval = as han.eval.lua, runs = as han.runs } -> p
-- p:check(candidate) -> { ok=, reason=, stage = "parse" | "lint" | "audit" | "identical" | "dry", where = { line=,
--   column= }, spend = { evals=, shots= }, behaviour= }      candidate: { text= } or a text
-- p:filter(candidates) -> those that passed (with behaviour=), those that did not (with refused=, stage=, where=)
-- Waits: call it in a fiber of a harness state.
local audit = require "han.author.audit"
local syntax = require "han.syntax"

local M = {}
local Pipeline = {}
Pipeline.__index = Pipeline

M.MAX_BYTES = 64 << 10

local dry = { artifact = "han.author.dry_artifact", strategy = "han.author.dry_strategy" }

-- Equal for texts that differ in layout, comments and names of locals.
local function form_of(what, text)
  local tree = audit.parse(what, text)
  return tree and syntax.hash(tree.root, { names = "alpha" })
end

local function know(self, text, as)
  self.texts[text] = self.texts[text] or as
  local form = form_of(self.what, text)
  if form then self.forms[form] = self.forms[form] or as end
end

function M.new(options)
  local self = setmetatable({ what = options.what, options = options, texts = {}, forms = {} }, Pipeline)
  if options.champion then know(self, options.champion, "the champion") end
  for _, text in ipairs(options.known or {}) do know(self, text, "a program that was gated before") end
  return self
end

local function refused(stage, reason, where, spend)
  return { ok = false, stage = stage, reason = reason, where = where, spend = spend or { evals = 0, shots = 0 } }
end

local function parse(self, text)
  if type(text) ~= "string" then return nil, refused("parse", "the candidate is no text") end
  if #text > M.MAX_BYTES then
    return nil, refused("parse", ("the candidate is longer than %d bytes"):format(M.MAX_BYTES))
  end
  local tree, message, _, detail = audit.parse(self.what, text)
  if not tree then
    return nil, refused("parse", message, detail and { line = detail.line, column = detail.column })
  end
  return tree
end

local function inspect(self, text, tree)
  local stage, found = audit.check(self.what, tree, self.options.game)
  if stage then
    local where = { line = found.line, column = found.column }
    return refused(stage, ("line %d: %s"):format(found.line, found.reason), where)
  end
  local form = self.options.game and self.options.game.check
  if form then
    local ok, why = form(text)
    if not ok then return refused("lint", why) end
  end
  local same = self.texts[text]
  if same then return refused("identical", "is the same text as " .. same) end
  same = self.forms[syntax.hash(tree.root, { names = "alpha" })]
  if same then return refused("identical", "is the same program as " .. same .. " but for layout and names") end
end

function Pipeline.check(self, candidate)
  local text = type(candidate) == "table" and candidate.text or candidate
  local tree, no = parse(self, text)
  if not tree then return no end
  no = inspect(self, text, tree)
  if no then return no end
  if self.what == "profile" then
    local why = require("han.author.profile").fault(tree, self.options.profile)
    if why then return refused("lint", why) end
    return { ok = true, spend = { evals = 0, shots = 0 } }
  end
  local result = require(dry[self.what]).run(text, self.options)
  if not result.ok then return refused("dry", result.reason, result.where, result.spend) end
  return { ok = true, spend = result.spend, behaviour = result.behaviour }
end

function Pipeline.filter(self, candidates)
  local passed, failed = {}, {}
  for _, candidate in ipairs(candidates) do
    local result = self:check(candidate)
    if result.ok then
      candidate.behaviour = result.behaviour
      passed[#passed + 1] = candidate
    else
      candidate.refused, candidate.stage, candidate.where = result.reason, result.stage, result.where
      failed[#failed + 1] = candidate
    end
    candidate.spend = result.spend
  end
  return passed, failed
end

return M
