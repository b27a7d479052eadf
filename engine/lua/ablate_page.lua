-- han.ablate_page: the page of a run of han ablate, one HTML text without a script and without a request: the cells of
-- the grid within x cross x meta, every contrast with its interval and its q, the authors and their gates, lineage,
-- spend. Pure; every text from outside is escaped.

local marks = require "han.report_marks"
local parts = require "han.report_parts"
local shared = require "han.improve.page_parts"

local M = {}

local number, interval, html_table, section, say = parts.number, parts.interval, parts.html_table, parts.section,
  parts.say
local LEARNERS = { "cross", "meta" }
local CHANNELS = { "shots", "evals", "tokens", "turns", "nano_usd" }
local NAV = { { "grid", "Grid" }, { "contrasts", "Contrasts" }, { "authors", "Authors" }, { "gates", "Gates" },
  { "lineage", "Lineage" }, { "spend", "Spend" }, { "made", "Made by" } }

local function on(value) return value and "on" or "off" end

local function draw(out, rows, title, from_zero)
  if #rows == 0 then return end
  out[#out + 1] = '<div class="scroll">' .. marks.intervals(rows, title, from_zero) .. "</div>"
end

local function grid(out, object)
  section(out, "grid", "The grid")
  say(out, "All cells on the same fresh tasks under the same budget. Within: steered in flight, or blind attempts. "
    .. "Cross: what was learnt across rounds, or what it began with. Meta: by an author that learns its own ways. "
    .. "Hollow: replicates, for where cross is off meta has nothing to act on.", "soft")
  local rows, drawn = {}, {}
  for i, row in ipairs(object.arms) do
    rows[i] = { row.arm, on(row.within), on(row.cross), on(row.meta), number(row.mean), interval(row.ci, "%.3f"),
      tostring(row.n), row.replicate_of and "A/A of " .. row.replicate_of or "" }
    if row.mean then
      drawn[#drawn + 1] = { name = row.arm, mean = row.mean, ci = row.ci,
        class = ("a%d"):format(i - 1) .. (row.replicate_of and " replicate" or "") }
    end
  end
  draw(out, drawn, "Scores of the grid with 95 % intervals", false)
  html_table(out, "Scores of the grid", { "cell", "within", "cross", "meta", "score", "95 % CI", "tasks", "" }, rows,
    { [5] = true, [6] = true, [7] = true })
  out[#out + 1] = "</section>\n"
end

local function contrasts(out, object)
  section(out, "contrasts", "What each level is worth")
  local rows, drawn = {}, {}
  for i, row in ipairs(object.contrasts) do
    rows[i] = { row.name, number(row.lift, "%+.3f"), interval(row.ci, "%+.3f"), parts.q(row),
      ("%d / %d / %d"):format(row.wins, row.ties, row.losses),
      row.claim or "a diagnostic: how far equal cells differ by chance" }
    if row.lift then
      drawn[#drawn + 1] = { name = row.name, mean = row.lift, ci = row.ci, class = row.diagnostic and "a0 replicate"
        or "a0" }
    end
  end
  draw(out, drawn, "Effects with 95 % intervals", true)
  html_table(out, "Paired differences on the same tasks; q is corrected over the grid (Benjamini-Hochberg)", { "level",
    "lift", "95 % CI", "q", "wins / ties / losses", "what may be claimed" }, rows, { [2] = true, [3] = true, [4] = true,
      [5] = true })
  out[#out + 1] = "</section>\n"
end

local function authors(out, object)
  section(out, "authors", "The author that learned, gated")
  local rows = {}
  for i, row in ipairs(object.authors) do
    rows[i] = { row.line, row.digest:sub(1, 12), row.decision, number(row.lift, "%+.3f"), interval(row.ci, "%+.3f"),
      tostring(row.groups or "-"), row.reason or "" }
  end
  html_table(out, "What it came to against what the other author came to, on groups that neither has seen", { "line",
    "lesson", "decision", "lift", "CI", "groups", "why" }, rows, { [4] = true, [5] = true, [6] = true })
  out[#out + 1] = "</section>\n"
end

local function spend(out, object)
  section(out, "spend", "Spend")
  local rows = {}
  for _, arm in ipairs(object.arms) do
    for _, channel in ipairs(CHANNELS) do
      local spent, ceiling = (arm.spend or {})[channel], (arm.budget or {})[channel]
      if spent or ceiling then
        rows[#rows + 1] = { arm.arm, parts.channel_word(channel), tostring(arm.cells), tostring(spent or 0),
          ceiling and tostring(ceiling) or "-", parts.share(spent, ceiling) }
      end
    end
  end
  html_table(out, "Cells of the grid", { "cell", "channel", "cells", "spent", "ceiling", "share" }, rows,
    { [3] = true, [4] = true, [5] = true, [6] = true })
  shared.learning(out, object, LEARNERS)
  shared.candidates(out, object, LEARNERS)
  out[#out + 1] = "</section>\n"
end

--- The whole page. model: as for han.improve.page, object of han ablate.
function M.render(model)
  local out, object, title = {}, model.object, ("han ablate %s: which level of learning helps?"):format(
    model.object.adapter)
  parts.head(out, title, {}, require "han.report_assets.page_css")
  shared.top(out, model, title, NAV, object.claims)
  grid(out, object)
  contrasts(out, object)
  authors(out, object)
  shared.gates(out, object, LEARNERS)
  shared.lineages(out, model)
  spend(out, object)
  shared.excluded(out, object)
  parts.made(out, model)
  out[#out + 1] = "</body></html>\n"
  return table.concat(out)
end

return M
