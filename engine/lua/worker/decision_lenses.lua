--- han.worker.decision_lenses: pure functions from the spans of one shot of han.worker.decision to findings, as that
-- worker reads them from a steer. For the adapters whose artifacts are decision programs.
local M = {}

local function settle_of(spans)
  for i = #spans, 1, -1 do if spans[i].kind == "settle" then return spans[i] end end
end

-- The programs that a shot's archive held at its end, best first: what the next shot may start from.
function M.elites(spans)
  local settle, findings = settle_of(spans), {}
  for i, elite in ipairs(settle and settle.elites or {}) do
    findings[i] = { origin = "trace", lens = "elites", text = elite.text, weight = 1 / i }
  end
  return findings
end

-- Which operators gave programs that were kept, weighted by how often one did.
function M.operators(spans)
  local tried, kept, names, findings = {}, {}, {}, {}
  for _, span in ipairs(spans) do
    if span.kind == "edit" then
      if not tried[span.op] then names[#names + 1] = span.op end
      tried[span.op] = (tried[span.op] or 0) + 1
      if span.outcome == "kept" or span.outcome == "best" then kept[span.op] = (kept[span.op] or 0) + 1 end
    end
  end
  table.sort(names)
  for i, name in ipairs(names) do
    findings[i] = { origin = "trace", lens = "operators", where = { fn = name },
      weight = (kept[name] or 0) / tried[name],
      text = ("%d of %d programs made by %s were kept"):format(kept[name] or 0, tried[name], name) }
  end
  return findings
end

return M
