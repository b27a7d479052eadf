--- han.worker.outcome: what a verdict on tests that are a program of their own says to a worker: how it is told as a
-- span, what such spans say as findings, and whether a text breaks what passed. A verdict's raw part has passed, total,
-- passing = names, message and failure (class, failing, votes), as the adapters `file` and `quixbugs` give them.

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

-- ---- lenses ----

local function spans_of(spans, kind)
  local list = {}
  for _, span in ipairs(spans) do
    if span.kind == kind then list[#list + 1] = span end
  end
  return list
end

local lenses = {}
M.lenses = lenses -- by name, as an adapter of such tests needs them

--- What the kept text still fails with.
function lenses.failing(spans)
  local list = spans_of(spans, "tests")
  local seen = list[#list]
  if not seen or not seen.message then return {} end
  return { { text = ("%d of %d pass; %s"):format(seen.passed, seen.total, seen.message), weight = 1.0 } }
end

--- What was tried and did not help: no later shot tries it again.
function lenses.tried(spans)
  local findings = {}
  for i, span in ipairs(spans_of(spans, "tried")) do
    findings[i] = { text = ("%d edits were tried and did not help"):format(span.count), tried = span.texts,
      weight = 0.1 }
  end
  return findings
end

--- Why texts were refused.
function lenses.refused(spans)
  local findings = {}
  for i, span in ipairs(spans_of(spans, "refused")) do
    findings[i] = { weight = 1.0, text = ("%d edits were refused as %s: %s"):format(span.count, span.code, span.text) }
  end
  return findings
end

return M
