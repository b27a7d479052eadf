--- han.cli.model: the options of commands that ask a model, and what they come to: which endpoint, at which price,
--- asked
-- how. The key is read here, in the engine's process, and nowhere else.

local calls = require "han.model.call"
local cassettes = require "han.model.cassette"
local endpoints = require "han.model.endpoint"
local exec = require "han.exec"
local http = require "han.http"
local level = require "han.cli.level"
local model = require "han.model"
local prices = require "han.model.prices"
local problem = require "han.cli.problem"
local profiles = require "han.model.profile"
local servers = require "han.mcp.server"
local sys = require "han.sys"
local tools = require "han.model.tools"

local M = {}

--- The options that name the endpoint and its price.
function M.endpoint_options(parser)
  parser:option("--model", "The model: anthropic:NAME, openai:NAME or http://127.0.0.1:8080/v1#NAME (default what "
    .. "HAN_MODEL names)."):argname("MODEL")
  parser:option("--price", "What the model costs, in dollars for a million tokens in and out, as in 3,15.")
    :argname("IN,OUT")
end

--- These and --cassette: for a command whose author may be a model.
function M.author_options(parser)
  M.endpoint_options(parser)
  parser:option("--cassette", "Record every answer of the model in this file; when it is there, replay it, without "
    .. "network and key."):argname("FILE")
end

--- These and --profile.
function M.options(parser)
  parser:option("--profile", "Who attempts the tasks instead of the adapter's own worker: model, which asks a "
    .. "language model, or model_tools, which lets it check programs on the public tests."):argname("NAME")
  parser:option("--environment", "What surrounds a task for model_tools: checks, where programs may be checked and "
    .. "patched before one is the answer, verifier, where programs are submitted and the best counts, or mcp, the "
    .. "tools of an MCP server beside those of checks (default checks; with --mcp mcp)."):argname("NAME")
  parser:option("--mcp", "An MCP server whose tools the model gets: a command, its words parted by blanks, which is "
    .. "started for each attempt in a box of its own, or the URL of one that runs."):argname("SERVER")
  parser:option("--mcp-folder", "Copied into the box of the MCP server, which begins there."):argname("DIR")
  M.author_options(parser)
end

--- Where the table of prices lies that `han prices import` writes.
function M.prices_path()
  local given = sys.env("HAN_PRICES")
  if given and given ~= "" then return given end
  local home = sys.env("XDG_CONFIG_HOME")
  if not home or home == "" then home = (sys.env("HOME") or ".") .. "/.config" end
  return home .. "/han/prices.json"
end

--- The tables of prices: the user's, at that path, when it is there, then the one that han brings along.
function M.tables(path)
  if not sys.stat(path) then return { prices.snapshot() } end
  local text = problem.check(sys.read_file(path))
  local read, why, code = prices.read(text)
  if not read then problem.raise(code, ("%s: %s"):format(path, why)) end
  return { read, prices.snapshot() }
end

--- The endpoint that is asked for, with its price when one is known.
function M.endpoint(options)
  local name = options.model or sys.env("HAN_MODEL")
  if not name or name == "" then
    problem.raise("ENVIRONMENT", "no model is configured; set HAN_MODEL=anthropic:NAME, openai:NAME or "
      .. "http://127.0.0.1:8080/v1#NAME, or give --model")
  end
  local endpoint = problem.check(endpoints.read(name, endpoints.settings(sys.env)))
  if options.price then
    local row, why, code = prices.parse(options.price)
    if not row then problem.raise(code, "--price: " .. why) end
    endpoint.price = row
  else
    endpoint.price, endpoint.priced = prices.find(M.tables(M.prices_path()), endpoint)
  end
  return endpoint
end

--- Says when the price by which dollars are capped is an old one. endpoint: as M.endpoint gives it, or what a job is
--- told of it; nil: no model is asked.
function M.warn_of_price(endpoint, budget, ui)
  if not endpoint or not endpoint.priced or not (budget and budget.nano_usd) then return end
  local days = prices.age(endpoint.priced, sys.wall())
  if days and days <= prices.OLD_DAYS then return end
  ui:note("%s", ui:paint_note("yellow", ("warning: dollars are capped by a price of %s that is %s old (%s); bring a "
    .. "newer table with han prices import FILE, or give --price IN,OUT"):format(ui.safe(endpoint.model),
    days and ("%d days"):format(days) or "nobody knows how", ui.safe(tostring(endpoint.priced)))))
end

--- Opens the endpoint: reads its key.
function M.open(endpoint)
  local client, why, code = calls.open(endpoint)
  -- what is not there is for the user to set up
  if not client then problem.raise(code == "UNKNOWN" and "ENVIRONMENT" or code, why) end
  return client
end

-- What a job is told of the endpoint: all but where its key lies.
local function told(endpoint)
  local copy = {}
  for name, value in pairs(endpoint) do
    if name ~= "key" then copy[name] = value end
  end
  return copy
end

