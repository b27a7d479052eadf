-- han.rungs: what a bench with arms that patch says of failures and rungs.

local packed = {} -- what a record's trace is as bytes
package.loaded["han.value"] = { decode = function(bytes) return packed[bytes] end }
package.loaded["han.rungs"] = nil
local rungs = require "han.rungs"

local function coverage(passed, ...)
  local failing = {}
  for i, row in ipairs { ... } do failing[i] = { test = row[1], class = row[2] } end
  return { kind = "coverage", passed = passed, total = 10, failing = failing }
end

local function shot(correct, ...) return { spans = { ... }, verdict = { correct = correct, pass = correct == 1 } } end

local function record(arm, failing, attempts, more)
  local out = { arm = arm, verdict = { pass = #failing == 0, raw = { failing = failing } }, attempts = attempts,
    score = { correct = #failing == 0 and 1 or 0.5 }, spend = { evals = 30 } }
  for name, item in pairs(more or {}) do out[name] = item end
  return out
end

local function patch(rung) return { kind = "patch", rung = rung } end
local REFUSED = { kind = "refused", code = "GUARD", count = 3 }

describe("han.rungs", function()
  it("counts by class and by rung, with what was broken", function()
    local start = coverage(8, { 3, "LOGIC" }, { 4, "LOGIC" })
    local found = rungs.of {
      record("patch", {}, { shot(0.8, patch "patch", start, REFUSED), shot(0.9, patch "tight", REFUSED, REFUSED),
        shot(1, patch "patch") }),
      record("patch", { 1 }, { shot(0.9, patch "patch", coverage(9, { 1, "RUNTIME" })) }),
      record("sample", { 3, 7, 9 }, { shot(0.7, start) }),
      record("sample", { 3 }, {}, { infra = true }),
    }
    local function class(arm, name, tasks, solved, score, regressions)
      return { arm = arm, class = name, tasks = tasks, solved = solved, score = score, regressions = regressions,
        evals = 30 }
    end
    assert.same({ class("patch", "RUNTIME", 1, 0, 0.5, 0), class("patch", "LOGIC", 1, 1, 1, 0),
      class("patch", "all", 2, 1, 0.75, 0), class("sample", "LOGIC", 1, 0, 0.5, 2),
      class("sample", "all", 1, 0, 0.5, 2) }, found.classes)
    assert.same({ { arm = "patch", rung = "patch", shots = 3, gained = 1, solved = 1, refused = { GUARD = 3 } },
      { arm = "patch", rung = "tight", shots = 1, gained = 1, solved = 0, refused = { GUARD = 6 } } }, found.rungs)
  end)

  it("reads packed traces and tests by name, and says nothing where no arm patches", function()
    local spans = { patch "regenerate", { kind = "tests", passed = 1, total = 2, class = "FORMAT", failing = { "b" } } }
    packed.bytes = spans
    local found = rungs.of { record("patch", { "a" }, { { spans = "bytes", verdict = { correct = 0.5 } } }) }
    assert.same({ "FORMAT", 1, 0 }, { found.classes[1].class, found.classes[1].regressions, found.rungs[1].gained })
    assert.is_nil(rungs.of { record("sample", {}, { shot(1, coverage(9, { 1, "LOGIC" })) }), record("patch", {}, {}) })
  end)
end)
