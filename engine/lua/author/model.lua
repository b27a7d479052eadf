-- han.author.model: an author that asks a language model. Owns what it is told (a contract, the champion, what train
-- tasks showed, what came of its programs before) and how its reply is read (one fenced program); which model is asked,
-- and what that costs, is the affair of the function that it is given. A program that the check refuses goes back with
-- its reason and line, at most settings.rounds times.
--
-- author.new { backend = "model", ask = function(prompt) -> reply, why it ended (see han.model.dialect), or nil,
--   message, code; check = function(text) -> { ok=, stage=, reason= } as han.author.pipeline's, optional }. What ask
--   cannot give (no budget, no connection) ends the proposals of that call: a.failure = { message=, code= }.
local audit = require "han.author.audit"
local mine = require "han.author.mine"

local M = {}

M.TASKS = 12       -- of the evidence, those of greatest loss
M.FIXES = 8        -- certified fixes, to an author of profiles
M.EARLIER = 3      -- best programs of the archive that are shown
M.BYTES = 6 << 10  -- of one program that is shown

M.CONTRACTS = {
  strategy = [[
A strategy is a Lua 5.4 file that returns han.strategy { name =, intent =, params =, act = }. act(task, scope) spawns
attempts with scope:spawn(task.worker, task, { steer = findings, from = artifact }), which gives nil, message,
"BUDGET_EXHAUSTED" when the budget is spent, waits for each with scope:next(), learns about it with
scope:observe(settled), and returns scope:best(). It may require "han" and "han.shots" and nothing else, reads no clock,
judge, score or holdout, declares every param that it reads, and uses no globals.]],
  artifact = [[
An artifact is one Lua function expression, function(...) return NUMBER end, that is pure: no globals but math, no
state, no loop without end.]],
  profile = [[
A profile is one Lua table, return { ... }, of numbers, strings and tables; nothing in it is run.]],
}

-- ---- the reply ----

--- The program of a reply: the last fenced block that is closed; nil and why there is none.
function M.program(reply)
  local fence, lines, last, any = nil, {}, nil, false
  for line in (reply .. "\n"):gmatch "(.-)\r?\n" do
    local ticks = line:match "^%s*(```+)"
    if not fence and ticks then
      fence, lines, any = ticks, {}, true
    elseif fence and ticks and #ticks >= #fence and line:match "^%s*```+%s*$" then
      last, fence = table.concat(lines, "\n") .. "\n", nil
    elseif fence then
      lines[#lines + 1] = line
    end
  end
  if fence then return nil, "the reply ends inside its program; it was cut off" end
  if not last then return nil, any and "the reply's program is empty" or "the reply has no fenced program" end
  if not last:find "%S" then return nil, "the reply's program is empty" end
  return last
end

-- ---- the prompt ----

-- A fence that nothing in the text can close.
local function fenced(text)
  local most = 2
  for ticks in text:gmatch "`+" do most = math.max(most, #ticks) end
  local fence = ("`"):rep(most + 1)
  if #text > M.BYTES then text = text:sub(1, M.BYTES) .. "\n-- (cut here)" end
  return ("%slua\n%s\n%s"):format(fence, (text:gsub("\n$", "")), fence)
end

local function spend_words(spend)
  local names, words = {}, {}
  for name in pairs(spend or {}) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do words[i] = ("%s %s"):format(tostring(spend[name]), name) end
  return table.concat(words, ", ")
end

local function row_words(row)
  local parts = { ("- group %s: loss %.3f%s, %d attempts, %s"):format(tostring(row.group), row.loss,
    row.pass and ", passed" or "", #(row.attempts or {}), spend_words(row.spend)) }
  local last = row.attempts and row.attempts[#row.attempts]
  for i, finding in ipairs(last and last.steer or {}) do
    if i <= 2 and type(finding) == "table" then parts[#parts + 1] = ("  - seen: %s"):format(tostring(finding.text)) end
  end
  return table.concat(parts, "\n")
end

local function evidence_words(evidence)
  local rows = table.move(evidence.rows, 1, #evidence.rows, 1, {})
  table.sort(rows, function(a, b)
    if a.loss ~= b.loss then return a.loss > b.loss end
    return tostring(a.task) < tostring(b.task)
  end)
  local words = {}
  for i = 1, math.min(M.TASKS, #rows) do words[i] = row_words(rows[i]) end
  return table.concat(words, "\n")
end

-- What the tasks of greatest loss mostly fail by: { class=, group= }.
local function failure_of(evidence)
  local counts, worst = {}, nil
  for _, row in ipairs(evidence.rows) do
    if not row.pass and (not worst or row.loss > worst.loss) then worst = row end
  end
  for _, attempt in ipairs(worst and worst.attempts or {}) do
    for _, span in ipairs(attempt.spans or {}) do
      if span.class then counts[span.class] = (counts[span.class] or 0) + 1 end
    end
  end
  local class
  for name, n in pairs(counts) do
    if not class or n > counts[class] then class = name end
  end
  return { class = class, group = worst and worst.group }
end

-- Certified fixes of train tasks, those first that are near what still fails.
local function fixes_words(evidence)
  local words = {}
  for i, fix in ipairs(mine.relevant(mine.fixes(evidence), failure_of(evidence), M.FIXES)) do
    words[i] = ("- %s, %s at a %s: %s => %s"):format(tostring(fix.class), tostring(fix.op), tostring(fix.node),
      tostring(fix.before):gsub("%s+", " "):sub(1, 80), tostring(fix.text):gsub("%s+", " "):sub(1, 80))
  end
  return table.concat(words, "\n")
end

local function section(list, title, text)
  if text and text ~= "" then list[#list + 1] = ("# %s\n%s"):format(title, text) end
end

--- What the model is told. a: the author; input: see han.author, checked before; refusal: of its last reply.
function M.prompt(a, input, refusal)
  local list, earlier = {}, {}
  section(list, "What is wanted", ("Write a better %s. Answer with one fenced Lua program and nothing after it.")
    :format(a.what))
  section(list, "Contract", input.contract or input.game and input.game.contract or M.CONTRACTS[a.what])
  local champion = input.champion or {}
  section(list, champion.value and ("The champion, loss %.4f"):format(champion.value) or "The champion",
    champion.text and fenced(champion.text))
  section(list, "What it did on train tasks, worst first", input.evidence and evidence_words(input.evidence))
  section(list, "Fixes that were certified on train tasks", a.what == "profile" and input.evidence
    and fixes_words(input.evidence))
  for i, entry in ipairs(a:best(M.EARLIER)) do
    earlier[i] = ("loss %s:\n%s"):format(entry.value and ("%.4f"):format(entry.value) or "unknown", fenced(entry.text))
  end
  section(list, "Programs of yours so far", table.concat(earlier, "\n"))
  section(list, "Your last reply was refused", refusal and (refusal.text and fenced(refusal.text) .. "\n" or "")
    .. refusal.reason)
  return table.concat(list, "\n\n") .. "\n"
end

-- ---- proposals ----

local ENDS = { length = "the reply was cut off at the length that is allowed", refusal = "the model refused" }

local function refusal_of(a, text, why, ended)
  if not text then return { reason = ENDS[ended] or why } end
  if a.seen[text] then return { text = text, reason = "this very program was proposed before" } end
  local tree, message = audit.parse(a.what, text)
  if not tree then return { text = text, reason = "parse: " .. tostring(message) } end
  local result = a.check and a.check(text)
  if result and not result.ok then
    return { text = text, reason = ("%s: %s"):format(tostring(result.stage), tostring(result.reason)) }
  end
  return nil
end

--- The text of one candidate; nil when the rounds were used up or nobody answered. Every refused reply is handed to
-- tell(text or nil, reason).
function M.write(a, input, tell)
  local refusal
  for _ = 1, a.settings.rounds do
    local reply, message, code = a.ask(M.prompt(a, input, refusal))
    if not reply then
      a.failure = { message = message, code = code }
      return nil
    end
    local text, why = M.program(reply)
    refusal = refusal_of(a, text, why, message) -- of a reply the second value is why it ended
    if not refusal then return text end
    tell(text, refusal.reason)
  end
  return nil
end

return M
