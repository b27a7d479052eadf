-- han.mcp.surface: the tools of an MCP server as a worker has them. The server is the engine's: a job asks for a
-- session when a shot begins, and each call of a tool is a question of its own, metered as one evaluation before it is
-- made. What came of it is a span of the shot, so the corpus has it, and a run that goes on has the shot's answer and
-- calls nothing again.

local json = require "han.json"

local M = {}

M.SECONDS = 60 -- for one call; a profile may say tool_seconds
local SHOWN = 2000
local NAME_MAX = 64 -- bytes of a tool's name at the endpoints

-- Who answers: { ask = function(body, { session =, id =, seconds = }) -> answer as han.mcp.server gives it, or nil,
-- message, code; close = function(session) }. Set by the process.
local door

--- Says how questions leave this process.
---@param way table|nil
function M.connect(way) door = way end

local Surface = {}
Surface.__index = Surface

local function infra(message) return { code = "PEER", message = "the MCP server: " .. message } end

-- One question; what nobody but the server or its way can be blamed for settles the shot as infra.
local function ask(surface, question)
  local ctx = surface.ctx
  surface.asked = surface.asked + 1
  local answer, why, code = door.ask(assert(json.encode(question)), { session = ctx.id,
    id = ("%s.mcp%d"):format(ctx.id, surface.asked), seconds = ctx.profile.tool_seconds or M.SECONDS })
  if not answer then error(code == "UNKNOWN" and why or infra(why), 0) end -- UNKNOWN: a cassette has no answer
  return answer
end

local function clipped(text) return #text > SHOWN and text:sub(1, SHOWN) .. "..." or text end

-- Calls a tool for the model: what it is told.
local function call(surface, name, arguments, text)
  local paid = surface.ctx.meter { evals = 1 }
  if not paid then return "no more calls of tools are allowed; give your answer" end
  local answer = ask(surface, { op = "call", name = name, arguments = arguments })
  local said = answer.ok and answer.text or ("the tool could not be called: %s"):format(answer.message)
  surface.ctx.span { kind = "tool", tool = name, arguments = clipped(text), ok = answer.ok and not answer.failed,
    text = clipped(said), code = answer.code }
  return answer.failed and "it failed: " .. said or said
end

-- A name that every endpoint takes and that nothing else has.
local function offered(name, taken)
  local plain = name:gsub("[^%w_-]", "_"):sub(1, NAME_MAX)
  local free, n = plain, 1
  while taken[free] do
    n = n + 1
    free = ("%s_%d"):format(plain:sub(1, NAME_MAX - 5), n)
  end
  taken[free] = true
  return free
end

local function tool_of(surface, entry, taken)
  return { name = offered(entry.name, taken), description = entry.description,
    parameters = assert(json.decode(entry.schema)),
    run = function(_, text)
      local given = {} -- no text at all: how some models call a tool without parameters
      if text:find("%S") then given = text:find("^%s*{") and json.decode(text) or nil end
      if not given then return "the arguments must be a JSON object" end
      return call(surface, entry.name, given, text)
    end }
end

--- Begins a session for a shot. taken: names that other tools have.
---@param ctx table what a worker gets
---@param taken table<string, boolean>
---@return table surface { tools = as in han.model.tools }; close it
function M.open(ctx, taken)
  if not door then error("no MCP server is configured; give one with --mcp", 0) end
  local surface = setmetatable({ ctx = ctx, asked = 0, tools = {} }, Surface)
  local answer = ask(surface, { op = "open" })
  if not answer.ok then error(infra(answer.message), 0) end
  for i, entry in ipairs(answer.tools) do surface.tools[i] = tool_of(surface, entry, taken) end
  return surface
end

--- Ends the session.
function Surface:close() door.close(self.ctx.id) end

return M
