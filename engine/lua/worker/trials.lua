--- han.worker.trials: the built-in worker for a text whose tests are a program of their own (backend "trials" of
-- the adapter `file`). One shot tries one edit after the other on all tests (ctx.check, one evaluation each) and
-- settles with the best text that breaks nothing. Edits come from a source of the language: han.worker.lua_edits,
-- han.worker.python_edits, or han.worker.form_edits for a text that does not parse.
--
-- source(base, about) -> next() -> { text=, op=, fn=, line=, edit = { first=, last=, text= } }, nil when there is none
--   base   { text=, tree = nil when it does not parse, raw = of its verdict, language=, name= }
--   about  { random=, places = parts that may change or nil, class = of the failure, nil for every class, tight = no
--          statement more or less (LOGIC), words = texts that the tests want of errors, errors = names of exceptions
--          that they name }
-- profile (all optional): patch (the rules of a ladder, han.patching), trials (most edits of a shot).
-- Spans: { kind = "tests", passed, total, class, votes, failing, message } of every text that edits start from;
--   { kind = "edit", ... } as of han.worker; { kind = "tried", count, texts = digests }, which a later shot is told.

local artifacts = require "han.artifact"
local outcome = require "han.worker.outcome"
local search = require "han.worker"

local M = {}

M.TRIALS = 400
M.STALE = 400      -- proposals in a row that are known or refused, before a shot gives up
M.TRIED_MOST = 4000 -- texts that are told

local SOURCES = { lua = "han.worker.lua_edits", python = "han.worker.python_edits" }

-- What the tests say of errors: texts in quotes on lines that speak of them, and names of exceptions.
local function read_script(script)
  local words, errors, seen = {}, {}, {}
  for line in script:gmatch "[^\n]+" do
    for name in line:gmatch "%f[%w_]%u[%w_]*Error%f[^%w_]" do
      if not seen[name] and name ~= "AssertionError" then seen[name], errors[#errors + 1] = true, name end
    end
    local speaks = line:lower():find "rais" or line:lower():find "error"
    for _, pattern in ipairs(speaks and { '"([^"]+)"', "'([^']+)'" } or {}) do
      for text in line:gmatch(pattern) do
        if not seen[text] and #text > 2 and #text <= 200 then seen[text], words[#words + 1] = true, text end
      end
    end
  end
  return words, errors
end

-- Makes a text one that edits start from.
local function adopt(state, text, verdict)
  local ctx, raw = state.ctx, outcome.raw(verdict)
  local seen = raw.failure or {}
  local tree, why, code = artifacts.syntax(ctx.public.language).parse(text, ctx.public.name)
  if not tree and code ~= "SYNTAX" then error({ code = "PEER", message = why }, 0) end
  local base = { text = text, tree = tree, raw = raw, language = ctx.public.language, name = ctx.public.name,
    correct = verdict.correct or 0.0 }
  outcome.tell(ctx, verdict)
  local patching, words, errors = state.patching, read_script(ctx.public.script or "")
  local every = not patching or patching.rules.whole
  local source = require(tree and SOURCES[ctx.public.language] or "han.worker.form_edits")
  state.base = base
  state.next = source(base, { random = ctx.random, words = words, errors = errors,
    places = tree and patching and patching:places(text) or nil,
    tight = not every and patching.rules.tight or nil,
    class = not every and patching.rules.class or every and not patching and seen.class or nil })
end

-- The next text that was not tried and is allowed; nil when there is none.
local function propose(state)
  for _ = 1, M.STALE do
    local trial = state.next()
    if not trial then return nil end
    local digest = search.digest(trial.text)
    if not state.seen[digest] then
      state.seen[digest] = true
      if not state.patching or state.patching:allows(state.base.text, trial.text) then
        if #state.tried < M.TRIED_MOST then state.tried[#state.tried + 1] = digest end
        return trial
      end
    end
  end
  return nil
end

local function tell(state, trial, ended, raw, reason)
  local edit = trial.edit
  state.ctx.span { kind = "edit", op = trial.op, class = raw.failure and raw.failure.class, fn = trial.fn,
    line = trial.line, first = edit.first, last = edit.last, text = edit.text, outcome = ended, passed = raw.passed,
    reason = reason }
end

-- One trial; true when the shot is over.
local function try(state, trial)
  local verdict, why, code = state.ctx.check(trial.text)
  if not verdict then
    state.stopped = code or why
    return true
  end
  local raw = outcome.raw(verdict)
  local worse = outcome.broken(state.base.raw, raw)
  if worse and not verdict.pass then
    if state.patching and (raw.passed or 0) > 0 then state.patching:refused("REGRESSION", worse, trial.line) end
    tell(state, trial, "failed", raw, worse)
  elseif verdict.pass then
    tell(state, trial, "solved", raw)
    state.best, state.stopped = trial.text, "solved"
    return true
  elseif (verdict.correct or 0) > state.base.correct then
    tell(state, trial, "accepted", raw)
    state.best = trial.text
    adopt(state, trial.text, verdict)
  else
    tell(state, trial, "failed", raw)
  end
  return false
end

-- What earlier shots of the run have tried.
local function known_of(steer)
  local seen, list = {}, {}
  for _, finding in ipairs(steer or {}) do
    for _, digest in ipairs(type(finding.tried) == "table" and finding.tried or {}) do
      seen[digest], list[#list + 1] = true, digest
    end
  end
  return seen, list
end

--- One shot: the best text, the one it was given when no edit helped.
---@param ctx table
---@return string artifact
function M.run(ctx)
  local first = ctx.check(ctx.artifact)
  if not first or first.pass then return ctx.artifact end
  local seen, tried = known_of(ctx.steer)
  seen[search.digest(ctx.artifact)] = true
  local state = { ctx = ctx, seen = seen, tried = tried, best = ctx.artifact,
    patching = require("han.patching").new(ctx, ctx.public.language) }
  adopt(state, ctx.artifact, first)
  for _ = 1, ctx.profile.trials or M.TRIALS do
    local trial = propose(state)
    ctx.yield()
    if not trial or try(state, trial) then break end
  end
  if state.patching then state.patching:tell() end
  ctx.span { kind = "tried", count = #state.tried, texts = state.tried, stopped = state.stopped }
  return state.best
end

return M
