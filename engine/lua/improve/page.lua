-- han.improve.page: the page of a run of han improve, one HTML text without a script and without a request: the curve
-- of every arm over rounds, the slopes with their intervals, what the gates said, the lineage of every line with diffs
-- and reasons, spend by arm and what learning cost. Pure; every text from outside is escaped.

local arms = require "han.improve.arms"
local marks = require "han.report_marks"
local parts = require "han.report_parts"
local shared = require "han.improve.page_parts"

local M = {}

local number, interval, html_table, section, say = parts.number, parts.interval, parts.html_table, parts.section,
  parts.say
local CLASS = { deployed = "deployed", frozen = "frozen", blind = "blind", ["frozen#aa"] = "replicate" }
local SLOPES = { { "deployed - frozen", "slope", "deployed" }, { "deployed", "deployed_slope", "deployed" },
  { "blind", "blind_slope", "blind" }, { "frozen", "frozen_slope", "frozen" } }
local CHANNELS = { "shots", "evals", "tokens", "turns", "nano_usd" }

-- ---- the curve ----

local function curves_of(object)
  local curves = {}
  for i, first in ipairs(object.rounds[1].scores) do
    local points = {}
    for _, row in ipairs(object.rounds) do
      local score = row.scores[i]
      if score.mean then points[#points + 1] = { x = row.round, y = score.mean, ci = score.ci } end
    end
    curves[i] = { name = first.arm, class = CLASS[first.arm], points = points }
  end
  return curves
end

local function rounds_table(out, object)
  local head, right, rows = { "round", "lift", "slope so far" }, { [2] = true, [3] = true }, {}
  for _, score in ipairs(object.rounds[1].scores) do
    head[#head + 1] = score.arm
    right[#head] = true
  end
  for _, row in ipairs(object.rounds) do
    local cells = { tostring(row.round), ("%s (%s)"):format(number(row.lift.mean, "%+.3f"),
      interval(row.lift.ci, "%+.3f")), row.slope and number(row.slope.mean, "%+.4f") or "-" }
    for _, score in ipairs(row.scores) do
      cells[#cells + 1] = ("%s (%s)"):format(number(score.mean), interval(score.ci, "%.3f"))
    end
    rows[#rows + 1] = cells
  end
  html_table(out, "Mean score of each arm after each round, with 95 % intervals by group", head, rows, right)
end

local function curve(out, object)
  section(out, "curve", "Score over rounds")
  say(out, "All arms on the same fresh tasks under the same budget, after each round. Blue: the learner that is "
    .. "deployed. Grey: the frozen controller, and dashed its A/A replicate. Red: the blind learner.", "soft")
  out[#out + 1] = '<div class="scroll">' .. marks.curve(curves_of(object), "Score of every arm over rounds") .. "</div>"
  rounds_table(out, object)
  out[#out + 1] = "</section>\n"
end

local function slopes(out, object)
  section(out, "slopes", "Slopes")
  say(out, "Change of the score a round: least squares of the round means, percentile bootstrap over groups within "
    .. "rounds. The frozen one must be flat.", "soft")
  local drawn, rows = {}, {}
  for _, entry in ipairs(SLOPES) do
    local slope = object[entry[2]]
    if slope and slope.mean then
      drawn[#drawn + 1] = { name = entry[1], mean = slope.mean, ci = slope.ci, class = entry[3] }
      rows[#rows + 1] = { entry[1], number(slope.mean, "%+.4f"), interval(slope.ci, "%+.4f") }
    end
  end
  if #drawn > 0 then
    out[#out + 1] = '<div class="scroll">' .. marks.intervals(drawn, "Slopes with 95 % intervals", true) .. "</div>"
  end
  html_table(out, "Slope a round", { "of", "slope", "95 % CI" }, rows, { [2] = true, [3] = true })
  out[#out + 1] = "</section>\n"
end

-- ---- the last round ----

local function contrasts(out, object)
  section(out, "contrasts", "The last round")
  local rows, drawn = {}, {}
  for i, row in ipairs(object.contrasts) do
    local name = row.arm .. " - " .. row.against
    rows[i] = { name, number(row.mean, "%+.3f"), interval(row.ci, "%+.3f"), parts.q(row),
      ("%d / %d / %d"):format(row.wins, row.ties, row.losses) }
    if row.mean then
      drawn[#drawn + 1] = { name = name, mean = row.mean, ci = row.ci, class = CLASS[row.arm] }
    end
  end
  if #drawn > 0 then
    out[#out + 1] = '<div class="scroll">' .. marks.intervals(drawn, "Lifts of the last round", true) .. "</div>"
  end
  html_table(out, "Paired differences on the same tasks; q is corrected over the three (Benjamini-Hochberg)",
    { "contrast", "lift", "95 % CI", "q", "wins / ties / losses" }, rows, { [2] = true, [3] = true, [4] = true,
      [5] = true })
  out[#out + 1] = "</section>\n"
end

local function field(out, object)
  if #(object.field or {}) == 0 and #(object.measures or {}) == 0 then return end
  section(out, "field", "The field's own figures")
  if #(object.field or {}) > 0 then
    local rows = {}
    for i, row in ipairs(object.field) do
      rows[i] = { row.line, row.arm, row.instances or "", number(row.mean, "%.4f"), interval(row.ci, "%.4f"),
        row.published and ("%s %.4f"):format(row.published.name, row.published.value) or "-", row.verdict or "-" }
    end
    html_table(out, "What was learnt, as it is, on held-out instances of the published kind and size",
      { "line", "program of", "instances of a group", "mean", "95 % CI", "published", "" }, rows, { [4] = true,
        [5] = true })
  end
  local rows = {}
  for i, row in ipairs(object.measures or {}) do
    rows[i] = { row.line, row.name, row.arm, number(row.mean, "%.4f"), interval(row.ci, "%.4f") }
  end
  if #rows > 0 then
    html_table(out, "Measures of the scored cells of the last round", { "line", "measure", "arm", "mean", "95 % CI" },
      rows, { [4] = true, [5] = true })
  end
  out[#out + 1] = "</section>\n"
end

-- ---- spend ----

local function apart_word(n) return not n and "-" or n == 0 and "equal" or ("%+d"):format(n) end

local function scored_spend(out, object)
  local rows = {}
  for _, arm in ipairs(object.parity.arms) do
    for _, channel in ipairs(CHANNELS) do
      local spent, ceiling = (arm.spend or {})[channel], (arm.budget or {})[channel]
      if spent or ceiling then
        rows[#rows + 1] = { arm.arm, parts.channel_word(channel), tostring(arm.cells), tostring(spent or 0),
          ceiling and tostring(ceiling) or "-", parts.share(spent, ceiling),
          apart_word((arm.apart or {})[channel]) }
      end
    end
  end
  html_table(out, "Scored cells, all rounds together" .. (object.parity.equal_budget
    and ": every arm had the same cells and the same ceiling" or ": THE CEILINGS DIFFER"), { "arm", "channel", "cells",
    "spent", "ceiling", "share", "apart from frozen" }, rows, { [3] = true, [4] = true, [5] = true, [6] = true,
      [7] = true })
end

local function spend(out, object)
  section(out, "spend", "Spend")
  scored_spend(out, object)
  shared.learning(out, object, arms.LEARNERS)
  shared.candidates(out, object, arms.LEARNERS)
  out[#out + 1] = "</section>\n"
end

-- ---- the page ----

local NAV = { { "curve", "Curve" }, { "slopes", "Slopes" }, { "contrasts", "Last round" }, { "gates", "Gates" },
  { "lineage", "Lineage" }, { "spend", "Spend" }, { "made", "Made by" } }

--- The whole page. model = { run = { id= }, began=, object = of han improve, lines = { { line=, learner=, versions= }
-- ... }, command=, page_command=, version= }.
function M.render(model)
  local out, title = {}, ("han improve %s: does learning help?"):format(model.object.adapter)
  parts.head(out, title, {}, require "han.report_assets.page_css")
  shared.top(out, model, title, NAV, { model.object.claim })
  curve(out, model.object)
  slopes(out, model.object)
  contrasts(out, model.object)
  field(out, model.object)
  shared.gates(out, model.object, arms.LEARNERS)
  shared.lineages(out, model)
  spend(out, model.object)
  shared.excluded(out, model.object)
  parts.made(out, model)
  out[#out + 1] = "</body></html>\n"
  return table.concat(out)
end

return M
