---@meta han.eval
-- require "han.eval" for editors: candidate code in a process of its own. For adapters and checks, not for runs.

---One call of a function of the candidate. What is wanted is compared outside the candidate's process.
---@class han.eval.Call
---@field fn string
---@field args han.Plain[]?
---@field want han.Plain[]?
---@field want_error string? a Lua pattern for the message
---@field instructions integer? its own limit

---@class han.eval.Request
---@field code string a chunk that returns a table of functions
---@field name string? in messages
---@field calls han.eval.Call[]
---@field stop "first"? stop after the first call that is not as wanted
---@field coverage boolean? lines that each call ran
---@field limits {instructions: integer?, memory: integer?, output: integer?, wall: number?}?

---@class han.eval.Outcome
---@field ok boolean
---@field values han.Plain[]? of a call that returned
---@field n integer? how many
---@field class string? of a call that did not: runtime, limit:instructions, limit:memory, limit:output, value
---@field message string?
---@field line integer?
---@field traceback {fn: string, line: integer}[]?
---@field instructions integer?
---@field pass boolean? where something was wanted
---@field lines integer[]?

---@class han.eval.Result
---@field sandbox "strong"|"landlock"|"none" the level of the box that it ran in
---@field class string ok, format, crash, limit:time, limit:memory, ...
---@field message string?
---@field line integer?
---@field calls han.eval.Outcome[]

---@class han.eval
local eval = {}

---Waits for the evaluation.
---@param request han.eval.Request
---@return han.eval.Result?
---@return string? message
---@return han.Code? code PEER: the runner itself failed; ENVIRONMENT: there is no sandbox of the level
function eval.lua(request) end

---The level of evaluations to come; strong unless set.
---@param level "strong"|"landlock"|"none"|nil
---@return string? level
---@return string? message names what is missing, and the fix
---@return han.Code? code ENVIRONMENT
function eval.sandbox(level) end

---What this machine offers for boxes.
---@return {level: string, probes: {name: string, ok: boolean, text: string, fix: string?}[]}
function eval.machine() end

return eval
