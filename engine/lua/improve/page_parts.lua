-- han.improve.page_parts: sections that the pages of han improve and han ablate share: what met a gate, the lineage of
-- every line with diffs and reasons, what learning cost, what was left out. Pure; every text from outside is escaped.

local diff = require "han.improve.diff"
local lineage = require "han.improve.lineage"
local marks = require "han.report_marks"
local parts = require "han.report_parts"

local M = {}

M.REFUSED_MAX = 400 -- refused versions that a table lists; the store has them all

local escape, number, interval, html_table, section, say = marks.escape, parts.number, parts.interval,
  parts.html_table, parts.section, parts.say

--- The header: the run, what may be claimed, and under which conditions. model: { run = { id= }, began=, object= }.
function M.top(out, model, title, nav, claims)
  local object = model.object
  parts.begin(out, title, nav)
  say(out, ("Run %s, began %s. Learns %s, %d rounds, seed %d."):format(model.run.id, model.began, object.what,
    object.rounds_run, object.seed), "soft")
  out[#out + 1] = '<div class="claims" role="note" aria-label="What may be claimed">'
  for _, claim in ipairs(claims) do say(out, claim .. ".") end
  out[#out] = out[#out]:gsub("\n$", "") .. "</div>\n"
  say(out, ("Made with sandbox %s and trust %s."):format(object.sandbox or "unknown", object.trust or "unknown"),
    "soft")
  parts.nav(out, nav)
end

-- How many each learner promoted of those that met a gate.
local function promoted_words(object, learners)
  local words = {}
  for i, learner in ipairs(learners) do
    local n = 0
    for _, row in ipairs(object.promotions) do n = n + (row.learner == learner and 1 or 0) end
    words[i] = ("%s %d"):format(learner, n)
  end
  return ("Promoted: %s, of %d that met a gate."):format(table.concat(words, ", "), #object.gates)
end

--- What met a gate, and what came of it. learners: their names.
function M.gates(out, object, learners)
  section(out, "gates", "Promotions and gates")
  local rows = {}
  for i, row in ipairs(object.gates) do
    rows[i] = { tostring(row.round), row.line, row.learner, row.digest:sub(1, 12), row.decision,
      number(row.lift, "%+.3f"), interval(row.ci, "%+.3f"), tostring(row.groups or "-"), number(row.level, "%.4f"),
      row.reason or "" }
  end
  if #rows == 0 then say(out, "No candidate reached a gate.") else
    say(out, promoted_words(object, learners))
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

--- Every line and learner as a tree of versions. model.lines: { { line=, learner=, versions= } ... }.
function M.lineages(out, model)
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

--- What learning cost, learner by learner.
function M.learning(out, object, learners)
  local rows = {}
  for _, learner in ipairs(learners) do
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
  html_table(out, "What learning cost, in no scored cell and by one plan for all learners", { "learner", "phase",
    "cells", "shots", "evals", "tokens" }, rows, { [3] = true, [4] = true, [5] = true, [6] = true })
end

--- How many candidates each learner had, and what became of them.
function M.candidates(out, object, learners)
  local rows = {}
  for i, name in ipairs(learners) do
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
end

--- What the machine took; nothing where it took nothing.
function M.excluded(out, object)
  if #(object.excluded or {}) == 0 then return end
  section(out, "excluded", "Excluded cells")
  local rows = {}
  for i, cell in ipairs(object.excluded) do rows[i] = { cell.cell, cell.phase or "", cell.reason or "" } end
  html_table(out, "Something failed that no candidate can cause; their tasks are left out for all arms alike",
    { "cell", "phase", "why" }, rows)
  out[#out + 1] = "</section>\n"
end

return M
