--- han.cli.improve_report: the page of a run of han improve or han ablate out of the store, for their -o and for han
-- report.

local han = require "han"
local json = require "han.json"
local lineage = require "han.cli.lineage"
local problem = require "han.cli.problem"
local champions = require "han.cli.champion"
local sys = require "han.sys"
local value = require "han.value"

local M = {}

local pages = { improve = "han.improve.page", ablate = "han.ablate_page" }

local function quoted(word)
  word = tostring(word)
  if word:find("^[%w_./,=:+-]+$") then return word end
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

local function pairs_words(map)
  local names, parts = {}, {}
  for name in pairs(map or {}) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do parts[i] = ("%s=%s"):format(name, tostring(map[name])) end
  return #parts > 0 and table.concat(parts, ",") or nil
end

-- From the options as they were stored, so that it can be run again.
local function command_of(kind, spec)
  local words = { "han " .. kind, quoted(spec.adapter) }
  for _, name in ipairs { "what", "rounds", "n", "candidates", "strategy", "seed", "jobs", "sandbox" } do
    if spec[name] ~= nil then words[#words + 1] = ("--%s %s"):format(name, quoted(spec[name])) end
  end
  local amount, more = pairs_words(spec.budget), {}
  for name, given in pairs(spec.options or {}) do
    if name == "difficulty" then words[#words + 1] = "--difficulty " .. quoted(given) else more[name] = given end
  end
  if amount then words[#words + 1] = "--budget " .. quoted(amount) end
  more = pairs_words(more)
  if more then words[#words + 1] = "--set " .. quoted(more) end
  return table.concat(words, " ")
end

-- What each learner learnt on each line, the champion of the line marked.
local function lines_of(db, run)
  local index, lines = {}, {}
  for _, version in ipairs(lineage.versions(db, run)) do
    local key = version.line .. "\0" .. version.learner
    if not index[key] then
      index[key] = { line = version.line, learner = version.learner, versions = {} }
      lines[#lines + 1] = index[key]
    end
    table.insert(index[key].versions, version)
  end
  for _, row in ipairs(lines) do
    local champion = row.learner == "deployed" and champions.of(db, row.line)
    for _, version in ipairs(row.versions) do version.champion = champion and champion.digest == version.digest end
  end
  table.sort(lines, function(a, b)
    if a.learner ~= b.learner then return a.learner == "deployed" end
    return a.line < b.line
  end)
  return lines
end

--- The page's text. object: what the run printed; options: { output=, db= }.
function M.page(db, id, object, options)
  local row = problem.check(db:query("SELECT kind, config, started_ms FROM bench WHERE id = ?1", { id }))[1]
  return require(pages[row.kind]).render {
    run = { id = id }, began = os.date("!%Y-%m-%d %H:%M:%S UTC", row.started_ms // 1000), object = object,
    lines = lines_of(db, id), command = command_of(row.kind, value.decode(row.config).spec),
    page_command = ("han report %s -o %s --db %s"):format(quoted(id), quoted(options.output), quoted(options.db)),
    version = han.version,
  }
end

--- han report of such a run; the exit status.
function M.run(db, run, options, ui)
  local row = problem.check(db:query("SELECT result FROM bench WHERE id = ?1", { run.id }))[1]
  if not row.result then
    problem.raise("INVALID", ("run %s has not ended; han resume %s goes on with it"):format(run.id, run.id))
  end
  local object = problem.check(json.decode(problem.check(db:content(row.result)), { null = "nil" }))
  local text = M.page(db, run.id, object, options)
  problem.check(sys.write_file(options.output, text))
  ui:object { schema = 1, run = run.id, file = options.output, bytes = #text,
    rounds = object.rounds and #object.rounds or object.rounds_run, success = object.success }
  ui:out("%s: %d rounds, %d bytes; open it in a browser", ui.safe(options.output), object.rounds_run, #text)
  return 0
end

return M
