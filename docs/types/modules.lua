---@meta
-- Modules beside `han` that scripts may require: han.shots, han.json, han.value in runs, adapters and
-- checks; han.eval in adapters and checks only. han.stats stands in stats.lua. tests/check_types.lua
-- holds this page equal to what is bound.

---require "han.shots": the loop of the shipped strategies, with their one rule for stopping.
---@class han.shots
local shots = {}

---One attempt after the other, until one passes or the budget is spent.
---@param scope han.Scope
---@param task han.Task
---@param plan (fun(n: integer): han.SpawnOptions?)? where attempt n starts and what it is told
---@param after (fun(settled: han.Settled, n: integer): boolean?)? sees each that did not pass; true: the last
---@return string? artifact the best of all
function shots.run(scope, task, plan, after) end

---The share of correct checks in an attempt's verdict; 0 without one.
---@param settled han.Settled
---@return number
function shots.correct(settled) end

---require "han.json"
---@class han.json
---@field null any stands for JSON's null
local json = {}

---@param text string
---@param options {max_bytes: integer?, null: "nil"?}?
---@return han.Plain value
---@return string? message
---@return han.Code? code
function json.decode(text, options) end

---@param value han.Plain
---@param options {pretty: boolean?, precision: integer?, lossy: boolean?}?
---@return string? text
---@return string? message
---@return han.Code? code
function json.encode(value, options) end

---Marks a table as an array, so that an empty one is written as [].
---@param list table
---@return table list
function json.array(list) end

---require "han.value": the one canonical encoding of plain values. Values that are not plain throw.
---@class han.value
local value = {}

---@param v han.Plain
---@return string bytes
function value.encode(v) end

---@param bytes string
---@return han.Plain v
---@return string? message
---@return han.Code? code
function value.decode(bytes) end

---SHA-256 of the encoding, in hexadecimal.
---@param v han.Plain
---@return string
function value.digest(v) end

---Equal encodings: 1 and 1.0 differ.
---@param a han.Plain
---@param b han.Plain
---@return boolean
function value.equal(a, b) end

---@generic T
---@param v T
---@return T
function value.copy(v) end

---@class han.Call
---@field fn string
---@field args han.Plain[]
---@field want han.Plain[]? compared outside the candidate's process
---@field want_error string? a Lua pattern
---@field instructions integer? overrides the limit

---@class han.EvalRequest
---@field code string source of a chunk that returns a table of functions
---@field name string?
---@field calls han.Call[]
---@field stop "first"? stop after the first call that does not meet its want
---@field limits {instructions: integer?, memory: integer?, output: integer?, wall: number?}?
---@field coverage boolean? executed lines of each call

---@class han.EvalResult
---@field class string "ok", "format", "crash" or "limit:..."
---@field message string?
---@field line integer?
---@field calls table[]

---require "han.eval"
---@class han.eval
local eval = {}

---Runs candidate code in a child process and waits for it. Nil only when the fork server failed.
---@param request han.EvalRequest
---@return han.EvalResult?
---@return string? message
---@return "PEER"? code
function eval.lua(request) end

---The level of evaluations to come; strong unless set. nil, message, "ENVIRONMENT" when it is not available.
---@param level "strong"|"landlock"|"none"|nil
---@return string? level
---@return string? message
---@return han.Code? code
function eval.sandbox(level) end

---What this machine offers for boxes, and the strongest level that results.
---@return {level: string, probes: {name: string, ok: boolean, text: string, fix: string?}[]}
function eval.machine() end

return { shots = shots, json = json, value = value, eval = eval }
