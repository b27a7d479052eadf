-- han.improve.page: the page of a run of han improve, one HTML text without a script and without a request: the curve
-- of every arm over rounds, the slopes with their intervals, what the gates said, the lineage of every line with diffs
-- and reasons, spend by arm and what learning cost. Pure; every text from outside is escaped.

local arms = require "han.improve.arms"
local diff = require "han.improve.diff"
local lineage = require "han.improve.lineage"
local marks = require "han.report_marks"
local parts = require "han.report_parts"

local M = {}

M.REFUSED_MAX = 400 -- refused versions that a table lists; the store has them all

local escape, number, interval, html_table, section, say = marks.escape, parts.number, parts.interval,
  parts.html_table, parts.section, parts.say
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

-- ---- gates and lineage ----

-- How many each learner promoted of those that met a gate.
local function promoted_words(object)
  local words = {}
  for i, learner in ipairs(arms.LEARNERS) do
    local n = 0
    for _, row in ipairs(object.promotions) do n = n + (row.learner == learner and 1 or 0) end
    words[i] = ("%s %d"):format(learner, n)
  end
  return ("Promoted: %s, of %d that met a gate."):format(table.concat(words, ", "), #object.gates)
end

local function gates(out, object)
  section(out, "gates", "Promotions and gates")
  local rows = {}
  for i, row in ipairs(object.gates) do
    rows[i] = { tostring(row.round), row.line, row.learner, row.digest:sub(1, 12), row.decision,
      number(row.lift, "%+.3f"), interval(row.ci, "%+.3f"), tostring(row.groups or "-"), number(row.level, "%.4f"),
      row.reason or "" }
  end
  if #rows == 0 then say(out, "No candidate reached a gate.") else
    say(out, promoted_words(object))
    html_table(out, "Every gate: a candidate against its champion on groups that were spent for it", { "round", "line",
      "learner", "candidate", "decision", "lift", "CI", "groups", "level", "why" }, rows, { [6] = true, [7] = true,
      [8] = true, [9] = true })
  end
  local rate = object.false_promotions
  if rate then
    say(out, ("Equal arms (A/A): the gate's rule promoted %d of %d simulated pairs at level %.4f."):format(
      rate.promoted, rate.simulations, rate.level), "soft")
  end
  out[#out + 1] = "</section>\n"
end

local function diff_html(from, text)
  local lines = {}
  for i, row in ipairs(diff.lines(from or "", text)) do
    local class = row[1] == "+" and "new" or row[1] == "-" and "gone" or "same"
    lines[i] = ('<span class="%s">%s %s</span>'):format(class, row[1], escape(row[2]))
  end
  return '<pre class="diff"><code>' .. table.concat(lines, "\n") .. "</code></pre>"
end

local function tree_html(out, versions, parent)
  out[#out + 1] = '<ul class="tree">'
  for _, version in ipairs(versions) do
    out[#out + 1] = ('<li><span class="status %s">%s</span> <code>%s</code> round %d%s%s%s'):format(version.status,
      version.status, version.digest:sub(1, 12), version.round,
      version.operator and escape(", " .. version.author .. ": " .. version.operator) or "",
      version.novel and ", new shape" or "", version.champion and ", <strong>champion</strong>" or "")
    if version.reason then out[#out + 1] = '<p class="soft">' .. escape(version.reason) .. "</p>" end
    out[#out + 1] = ("<details><summary>%s</summary>"):format(parent and "what differs from the version above"
      or "its text") .. diff_html(parent and parent.text, version.text) .. "</details>"
    if #version.children > 0 then tree_html(out, version.children, version) end
    out[#out + 1] = "</li>\n"
  end
  out[#out + 1] = "</ul>\n"
end

local function refused_html(out, versions)
  local rows = {}
  for _, version in ipairs(versions) do
    if version.status == "refused" or version.status == "candidate" then
      rows[#rows + 1] = { version.digest:sub(1, 12), tostring(version.round),
        version.operator and version.author .. ": " .. version.operator or version.author, version.novel and "yes"
        or "no", version.reason or "" }
    end
  end
  if #rows == 0 then return end
  local all = #rows
  for i = #rows, M.REFUSED_MAX + 1, -1 do rows[i] = nil end
  out[#out + 1] = ("<details><summary>%d that met no gate, with the reason</summary>"):format(all)
  html_table(out, all > #rows and ("The first %d of %d"):format(#rows, all) or ("%d versions"):format(all),
    { "version", "round", "made by", "new shape", "refused because" }, rows)
  out[#out + 1] = "</details>\n"
end

local function lineages(out, model)
  section(out, "lineage", "Lineage")
  say(out, "Every version below the one it was made from. What met a gate is shown with its ancestors; the rest stands "
    .. "in a table with the reason.", "soft")
  for _, row in ipairs(model.lines) do
    local count = lineage.count(row.versions)
    out[#out + 1] = ("<h3>%s, %s</h3>\n"):format(escape(row.line), escape(row.learner))
    say(out, ("%d versions: %d promoted, %d gated and not promoted, %d refused"):format(#row.versions,
      count.promoted or 0, count.gated or 0, count.refused or 0), "soft")
    tree_html(out, lineage.tree(lineage.met_a_gate(row.versions)))
    refused_html(out, row.versions)
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
        local share = ceiling and ceiling > 0 and (spent or 0) / ceiling
        rows[#rows + 1] = { arm.arm, parts.channel_word(channel), tostring(arm.cells), tostring(spent or 0),
          ceiling and tostring(ceiling) or "-", share and parts.meter(share) or "-",
          apart_word((arm.apart or {})[channel]) }
      end
    end
  end
  html_table(out, "Scored cells, all rounds together" .. (object.parity.equal_budget
    and ": every arm had the same cells and the same ceiling" or ": THE CEILINGS DIFFER"), { "arm", "channel", "cells",
    "spent", "ceiling", "share", "apart from frozen" }, rows, { [3] = true, [4] = true, [5] = true, [6] = true,
      [7] = true })
end

local function learning_spend(out, object)
  local rows = {}
  for _, learner in ipairs { "deployed", "blind" } do
    local book = object.learning[learner] or {}
    for _, phase in ipairs { "learn", "dry", "dev", "gate" } do
      local spend = book[phase]
      if spend then
        local cells = { learner, phase == "dry" and "dry runs" or phase,
          tostring(spend.cells or spend.candidates or 0) }
        for i, channel in ipairs { "shots", "evals", "tokens" } do cells[3 + i] = tostring(spend[channel] or 0) end
        rows[#rows + 1] = cells
      end
    end
    local author = learner == "deployed" and object.author
    if author then
      rows[#rows + 1] = { learner, ("questions to %s"):format(author.model), tostring(author.spend.questions), "0", "0",
        tostring(author.spend.tokens) }
    end
  end
  html_table(out, "What learning cost, in no scored cell and by one plan for both learners", { "learner", "phase",
    "cells", "shots", "evals", "tokens" }, rows, { [3] = true, [4] = true, [5] = true, [6] = true })
end

local function spend(out, object)
  section(out, "spend", "Spend")
  scored_spend(out, object)
  learning_spend(out, object)
  local rows = {}
  for i, name in ipairs { "deployed", "blind" } do
    local count = object.candidates[name] or {}
    rows[i] = { name }
    for k, key in ipairs { "candidates", "novel", "refused", "measured", "gated", "novel_gated" } do
      rows[i][k + 1] = tostring(count[key] or 0)
    end
    rows[i][8] = lineage.refusals(count.refusals) or "-"
  end
  html_table(out, "Candidates; another shape means another syntax tree than the champion's once constants are erased",
    { "learner", "candidates", "another shape", "refused before dev", "measured on dev", "gated",
      "gated of another shape", "went no further at" }, rows,
    { [2] = true, [3] = true, [4] = true, [5] = true, [6] = true, [7] = true })
  out[#out + 1] = "</section>\n"
end

local function excluded(out, object)
  if #(object.excluded or {}) == 0 then return end
  section(out, "excluded", "Excluded cells")
  local rows = {}
  for i, cell in ipairs(object.excluded) do rows[i] = { cell.cell, cell.phase or "", cell.reason or "" } end
  html_table(out, "Something failed that no candidate can cause; their tasks are left out for all arms alike",
    { "cell", "phase", "why" }, rows)
  out[#out + 1] = "</section>\n"
end

-- ---- the page ----

local NAV = { { "curve", "Curve" }, { "slopes", "Slopes" }, { "contrasts", "Last round" }, { "gates", "Gates" },
  { "lineage", "Lineage" }, { "spend", "Spend" }, { "made", "Made by" } }

local function top(out, model, title)
  local object = model.object
  parts.begin(out, title, NAV)
  say(out, ("Run %s, began %s. Learns %s, %d rounds, seed %d."):format(model.run.id, model.began, object.what,
    object.rounds_run, object.seed), "soft")
  out[#out + 1] = '<div class="claims" role="note" aria-label="What may be claimed"><p>' .. escape(object.claim)
    .. ".</p></div>\n"
  say(out, ("Made with sandbox %s and trust %s."):format(object.sandbox or "unknown", object.trust or "unknown"),
    "soft")
  parts.nav(out, NAV)
end

--- The whole page. model = { run = { id= }, began=, object = of han improve, lines = { { line=, learner=, versions= }
-- ... }, command=, page_command=, version= }.
function M.render(model)
  local out, title = {}, ("han improve %s: does learning help?"):format(model.object.adapter)
  parts.head(out, title, {}, require "han.report_assets.page_css")
  top(out, model, title)
  curve(out, model.object)
  slopes(out, model.object)
  contrasts(out, model.object)
  field(out, model.object)
  gates(out, model.object)
  lineages(out, model)
  spend(out, model.object)
  excluded(out, model.object)
  parts.made(out, model)
  out[#out + 1] = "</body></html>\n"
  return table.concat(out)
end

return M
