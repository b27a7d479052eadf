-- Lenses of the repair family: pure functions from the spans of one shot to findings. They read what the
-- worker's evaluations showed on public tests, and nothing else.
local M = {}

local function spans_of(spans, kind)
  local list = {}
  for _, span in ipairs(spans) do if span.kind == kind then list[#list + 1] = span end end
  return list
end

-- The coverage of the text that the shot settled with: the last one taken.
local function last_coverage(spans)
  local list = spans_of(spans, "coverage")
  return list[#list]
end

local function by_weight(findings)
  table.sort(findings, function(a, b)
    if a.weight ~= b.weight then return a.weight > b.weight end
    if a.where.fn ~= b.where.fn then return a.where.fn < b.where.fn end
    return (a.where.line or 0) < (b.where.line or 0)
  end)
  return findings
end

-- Which functions own failing tests, weighted by their share of the failures.
function M.failing(spans)
  local coverage = last_coverage(spans)
  if not coverage then return {} end
  local counts, total = {}, 0
  for _, failure in ipairs(coverage.failing) do
    counts[failure.fn] = (counts[failure.fn] or 0) + 1
    total = total + 1
  end
  local findings = {}
  for fn, count in pairs(counts) do
    findings[#findings + 1] = { origin = "trace", lens = "failing", weight = count / total, where = { fn = fn },
      text = ("%s fails %d of its public tests"):format(fn, count) }
  end
  return by_weight(findings)
end

-- Ochiai (Abreu, Zoeteweij, van Gemund, 2007): failed(l) / sqrt(failed * (failed(l) + passed(l))).
function M.ochiai(failed_here, passed_here, failed)
  if failed_here == 0 then return 0 end
  return failed_here / math.sqrt(failed * (failed_here + passed_here))
end

M.LINES = 12

-- The most suspicious lines of the last coverage.
function M.localize(spans)
  local coverage = last_coverage(spans)
  if not coverage then return {} end
  local findings = {}
  for _, row in ipairs(coverage.lines) do
    local weight = M.ochiai(row.failed, row.passed, #coverage.failing)
    if weight > 0 then
      findings[#findings + 1] = { origin = "trace", lens = "localize", weight = weight,
        where = { fn = row.fn, line = row.line },
        text = ("line %d of %s runs in %d failing and %d passing tests"):format(row.line, row.fn, row.failed,
          row.passed) }
    end
  end
  by_weight(findings)
  for i = #findings, M.LINES + 1, -1 do findings[i] = nil end
  return findings
end

-- Where edits moved something: they made a failing test pass, though not all of them.
function M.progress(spans)
  local best = {}
  for _, span in ipairs(spans_of(spans, "edit")) do
    if span.outcome == "partial" or span.outcome == "accepted" then
      local key = span.fn .. ":" .. span.line
      local row = best[key] or { fn = span.fn, line = span.line, count = 0 }
      row.count = row.count + 1
      best[key] = row
    end
  end
  local findings = {}
  for _, row in pairs(best) do
    findings[#findings + 1] = { origin = "trace", lens = "progress", weight = row.count / (row.count + 1),
      where = { fn = row.fn, line = row.line },
      text = ("%d edits at line %d of %s turned a failing test"):format(row.count, row.line, row.fn) }
  end
  return by_weight(findings)
end

-- Why texts were refused, of a shot that patches (han.patching); it points at no line, for a refusal is no suspicion.
function M.refused(spans)
  local findings = {}
  for i, span in ipairs(spans_of(spans, "refused")) do
    findings[i] = { origin = "trace", lens = "refused", weight = 1.0,
      text = ("%d edits were refused as %s: %s"):format(span.count, span.code, span.text) }
  end
  return findings
end

return M
