---@meta
-- The whole Lua surface for editors with the Lua language server: point `workspace.library` at the
-- folder docs/types. tests/check_types.lua holds it equal to what is bound; docs/scripting.md explains.

---A value that may cross between processes: tables of these without cycles, at most 64 deep.
---@alias han.Plain nil|boolean|integer|number|string|table

---@alias han.Channel "tokens"|"nano_usd"|"shots"|"turns"|"evals"|string

---Whole numbers, by channel.
---@alias han.Amount table<han.Channel, integer>

---Codes of refusals, the third value beside nil and a message.
---@alias han.Code
---| "BUDGET_EXHAUSTED" # the budget does not cover this
---| "USD_UNBUDGETED"   # dollars were asked for where none were declared
---| "DEPTH_EXCEEDED"   # the tree is too deep
---| "MAX_LIVE"         # too many live nodes
---| "DUPLICATE_KEY"    # a live child has this key
---| "KEY_CONFLICT"     # this key was used for other work
---| "UNKNOWN_AGENT"    # no such agent
---| "SCOPE_CLOSED"     # the scope has ended
---| "UNKNOWN"          # no such live node below this one
---| "SETTLED"          # the node has settled
---| "NO_INBOX"         # the node takes no messages
---| "TIMEOUT"          # time is up
---| string

---Measures are from 0 to 1, or absent where they were not taken.
---@class han.Verdict
---@field pass boolean
---@field correct number?
---@field fast number?
---@field secure number?
---@field cheap number?
---@field raw table? what was counted, {passed=, total=}

---@class han.Finding
---@field origin "trace"|"artifact"|"verifier"|"agent"|"judge"|"holdout" the first four may steer
---@field lens string who saw it
---@field text string
---@field where {fn: string?, line: integer?}?
---@field weight number?

---How a child ended, as scope:next() gives it.
---@class han.Settled
---@field kind "done"|"down"|"question"
---@field node string
---@field out han.Plain what act returned (done)
---@field verdict han.Verdict? of a worker's artifact (done)
---@field spend han.Amount
---@field over boolean? it spent more than its ceiling
---@field reason string? (down)
---@field infra boolean? the candidate could not have caused it (down)
---@field question han.Plain (question)

---@alias han.Act fun(task: table, scope: han.Scope): han.Plain

---@class han.Agent
---@field name string?
---@field act han.Act

---A worker as data: the engine places it.
---@class han.Profile
---@field backend string "search" is the built-in one
---@field limits han.Amount? its ceiling for one shot

---@class han.Task
---@field id string
---@field group string
---@field worker han.Profile
---@field artifact string the text to start from

---@class han.SpawnOptions
---@field budget han.Amount? ceiling of the child; a Lua agent without one gets zero in every channel
---@field label string? shown in the tree
---@field key string? the same key and work again gives the first result at spend 0
---@field idempotent boolean? may be done twice: work in doubt under its key is begun again
---@field steer han.Finding[]? what the next shot is told
---@field from string? the artifact it starts from; the task's own when absent

---@class han.WaitOptions
---@field kinds ("settled"|"question"|"finding"|"message")[]? {"settled"} when absent
---@field timeout number? in units of logical time

---What an agent acts through. Refusals are nil, message, code; wrong arguments throw.
---@class han.Scope
local Scope = {}

---Starts a child; its whole ceiling is reserved first.
---@param agent han.Agent|han.Act|han.Profile|string
---@param task table|han.Plain
---@param options han.SpawnOptions?
---@return string? node its id, a path such as root/2
---@return string? message
---@return han.Code? code
function Scope:spawn(agent, task, options) end

---Waits for one event from below. Nil alone: no child is left.
---@param options han.WaitOptions?
---@return han.Settled|table|nil event
---@return string? message
---@return han.Code? code
function Scope:next(options) end

---next() until nil, for a for loop.
---@param options han.WaitOptions?
---@return fun(): han.Settled?
function Scope:each(options) end

---Gives a live node below this one a message, or answers its question.
---@param node string
---@param message han.Plain
---@return true?
---@return string? message
---@return han.Code? code
function Scope:send(node, message) end

---Stops a live node below this one; it settles as down.
---@param node string
---@return true?
---@return string? message
---@return han.Code? code
function Scope:stop(node) end

---The live children, as of the last delivery.
---@return {node: string, label: string?}[]
function Scope:view() end

---What this node was given and has left, by channel, as of the last delivery.
---@return table<han.Channel, {total: integer, left: integer}>
function Scope:budget() end

---Asks the parent and waits for its answer.
---@param question han.Plain
---@param options {urgency: "run"|"step"?, why: string?}?
---@return han.Plain answer
---@return string? message
---@return han.Code? code
function Scope:ask(question, options) end

---Tells the parent something without waiting.
---@param finding han.Finding|han.Plain
---@return true?
---@return string? message
---@return han.Code? code
function Scope:notify(finding) end

