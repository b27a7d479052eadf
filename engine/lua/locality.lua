--- han.locality: which function of an artifact a failure belongs to. Every failure votes: for the function of the
-- deepest line of its trace that lies in the artifact; when its trace has none, for the functions that the failing test
-- calls, and half as much for those that they call in turn, because the test sees only what came out.
--
-- owner(result, artifact, options) -> { name=, votes = { { name=, weight= } ... best first } }, nil when none is told
--   result    of han.failure.classify; FORMAT has no owner
--   artifact  a tree; options.syntax is the module that made it (han.syntax by default, han.syntax.python)
--   options   { file = name of the artifact's file, tests = text of the file of tests, tests_file = its name }

local words = require "han.failure.words"

local M = {}

local BY_TEST, BY_CALL = 0.5, 0.2 -- a line of the trace counts 1
local WORDS_MIN = 4               -- bytes of a text that is enough to tell where an error came from

-- What the last part of a name is: "M.add" and "Stack:push" are called add and push.
local function short(name) return name:match "[^.:]+$" end

-- The names of the artifact's functions as they are called from outside: entries by short name.
local function by_short(entries)
  local map = {}
  for _, entry in ipairs(entries) do
    local name = entry.kind ~= "main" and entry.kind ~= "class" and short(entry.name)
    if name then map[name] = map[name] or entry end
  end
  return map
end

local function lines_of(text)
  local list = {}
  for line in (text .. "\n"):gmatch "(.-)\r?\n" do list[#list + 1] = line end
  return list
end

-- The function of a line; a function without a name belongs to the one around it.
local function named_entry(syntax, tree, line)
  local entry = syntax.function_on_line(tree, line)
  local entries = syntax.functions(tree)
  while entry and (entry.kind == "anonymous" or entry.kind == "class") do entry = entries[entry.parent] end
  return entry
end

-- Which functions of the artifact a text calls, in order; what is in quotes calls nothing.
local function called_in(text, names)
  local list = {}
  for name in text:gsub('"[^"\n]*"', '""'):gsub("'[^'\n]*'", "''"):gmatch "([%a_][%w_]*)%s*[%({]" do
    if names[name] then list[#list + 1] = names[name] end
  end
  return list
end

-- A line of tests and those behind it that are indented deeper: what `with` or a function opens.
local function block_at(tests, line)
  local indent = #tests[line]:match "^%s*"
  local parts, at = { tests[line] }, line + 1
  while tests[at] and tests[at] ~= "" and #tests[at]:match "^%s*" > indent do
    parts[#parts + 1], at = tests[at], at + 1
  end
  return table.concat(parts, "\n")
end

-- What of the tests a failure names: its title; lines of its trace, the outermost first, for the inner ones may be
-- helpers of the tests; its message.
local function said_of_test(failure, tests, tests_file)
  local parts, trace = { failure.test or "" }, failure.trace or {}
  for i = #trace, 1, -1 do
    if trace[i].file == tests_file and tests[trace[i].line] then parts[#parts + 1] = block_at(tests, trace[i].line) end
  end
  parts[#parts + 1] = failure.message or ""
  return parts
end

local function vote(votes, entry, weight)
  votes[entry.index] = (votes[entry.index] or 0) + weight
end

-- The functions that one calls, for what a test cannot see.
local function callees(syntax, tree, entry)
  local entries, list, seen = syntax.functions(tree), {}, {}
  for _, call in ipairs(syntax.callgraph(tree)) do
    local to = call.to and entries[call.to]
    if to and call.from == entry.index and to ~= entry and not seen[to.index] and to.kind ~= "main" then
      seen[to.index] = true
      list[#list + 1] = to
    end
  end
  return list
end

local function vote_by_test(votes, failure, context)
  for _, part in ipairs(said_of_test(failure, context.tests, context.tests_file)) do
    local called = called_in(part, context.names)
    if called[1] then
      for _, entry in ipairs(called) do
        vote(votes, entry, BY_TEST / #called)
        for _, inner in ipairs(callees(context.syntax, context.tree, entry)) do
          vote(votes, inner, BY_CALL / #called)
        end
      end
      return
    end
  end
end

-- The line of the artifact that holds the words of an error which came in the place of another, the longest first.
local function line_of_words(failure, tree)
  if failure.kind ~= "other_error" or not failure.got then return nil end
  local best, at = "", nil
  for first, text in tree.text:gmatch "()[\"']([^\"'\n]+)[\"']" do
    if #text >= WORDS_MIN and #text > #best and failure.got:find(text, 1, true) then best, at = text, first end
  end
  return at
end

-- The places in the artifact that a failure tells of, the innermost first: its trace, and what its message quotes.
local function places_of(failure, file)
  local lines = {}
  for _, frame in ipairs(failure.trace or {}) do
    if frame.file == file then lines[#lines + 1] = frame.line end
  end
  for line in (failure.message or ""):gmatch(file:gsub("%p", "%%%0") .. ":(%d+):") do
    lines[#lines + 1] = math.tointeger(tonumber(line))
  end
  return lines
end

local function vote_of(votes, failure, context)
  for _, line in ipairs(places_of(failure, context.file)) do
    local entry = named_entry(context.syntax, context.tree, line)
    if entry and entry.kind ~= "main" then
      vote(votes, entry, 1)
      return
    end
  end
  local at = line_of_words(failure, context.tree)
  local entry = at and named_entry(context.syntax, context.tree, (context.syntax.position(context.tree, at)))
  if entry and entry.kind ~= "main" then vote(votes, entry, 1) else vote_by_test(votes, failure, context) end
end

--- The owner of a result's failures; see the head of this file.
function M.owner(result, tree, options)
  if result.class == "FORMAT" then return nil end
  local syntax = options.syntax or require "han.syntax"
  local entries = syntax.functions(tree)
  local context = { syntax = syntax, tree = tree, file = options.file, names = by_short(entries),
    tests = lines_of(options.tests or ""), tests_file = options.tests_file and words.base(options.tests_file) }
  local votes, list = {}, {}
  for _, failure in ipairs(result.failures) do
    if failure.class == result.class then vote_of(votes, failure, context) end
  end
  for index, weight in pairs(votes) do
    list[#list + 1] = { name = entries[index].name, weight = weight, index = index }
  end
  table.sort(list, function(a, b)
    if a.weight ~= b.weight then return a.weight > b.weight end
    return a.index < b.index
  end)
  return list[1] and { name = list[1].name, votes = list } or nil
end

return M
