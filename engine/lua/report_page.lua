--- han.report_page: the page of `han report`, one HTML text that asks the network for nothing. Pure.
-- Every text from outside goes through `escape` (or, for the drawn charts, into a JSON block that cannot end early);
-- the content policy names the digests of the scripts and the style, so nothing else can run.

local data = require "han.report_data"
local health = require "han.health"
local json = require "han.json"
local marks = require "han.report_marks"
local noise = require "han.noise"
local parts = require "han.report_parts"
local report = require "han.report"

local M = {}

M.TASKS_MAX = 1000 -- rows of the table of one contrast; the drawing has all tasks

local escape = marks.escape
local html_table, section, number, interval, channel_word = parts.html_table, parts.section, parts.number,
  parts.interval, parts.channel_word

-- An arm has one colour on the whole page: that of its place in the bench (eight, then again).
local function class_of(object, name)
  for i, arm in ipairs(object.arms) do
    if arm.name == name then return ("a%d"):format((i - 1) % 8) .. (name == report.REPLICATE and " replicate" or "") end
  end
  return "a0"
end

-- ---- sections ----

local function claims(out, object)
  out[#out + 1] = '<div class="claims" role="note" aria-label="What may be claimed">'
  local any = false
  for _, row in ipairs(object.contrasts) do
    if row.claim then
      out[#out + 1] = "<p>" .. escape(row.claim) .. ".</p>"
      any = true
    end
  end
  if not any then out[#out + 1] = "<p>Nothing is compared here: no claim.</p>" end
  out[#out + 1] = "</div>\n"
end

local function trust(out, object)
  local weak = object.sandbox == "none" or object.trust == "weak" or object.sandbox == nil
  out[#out + 1] = ('<p class="%s">Made with sandbox %s and trust %s%s</p>\n'):format(weak and "trust" or "soft",
    escape(object.sandbox or "unknown"), escape(object.trust or "unknown"),
    weak and ": shown, but no evidence for a gate." or ".")
  local rule = object.experiment
  if rule then
    out[#out + 1] = ('<p class="%s">Under the rule registered as <code>%s</code> (%s) before the first run; errors '
      .. 'controlled by %s.%s</p>\n'):format(rule.mismatch and "trust" or "soft", escape(rule.id),
      escape(tostring(rule.digest):sub(1, 12)), escape(tostring(rule.control)),
      rule.mismatch and " What ran is not what was registered: " .. escape(rule.mismatch) .. "." or "")
  end
  local flag, praise = noise.flag(object.judge), noise.praise(object.judge)
  if flag then out[#out + 1] = '<p class="trust">Warning: ' .. escape(flag) .. ".</p>\n" end
  local fatal = health.fatal(object.broken)
  for _, line in ipairs(fatal and { fatal } or health.lines(object.broken)) do
    out[#out + 1] = '<p class="trust">Warning: ' .. escape(line) .. ".</p>\n"
  end
  if praise then
    out[#out + 1] = '<p class="soft">Noise floor: ' .. escape(praise) .. "; for the rest see A/A.</p>\n"
  end
end

-- The field's own figures and what others have published, where the adapter's reference names them.
local function field_measures(out, object)
  if not object.reference then return end
  local head, rows, right = { "arm" }, {}, {}
  for _, arm in ipairs(object.arms) do
    local row = { arm.name }
    for i, measure in ipairs(arm.measures or {}) do
      head[i + 1], right[i + 1] = measure.name, true
      row[i + 1] = ("%s (%s)"):format(number(measure.mean, "%.4f"), interval(measure.ci, "%.4f"))
    end
    rows[#rows + 1] = row
  end
  html_table(out, "The field's own measures, each with its 95 % interval", head, rows, right)
  for _, line in ipairs(object.reference.lines or {}) do
    out[#out + 1] = '<p class="soft">' .. escape(line) .. "</p>\n"
  end
end

local function scores(out, object)
  section(out, "scores", "Scores")
  local rows, drawn, right = {}, {}, { [2] = true, [3] = true, [4] = true, [5] = true, [6] = true }
  for _, arm in ipairs(object.arms) do
    rows[#rows + 1] = { arm.name, number(arm.score.mean), interval(arm.score.ci, "%.3f"),
      ("%d of %d"):format(arm.solved, arm.n), tostring(arm.groups), tostring(arm.over) }
    if arm.score.mean then
      drawn[#drawn + 1] = { name = arm.name, mean = arm.score.mean, ci = arm.score.ci,
        class = class_of(object, arm.name) }
    end
  end
  out[#out + 1] = "<p class=\"soft\">Mean score of each arm with its 95 % interval, resampled by group. An arm keeps "
    .. "its colour on this page; the hollow dot is the A/A replicate of the control.</p>"
  out[#out + 1] = '<div class="scroll">' .. marks.intervals(drawn, "Scores with 95 % intervals", false) .. "</div>"
  html_table(out, "Scores", { "arm", "score", "95 % CI", "solved", "groups", "over" }, rows, right)
  field_measures(out, object)
  out[#out + 1] = "</section>\n"
end

local function contrasts(out, object)
  section(out, "contrasts", "Contrasts")
  local rows, drawn = {}, {}
  for _, row in ipairs(object.contrasts) do
    rows[#rows + 1] = { row.arm .. " − " .. row.against, number(row.lift, "%+.3f"), interval(row.ci, "%+.3f"),
      parts.q(row),
      ("%d / %d / %d"):format(row.wins, row.ties, row.losses),
      row.claim or "a diagnostic: how far two equal arms differ by chance" }
    if row.lift then
      drawn[#drawn + 1] = { name = row.arm, mean = row.lift, ci = row.ci, class = class_of(object, row.arm) }
    end
  end
  out[#out + 1] = '<p class="soft">Paired difference to the control on the same tasks. q is corrected '
    .. "(Benjamini-Hochberg) over the contrasts that carry one.</p>"
  if #drawn > 0 then
    local drawing = marks.intervals(drawn, "Paired lift with 95 % intervals", true)
    out[#out + 1] = '<div class="scroll">' .. drawing .. "</div>"
  end
  html_table(out, "Contrasts",
    { "contrast", "lift", "95 % CI", "q", "wins / ties / losses", "what may be claimed" }, rows,
    { [2] = true, [3] = true, [4] = true, [5] = true })
  out[#out + 1] = "</section>\n"
end

local function tasks_table(out, row, list)
  local rows = {}
  for i = 1, math.min(#list, M.TASKS_MAX) do
    local d = list[i]
    rows[i] = { d.task, d.group, number(d.a), number(d.b), number(d.d, "%+.3f") }
  end
  out[#out + 1] = "<details><summary>Tasks of this contrast</summary>"
  html_table(out, #list > M.TASKS_MAX and ("The first %d of %d tasks"):format(M.TASKS_MAX, #list)
    or ("%d tasks"):format(#list), { "task", "group", row.arm, row.against, "difference" }, rows,
    { [3] = true, [4] = true, [5] = true })
  out[#out + 1] = "</details>\n"
end

local function by_task(out, object, tasks)
  section(out, "tasks", "Wins and losses by task")
  out[#out + 1] = '<p class="soft">One bar a task, largest win first. <span class="key win"></span>win'
    .. '<span class="key tie"></span>tie<span class="key loss"></span>loss</p>'
  for _, row in ipairs(object.contrasts) do
    local list = data.differences(tasks, row.arm, row.against)
    local title = ("%s against %s: %d wins, %d ties, %d losses"):format(row.arm, row.against, row.wins, row.ties,
      row.losses)
    out[#out + 1] = "<h3>" .. escape(title) .. "</h3>\n"
    out[#out + 1] = '<div class="scroll">' .. marks.bars(list, title) .. "</div>"
    tasks_table(out, row, list)
  end
  out[#out + 1] = "</section>\n"
end

local function spend(out, object, tasks, channels)
  section(out, "spend", "Spend against the ceiling")
  local rows = {}
  for _, channel in ipairs(channels) do
    for _, arm in ipairs(object.arms) do
      local sum = data.spend(tasks, arm.name, channel)
      rows[#rows + 1] = { arm.name, channel_word(channel), tostring(sum.spent)
        .. (sum.unknown > 0 and (" (unknown in %d)"):format(sum.unknown) or ""),
        sum.ceiling and tostring(sum.ceiling) or "-", parts.share(sum.spent, sum.ceiling, "no ceiling"),
        tostring(sum.most) }
    end
  end
  html_table(out, "All cells of an arm together; the ceiling is what was reserved for them",
    { "arm", "channel", "spent", "ceiling", "share", "most in one cell" }, rows, { [3] = true, [4] = true, [5] = true,
      [6] = true })
  out[#out + 1] = "</section>\n"
end

local function chooser(out, id, label, options, selected)
  out[#out + 1] = ('<label for="%s">%s <select id="%s">'):format(id, label, id)
  for _, option in ipairs(options) do
    out[#out + 1] = ('<option value="%s"%s>%s</option>'):format(escape(option.value),
      option.value == selected and " selected" or "", escape(option.label))
  end
  out[#out + 1] = "</select></label>\n"
end

local function chart(out, id, label)
  out[#out + 1] = ('<div class="chart" id="%s" tabindex="0" role="group" aria-label="%s; arrow keys step through it">'
    .. '</div><p class="soft" id="%s-said" aria-live="polite"></p>\n<noscript><p>This drawing needs the script of the '
    .. "page; the tables have its numbers.</p></noscript>\n"):format(id, label, id)
end

local function burn_section(out, burns, channels)
  section(out, "budget", "Budget burn-down")
  local options = {}
  for _, channel in ipairs(channels) do
    if burns[channel] then options[#options + 1] = { value = channel, label = channel_word(channel) } end
  end
  if #options == 0 then
    out[#out + 1] = "<p>No ceiling was declared, or no shot was made.</p></section>\n"
    return
  end
  out[#out + 1] = '<p class="soft">Solid: spent after so many shots. Dashed: still reserved by cells that go on, and '
    .. 'not yet spent. What is in neither was given back.</p><div class="choose">'
  chooser(out, "burn-channel", "Channel", options, burns.evals and "evals" or options[1].value)
  out[#out + 1] = "</div>"
  chart(out, "burn", "Budget burn-down")
  out[#out + 1] = "</section>\n"
end

-- ---- measures of the scatter ----

-- What an arm can be drawn by: each objective of its score, each channel (less is better).
local function measures_of(object, channels)
  local list = { { key = "correct", label = "score", least = false } }
  for _, row in ipairs(object.arms) do
    for _, objective in ipairs { "fast", "secure", "cheap" } do
      local value = row.vector and row.vector[objective]
      if value then list[objective] = true end
    end
  end
  for _, objective in ipairs { "fast", "secure", "cheap" } do
    if list[objective] then list[#list + 1] = { key = objective, label = objective, least = false } end
    list[objective] = nil
  end
  for _, channel in ipairs(channels) do
    list[#list + 1] = { key = "spend_" .. channel, label = channel_word(channel) .. " a cell", least = true }
  end
  return list
end

local function values_of(arm, tasks, channels)
  local values = { correct = arm.score.mean and { mean = arm.score.mean, ci = arm.score.ci } or nil }
  for objective, value in pairs(arm.vector or {}) do
    if objective ~= "correct" then values[objective] = { mean = value.mean, ci = value.ci } end
  end
  for _, channel in ipairs(channels) do
    local sum = data.spend(tasks, arm.name, channel)
    if sum.cells > 0 and sum.unknown == 0 then values["spend_" .. channel] = { mean = sum.spent / sum.cells } end
  end
  return values
end

local function vectors(out, object)
  local rows, names = {}, { "correct", "fast", "secure", "cheap" }
  for _, arm in ipairs(object.arms) do
    if arm.vector then
      local row = { arm.name }
      for i, name in ipairs(names) do
        local value = arm.vector[name]
        row[i + 1] = value and ("%s (%s)"):format(number(value.mean), interval(value.ci, "%.3f")) or "-"
      end
      row[6] = arm.pareto and (arm.pareto.rank == 1 and "front" or ("rank %d"):format(arm.pareto.rank)) or "-"
      rows[#rows + 1] = row
    end
  end
  if #rows == 0 then return end
  html_table(out, "Objectives of the score, each mean with its 95 % interval; nothing is collapsed",
    { "arm", "correct", "fast", "secure", "cheap", "Pareto" }, rows, { [2] = true, [3] = true, [4] = true, [5] = true })
end

-- One number by the weights that the user named, where any were named.
local function weighted(out, object)
  if not object.weighted then return end
  local rows, words = {}, {}
  for _, objective in ipairs { "correct", "fast", "secure", "cheap" } do
    local weight = object.weighted.weights[objective]
    if weight then words[#words + 1] = ("%s=%g"):format(objective, weight) end
  end
  for i, row in ipairs(object.weighted.arms) do
    rows[i] = { row.name, number(row.mean), interval(row.ci, "%.3f"), tostring(row.n) }
  end
  html_table(out, "One number by the weights " .. table.concat(words, ", ") .. ", of the cells that have them all",
    { "arm", "weighted", "95 % CI", "cells" }, rows, { [2] = true, [3] = true, [4] = true })
end

local function objective_contrasts(out, object)
  local rows = {}
  for _, row in ipairs(object.objectives or {}) do
    rows[#rows + 1] = { row.objective, row.arm .. " − " .. row.against, number(row.lift, "%+.3f"),
      interval(row.ci, "%+.3f"), parts.q(row), tostring(row.n) }
  end
  if #rows == 0 then return end
  html_table(out, "Contrasts of the other objectives, corrected together (Benjamini-Hochberg)",
    { "objective", "contrast", "lift", "95 % CI", "q", "tasks with both" }, rows,
    { [3] = true, [4] = true, [5] = true, [6] = true })
end

-- The spend that tells the arms apart best, as the place of its measure; nil when nothing is spent.
local function telling(object, tasks, channels, measures)
  local best, most
  for i, measure in ipairs(measures) do
    local low, high = math.huge, 0.0
    for _, arm in ipairs(object.arms) do
      local value = measure.least and values_of(arm, tasks, channels)[measure.key]
      if value then low, high = math.min(low, value.mean), math.max(high, value.mean) end
    end
    local spread = high > 0 and (high - low) / high or measure.least and 0.0 or nil
    if spread and (not most or spread > most) then best, most = tostring(i - 1), spread end
  end
  return best
end

local function pareto(out, object, measures, spend_at)
  section(out, "pareto", "Pareto: what is bought for what")
  out[#out + 1] = '<p class="soft">Means of the cells; an arm on the dashed front is beaten by none in both measures '
    .. 'at once. The whisker is the 95 % interval; where whiskers overlap the order may be chance. The hollow A/A '
    .. 'replicate is left out of the front.</p><div class="choose">'
  local options = {}
  for i, measure in ipairs(measures) do
    options[i] = { value = tostring(i - 1), label = measure.label .. (measure.least and " (less is better)" or "") }
  end
  chooser(out, "scatter-x", "Across", options, spend_at or "0")
  chooser(out, "scatter-y", "Up", options, "0")
  out[#out + 1] = "</div>"
  chart(out, "scatter", "Pareto scatter of the arms")
  vectors(out, object)
  objective_contrasts(out, object)
  weighted(out, object)
  out[#out + 1] = "</section>\n"
end

local function excluded(out, object, counts)
  section(out, "excluded", "Excluded cells")
  if #object.excluded == 0 then
    out[#out + 1] = "<p>No cell was excluded.</p>"
  else
    local rows = {}
    for i, cell in ipairs(object.excluded) do rows[i] = { cell.cell, cell.reason } end
    out[#out + 1] = "<p>Something failed that no candidate can cause. Their tasks are left out for all arms alike.</p>"
    html_table(out, ("%d cells"):format(#rows), { "cell", "why" }, rows)
  end
  if counts.unfinished > 0 then
    out[#out + 1] = ("<p>%d tasks were not finished by every arm and are left out.</p>"):format(counts.unfinished)
  end
  out[#out + 1] = "</section>\n"
end

-- ---- the page ----

-- JSON that is no markup: it cannot end the block that holds it.
local function data_block(value)
  local text = assert(json.encode(value, { lossy = true }))
  local codes = { ["<"] = "\\u003c", [">"] = "\\u003e", ["&"] = "\\u0026" }
  return (text:gsub("[<>&]", codes):gsub("\226\128[\168\169]", { ["\226\128\168"] = "\\u2028",
    ["\226\128\169"] = "\\u2029" }))
end
M.data_block = data_block

local nav = { { "scores", "Scores" }, { "contrasts", "Contrasts" }, { "tasks", "By task" }, { "spend", "Spend" },
  { "budget", "Burn-down" }, { "pareto", "Pareto" }, { "excluded", "Excluded" }, { "made", "Made by" } }

local function top(out, model, title)
  local object, counts = model.object, model.counts
  parts.begin(out, title, nav)
  out[#out + 1] = ('<p class="soft">Run <code>%s</code>, began %s%s. %d tasks in %d groups, every arm on the same '
    .. "ones; seed %d, split %s.</p>\n"):format(escape(model.run.id), escape(model.began),
      model.ended and "" or " and never ended", counts.tasks, object.arms[1] and object.arms[1].groups or 0,
      object.seed, escape(object.split or "-"))
  claims(out, object)
  trust(out, object)
  parts.nav(out, nav)
end

local function drawn_data(model, tasks, channels, burns, measures)
  local arms = json.array {}
  for i, arm in ipairs(model.object.arms) do
    arms[i] = { name = arm.name, diagnostic = arm.name == report.REPLICATE, values = values_of(arm, tasks, channels) }
  end
  return { burn = burns, arms = arms, measures = json.array(measures), score = 0 }
end

--- The whole page. model = { run = { id= }, began=, ended=, object, counts, records, command=, page_command=,
-- version= }; object and counts as report.bench gives them.
function M.render(model)
  local object, names, burns = model.object, {}, {}
  for i, arm in ipairs(object.arms) do names[i] = arm.name end
  local tasks = data.tasks(model.records, names)
  local channels = data.channels(tasks)
  for _, channel in ipairs(channels) do burns[channel] = data.burn(tasks, names, channel) end
  local measures = measures_of(object, channels)
  local library, page = require "han.report_assets.uplot_js", require "han.report_assets.page_js"
  local style = require "han.report_assets.uplot_css" .. require "han.report_assets.page_css"
  local out, title = {}, ("%s: %s"):format(object.adapter, table.concat(names, ", "))
  parts.head(out, title, { library, page }, style)
  top(out, model, title)
  scores(out, object)
  contrasts(out, object)
  by_task(out, object, tasks)
  spend(out, object, tasks, channels)
  burn_section(out, burns, channels)
  pareto(out, object, measures, telling(object, tasks, channels, measures))
  excluded(out, object, model.counts)
  parts.made(out, model)
  out[#out + 1] = '<script type="application/json" id="data">'
    .. data_block(drawn_data(model, tasks, channels, burns, measures)) .. "</script>\n"
  out[#out + 1] = "<!-- The library below, uPlot, comes under this licence:\n"
    .. require "han.report_assets.uplot_license_txt":gsub("%-%-+", "-") .. "-->\n"
  out[#out + 1] = "<script>" .. library .. "</script>\n<script>" .. page .. "</script>\n</body></html>\n"
  return table.concat(out)
end

return M