-- Puts a worker into an environment.
local function place(worker, options)
  local environment, known = options.environment or options.mcp and "mcp", false
  if options.mcp_folder and not options.mcp then problem.usage("--mcp-folder goes with --mcp") end
  if not environment then return end
  for _, name in ipairs(tools.ENVIRONMENTS) do known = known or name == environment end
  if worker.backend ~= "model_tools" then
    problem.usage("--%s goes with --profile model_tools", options.environment and "environment" or "mcp")
  end
  if not known then
    problem.usage("--environment: there is no environment '%s'; there are %s", environment,
      table.concat(tools.ENVIRONMENTS, ", "))
  end
  if (environment == "mcp") ~= (options.mcp ~= nil) then
    problem.usage(options.mcp and "--mcp goes with --environment mcp" or "--environment mcp goes with --mcp SERVER")
  end
  worker.environment, worker.server = environment, options.mcp
end

-- The key of an MCP server's URL, where HAN_MCP_KEY says that it lies; nil: it takes none.
local function read_key()
  local source = sys.env("HAN_MCP_KEY")
  if not source or source == "" then return nil end
  local secret, why, code = http.secret(source)
  if not secret then problem.raise(code == "UNKNOWN" and "ENVIRONMENT" or code, "HAN_MCP_KEY: " .. why) end
  return secret
end

-- The server of --mcp as han.cells takes it; nil without one. tape: replays its answers, too, and then it is not
-- started.
local function serve(options, tape, sandbox)
  if not options.mcp then return nil end
  local about, why = servers.read(options.mcp)
  if not about then problem.usage("--mcp: %s", why) end
  if about.url and options.mcp_folder then problem.usage("--mcp-folder goes with a command as --mcp") end
  local server = servers.new(about)
  local function ask(body, how) return server:ask(body, how) end
  if tape then ask = tape:wrap(server, ask) end
  if not (tape and tape.replays) then
    if options.mcp_folder then about.files = problem.check(exec.folder(options.mcp_folder, servers.FOLDER_BYTES)) end
    if about.url then about.secret = read_key() else level.set(sandbox or "strong") end
    local ok, fault = server:try()
    if not ok then problem.raise("ENVIRONMENT", ("--mcp %s: %s"):format(options.mcp, fault)) end
  end
  return { ask = ask, close = function(session) server:close(session) end, settle = function() server:settle() end }
end

--- The options of the endpoint and the cassette without what they belong to are a usage error.
function M.refuse(options, without)
  for _, name in ipairs { "model", "price", "cassette" } do
    if options[name] then problem.usage("--%s goes with %s", name, without) end
  end
end

--- Makes the endpoint that is asked for the one that han.model asks: the endpoint, how it is asked, the cassette or
-- nil. budget: in which dollars may be capped; between: put between the cassette and the endpoint, may be nil.
function M.connect(options, budget, between)
  local endpoint = M.endpoint(options)
  if budget and budget.nano_usd and not endpoint.price then
    problem.raise("REFUSED", ("no price is known for %s, so a budget in dollars cannot be kept; give it with --price "
      .. "IN,OUT, or import a table with han prices import"):format(endpoint.model))
  end
  local tape = options.cassette and problem.check(cassettes.open(options.cassette))
  local client = not (tape and tape.replays) and M.open(endpoint)
  local function ask(body, how) return client:ask(body, how) end
  if between then ask = between(endpoint, ask) end
  if tape then ask = tape:wrap(endpoint, ask) end
  model.connect(endpoint, ask)
  return endpoint, ask, tape
end

-- What --profile comes to, for han.cells: { worker =, model =, ask =, mcp =, live =, asked =, asked_all = }; an empty
-- table without the option. about: the spec so far, of which budget (of one cell) and sandbox are read.
local function read(options, about)
  if not options.profile then
    M.refuse(options, "--profile model")
    for _, name in ipairs { "environment", "mcp" } do
      if options[name] then problem.usage("--%s goes with --profile model_tools", name) end
    end
    return {}
  end
  if not profiles.is_one(options.profile) then
    problem.usage("--profile: there is no profile '%s'; there are %s", options.profile,
      table.concat(profiles.NAMES, " and "))
  end
  local endpoint, ask, tape = M.connect(options, about.budget)
  local worker = profiles.make(options.profile, endpoint)
  place(worker, options)
  -- recorded answers come at any time, so their order must not matter: logical time
  local mcp = serve(options, tape, about.sandbox)
  return { worker = worker, model = told(endpoint), ask = ask, live = not tape, mcp = mcp,
    asked_all = function() -- gives what a cassette did not hold, or nil
      if mcp then mcp.settle() end
      if not tape then return nil end
      problem.check(tape:save())
      return tape.missed
    end,
    asked = { profile = options.profile, environment = options.environment, mcp = options.mcp,
      mcp_folder = options.mcp_folder, model = endpoint.name, price = options.price, cassette = options.cassette } }
end

--- The same, put into the spec of a bench; `asked` is what a resume must know of it.
function M.add(spec, options)
  for name, value in pairs(read(options, spec)) do spec[name] = value end
end

return M
