--- han.worker.outcome: what a verdict on tests that are a program of their own says to a worker: how it is told as a
-- span, and whether a text breaks what passed. A verdict's raw part has passed, total, passing = names, message and
-- failure (class, failing, votes), as the adapter `file` gives them.

local M = {}

--- The raw part of a verdict; empty when there is none.
function M.raw(verdict) return type(verdict.raw) == "table" and verdict.raw or {} end

--- The span of a verdict on the tests.
function M.tell(ctx, verdict)
  local raw = M.raw(verdict)
  local seen = raw.failure or {}
  ctx.span { kind = "tests", passed = raw.passed, total = raw.total, class = seen.class, votes = seen.votes,
    failing = seen.failing, message = raw.message and raw.message:sub(1, 400) }
end

--- The first thing that passed and does not any more, in words, or nil; of two raw parts of verdicts.
function M.broken(base, now)
  local passes = {}
  for _, name in ipairs(now.passing or {}) do passes[name] = true end
  for _, name in ipairs(base.passing or {}) do
    if not passes[name] then return ("it breaks %s, which passed"):format(name) end
  end
  if (now.passed or 0) < (base.passed or 0) then return "fewer tests pass" end
  return nil
end

return M
