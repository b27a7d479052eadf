--- han prices: what models cost. Tables are data; a model that is in none is unpriced, not free.

local budget = require "han.cli.budget"
local json = require "han.json"
local model = require "han.cli.model"
local prices = require "han.model.prices"
local problem = require "han.cli.problem"
local sys = require "han.sys"

local M = {
  name = "prices",
  summary = "What models cost: import a public table of prices, or show what is known.",
  about = "What models cost. `import` reads the public table of litellm (model_prices_and_context_window.json) or of "
    .. "models.dev (api.json) from a file and keeps it, with its date, as this user's table; `show` prints the rows "
    .. "whose name has NAME in it, of that table and of the one that han brings along, each with its day. Prices "
    .. "change: import a newer table, or give --price. han fetches nothing by itself.",
  examples = { "han prices import api.json", "han prices show sonnet" },
}

function M.options(parser)
  parser:argument("verb", "import or show."):argname("VERB")
  parser:argument("what", "The file to import, or a part of a name."):argname("FILE|NAME"):args("?")
  parser:option("--out", "Write the table here instead of where it is looked for."):argname("FILE")
  parser:option("--date", "The day of the table, as in 2026-11-21 (default today)."):argname("DAY")
end

local function folder_of(path) return path:match("^(.*)/[^/]*$") end

-- Makes the folders above a file.
local function make_folders(path)
  local folder = folder_of(path)
  if not folder or folder == "" or sys.stat(folder) then return end
  make_folders(folder)
  problem.check(sys.mkdir(folder))
end

local function import(options, ui)
  if not options.what then problem.usage("han prices import FILE: which file?") end
  local day = options.date or os.date("!%Y-%m-%d")
  if not day:find("^%d%d%d%d%-%d%d%-%d%d$") then problem.usage("--date: '%s' is not a day as in 2026-11-21", day) end
  local text = problem.check(sys.read_file(options.what))
  local rows, count, code = prices.import(text)
  if not rows then problem.raise(code, ("%s: %s"):format(options.what, count)) end
  local path = options.out or model.prices_path()
  make_folders(path)
  local table_ = { date = day, source = options.what:match("[^/]+$"), sha256 = sys.sha256(text), models = rows }
  problem.check(sys.write_file(path, problem.check(json.encode(table_)) .. "\n"))
  ui:out("%d models of %s, dated %s, in %s", count, ui.safe(options.what), day, ui.safe(path))
  ui:object { schema = 1, models = count, path = path, date = day }
  return 0
end

local function per_million(pico) return budget.dollars(pico * 1000) end

-- The rows of a table whose name has a word in it, that no table before it has.
local function add_rows(found, seen, read, word)
  local names = {}
  for name in pairs(read.models) do
    if name:find(word, 1, true) and not seen[name] then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local row = read.models[name]
    seen[name] = true
    found[#found + 1] = { model = name, input = row.input, cache_read = row.cache_read, cache_write = row.cache_write,
      output = row.output, long = row.long, date = read.date }
  end
end

local function show(options, ui)
  local read, found, seen = model.tables(options.out or model.prices_path()), {}, {}
  for _, one in ipairs(read) do add_rows(found, seen, one, options.what or "") end
  local rows = { { "model", "in", "cache read", "cache write", "out", "as of" } }
  for i, row in ipairs(found) do
    rows[i + 1] = { ui.safe(row.model), per_million(row.input), per_million(row.cache_read),
      per_million(row.cache_write), per_million(row.output), ui.safe(tostring(row.date)) .. (row.long and " *" or "") }
  end
  ui:table(rows, { [2] = true, [3] = true, [4] = true, [5] = true })
  ui:out("%d models; dollars for a million tokens; * dearer where the prompt is long", #found)
  local sources = {}
  for i, one in ipairs(read) do
    sources[i] = { date = one.date, source = one.source, commit = one.commit }
    ui:out("table of %s: %s%s", ui.safe(tostring(one.date)), ui.safe(tostring(one.source)),
      one.commit and " at " .. one.commit or "")
  end
  ui:object { schema = 1, date = read[1].date, unit = "pico-dollars a token", models = json.array(found),
    tables = json.array(sources) }
  return #found > 0 and 0 or 1
end

function M.run(options, ui)
  if options.verb == "import" then return import(options, ui) end
  if options.verb == "show" then return show(options, ui) end
  problem.usage("han prices: there is no verb '%s'; it is import or show", options.verb)
end

return M
