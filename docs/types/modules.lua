---@meta
-- Modules beside `han` that scripts may require: han.shots, han.json, han.value in runs, adapters and
-- checks; han.eval and han.exec in adapters and checks only. han.stats stands in stats.lua. tests/check_types.lua
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

---Whether an attempt passed its verifier, where every arm stops.
---@param settled han.Settled
---@return boolean
function shots.passes(settled) end

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

---A file for the work folder; mode 0644 unless said.
---@class han.ExecFile
---@field path string below the work folder
---@field bytes string
---@field mode integer?

---@class han.ExecRequest
---@field argv string[] a name without "/" is looked for in the usual folders
---@field files (table<string, string>|han.ExecFile[])? bytes by path, or a list
---@field env table<string, string>? beside PATH, HOME, LANG and TMPDIR
---@field folder string? where it starts, below the work folder
---@field input string? what it reads; a session with it cannot write
---@field collect string[]? shell patterns of files to bring back
---@field collect_bytes integer? most bytes of those; 16 MiB
---@field limits {time: number?, cpu: number?, memory: integer?, procs: integer?, output: integer?, disk: integer?, files: integer?}?

---@class han.ExecVerdict
---@field class "pass"|"fail"|"crash"|"limit:time"|"limit:cpu"|"limit:memory"|"limit:output"|"limit:disk"|"limit:procs"|"stopped"|"sandbox-error"
---@field code integer? exit code of what ended by itself
---@field signal integer?
---@field message string?
---@field stdout string of a session: what no line has taken
---@field stderr string
---@field wall number seconds
---@field cpu number seconds, of all its processes
---@field memory integer bytes of its largest process
---@field held "cgroup1"|"cgroup2"|"counting" what held memory and processes
---@field sandbox string
---@field outputs {path: string, bytes: string?, mode: integer?, skipped: "kind"|"size"|"unreadable"|"count"|nil}[]

---A command whose stdin is open. Closed by <close>, too.
---@class han.ExecSession
---@field write fun(self, text: string): true?, string?, han.Code? IO: nobody reads it any more
---@field line fun(self, seconds: number): string?, string?, "TIMEOUT"|"PEER"|nil the next line of stdout; PEER: it has ended
---@field close_input fun(self)
---@field finish fun(self): han.ExecVerdict closes the input and waits for the end
---@field stop fun(self): han.ExecVerdict ends it and waits for that
---@field kill fun(self) asks for its end
---@field close fun(self) ends it and forgets it

---require "han.exec": commands that cannot be trusted, each in a sandbox of its own.
---@class han.exec
local exec = {}

---Waits for the end of the command. Nil when nothing was run: ENVIRONMENT names what the machine lacks.
---@param request han.ExecRequest
---@return han.ExecVerdict?
---@return string? message
---@return han.Code? code
function exec.run(request) end

---@param request han.ExecRequest
---@return han.ExecSession?
---@return string? message
---@return han.Code? code
function exec.start(request) end

---Files of a folder of the host, for `files`. Links and what is no file are left out.
---@param path string
---@param bytes_max integer
---@return han.ExecFile[]?
---@return integer|string left_out how many, or why there is no list
---@return han.Code? code
function exec.folder(path, bytes_max) end

---Writes one output below a folder of the host, through no link.
---@param folder string
---@param path string
---@param bytes string
---@param mode integer?
---@return true?
---@return string? message
---@return han.Code? code
function exec.save(folder, path, bytes, mode) end

return { shots = shots, json = json, value = value, eval = eval, exec = exec }