---A decision on record: picks by the weights (evenly without them).
---@generic T
---@param point string what is decided here
---@param options T[]
---@param features han.Plain what was known
---@param weights number[]?
---@return T chosen
---@return integer index
---@return number propensity
function Scope:choose(point, options, features, weights) end

---The adapter's lenses over one settled child; nil when nothing is left to say.
---@param settled han.Settled
---@return han.Finding[]?
function Scope:observe(settled) end

---The best artifact submitted below this scope; nil before the first.
---@return string?
function Scope:best() end

---Hands an artifact to the harness, which runs the verifier on it once.
---@param artifact string
---@return han.Verdict?
---@return string? message
---@return han.Code? code
function Scope:submit(artifact) end

---Calls a function of the program that embeds han, and waits for its answer. Only in runs whose host lends tools
---(`han_environment` in han.h). Refused with UNKNOWN where there is none of this name, or with the host's own code.
---@param name string
---@param args? any a plain value
---@return any answer
---@return string? message
---@return string? code
function Scope:tool(name, args) end

---Executes a command that cannot be trusted, in a sandbox of level strong, and waits for its end. Charged one
---evaluation. Limits: time and cpu in seconds (at most 300), memory, output and disk in bytes (1 GiB, 1 MiB, 256 MiB),
---procs and files in number (256, 16384).
---@param request {argv: string[], files: table?, env: table<string, string>?, folder: string?, input: string?, collect: string[]?, collect_bytes: integer?, limits: table<string, number>?}
---@return {class: string, pass: boolean, code: integer?, signal: integer?, message: string?, stdout: string, stderr: string, outputs: table[], outputs_dropped: integer?, sandbox: "strong", held: string}?
---@return string? message
---@return han.Code? code
function Scope:exec(request) end

---This node's logical time.
---@return integer
function Scope:clock() end

---As math.random, from this node's own stream: [0, 1) without arguments, else an integer.
---@param low integer?
---@param high integer?
---@return number
function Scope:random(low, high) end

---@class han.StrategyFields
---@field name string
---@field intent string? one line
---@field params table?
---@field act fun(task: han.Task, scope: han.Scope): han.Plain
---@field steer function?
---@field topology function?
---@field stop function?

---@class han.CheckFields
---@field kind "verifier"|"lens"|"judge"
---@field run function verifier(artifact, public, spec), judge(artifact, private, spec), lens(spans, public, spec)
---@field spec table?
---@field name string?
---@field intent string?

---@class han.AdapterFields
---@field name string
---@field intent string?
---@field tasks fun(split: string, n: integer, seed: integer, options: table): table[], string[]? and what is left out
---@field worker han.Profile
---@field budget han.Amount? of one cell, when the command names none
---@field verify han.CheckFields a verifier
---@field judge han.CheckFields a judge
---@field lenses table<string, han.CheckFields>?
---@field improve table? what han improve does on it, see docs/improve.md
---@field reference table?
---@field options table?
---@field primary string? the measure of a verdict by which the best is kept; "correct" when absent
---@field backends table<string, function>? workers of its own, by the backend of a profile
---@field trust "split"|"weak"|nil

---A rule that is written down before the first rollout.
---@class han.ExperimentFields
---@field primary string the measure of the score that decides
---@field arms string[] the first is the one that the others are held to
---@field n integer groups
---@field family integer? contrasts; the arms but one when absent
---@field alpha number? two-sided, 0.05
---@field holdout "train"|"dev"|"gate"|"final"|nil the split it reads; dev when absent
---@field control "bh"|"spend"|"eprocess"|nil how errors are controlled; bh when absent
---@field adapter string?
---@field line string?
---@field seed integer?
---@field threshold number?
---@field margins table<string, number>?
---@field budget han.Amount?

---What a file in an adapter's folder gets as `...`: loader("part") runs part.lua of the folder once.
---@class han.Loader
---@overload fun(name: string): any
---@field read fun(path: string): string
---@field list fun(path: string): string[]

---require "han"
---@class han
---@field version string
local han = {}

---What a strategy file returns.
---@param fields han.StrategyFields
---@return han.StrategyFields
function han.strategy(fields) end

---What an adapter file returns.
---@param fields han.AdapterFields
---@return han.AdapterFields
function han.adapter(fields) end

---A verifier, a lens or a judge.
---@param fields han.CheckFields
---@return han.CheckFields
function han.check(fields) end

---What an experiment file returns.
---@param fields han.ExperimentFields
---@return han.ExperimentFields
function han.experiment(fields) end

---One finding, checked.
---@param fields han.Finding
---@return han.Finding
function han.finding(fields) end

---Which constructor made this value.
---@param value any
---@return "strategy"|"adapter"|"check"|"experiment"|nil
function han.kind(value) end

return han
