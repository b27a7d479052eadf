-- Reads a folder in QuixBugs' layout: python_programs/NAME.py (a fault in one line), correct_python_programs/NAME.py,
-- and what a program must do: json_testcases/NAME.json, a line [arguments, wanted] each, or, for programs on graphs and
-- lists, python_testcases/test_NAME.py. A folder comes from anywhere, so all of it is checked here, and whatever is
-- wrong is told with its file and line.
local json = require "han.json"
local sys = require "han.sys"

local M = {}

M.FILE_MAX = 256 << 10 -- bytes of one file
M.CASES_MAX = 1000     -- of one program
M.PROGRAMS_MAX = 2000

-- Programs whose answers are right when they are near: which argument says how near.
local NEAR = { sqrt = 2 }

-- Cases for which the right program needs seconds or minutes (QuixBugs' own tests skip two of them): SHA-256 of their
-- line.
local SLOW = {
  levenshtein = { d105dc935af7c88041a66a08d8e300ca813b93b896b4da392985c6ff2c6e438a = true,
    dfec6ca65df3b0681208f4bb28065875bdf71ddf55a0ca0774bf7e758f9fc1ba = true },
  knapsack = { ["361183e5cad341176c73f806c78cf897f1d2765c1b6040afccbce5406c76620c"] = true },
}

-- ---- files ----

local function refuse(...) error({ message = string.format(...), code = "INVALID" }, 0) end

-- A file's name below the folder is what messages call it. What leads out of the folder is not read.
local function read(root, path)
  local place, why = sys.realpath(root .. "/" .. path)
  if not place then refuse("%s: %s", path, why) end
  if place:sub(1, #root + 1) ~= root .. "/" then refuse("%s leads out of the folder", path) end
  local text
  text, why = sys.read_file(place, M.FILE_MAX)
  if not text then refuse("%s: %s", path, why) end
  return text
end

local function read_code(root, path)
  local text = read(root, path)
  if text:find("\0", 1, true) then refuse("%s holds a NUL", path) end
  if not utf8.len(text) then refuse("%s is no UTF-8", path) end
  return text
end

-- The names in a folder of the folder, as a set too; none when it is not there.
local function names_in(root, folder)
  local names = sys.list_dir(root .. "/" .. folder) or {}
  for _, name in ipairs(names) do names[name] = true end
  return names
end

-- ---- cases ----

-- One line as a case of han.checker.cases without the function that is called.
local function case_of(line, name)
  local pair, why, code = json.decode(line)
  if code then return nil, "is no JSON: " .. why:gsub("^JSON, ", "") end
  if type(pair) ~= "table" or #pair ~= 2 or next(pair, 2) ~= nil then return nil, "is not [arguments, wanted]" end
  local args, want = pair[1], pair[2]
  if type(args) ~= "table" or type(next(args)) == "string" then args = json.array { args } end
  local within = NEAR[name] and args[NEAR[name]]
  if NEAR[name] and (math.type(want) == nil or math.type(within) == nil or within < 0) then
    return nil, "does not say how near an answer must be"
  end
  return { args = args, want = want, within = within or nil }
end

-- The cases of a program, and how many of them are left out because they are slow.
local function read_cases(root, path, name)
  local list, slow, number = {}, 0, 0
  for line in (read(root, path) .. "\n"):gmatch "(.-)\r?\n" do
    number = number + 1
    if SLOW[name] and SLOW[name][sys.sha256(line)] then
      slow = slow + 1
    elseif line:find "%S" then
      local case, why = case_of(line, name)
      if not case then refuse("%s:%d: the line %s", path, number, why) end
      if #list == M.CASES_MAX then refuse("%s:%d: more than %d cases", path, number, M.CASES_MAX) end
      list[#list + 1] = case
    end
  end
  if #list == 0 then refuse("%s: there is no case in it", path) end
  return list, slow
end

-- ---- test modules ----

-- A module of tests in parts: what stands before the first, and the tests, each with its text.
local function read_tests(root, path)
  local head, tests, lines, number = {}, {}, nil, 0
  for line in (read_code(root, path) .. "\n"):gmatch "(.-)\r?\n" do
    number = number + 1
    local test = line:match "^def (test[%w_]*)%("
    if test then
      lines = {}
      tests[#tests + 1] = { name = test, lines = lines }
    elseif lines and line:find "^[^%s#)]" then
      refuse("%s:%d: behind the first test only tests may stand", path, number)
    end
    table.insert(lines or head, line)
  end
  if #tests == 0 then refuse("%s: there is no test in it", path) end
  for i, test in ipairs(tests) do tests[i] = table.concat(test.lines, "\n") end
  return { head = table.concat(head, "\n"), list = tests }
end

-- ---- programs ----

-- What is known of a program, or nil and why it is left out.
local function program_of(root, name, there)
  local program = { name = name }
  if not there.right[name .. ".py"] then return nil, "it has no correct_python_programs/" .. name .. ".py" end
  if there.cases[name .. ".json"] then
    program.cases, program.slow = read_cases(root, ("json_testcases/%s.json"):format(name), name)
  elseif there.tests["test_" .. name .. ".py"] then
    program.tests = read_tests(root, ("python_testcases/test_%s.py"):format(name))
    program.tests.node = there.tests["node.py"] and read_code(root, "python_testcases/node.py") or ""
  else
    return nil, "it has neither JSON cases nor a module of tests"
  end
  program.buggy = read_code(root, ("python_programs/%s.py"):format(name))
  program.correct = read_code(root, ("correct_python_programs/%s.py"):format(name))
  return program
end

-- Beside the programs the folder holds what some of them need, and what shows them: those are no programs.
local function is_beside(file)
  return file == "node.py" or file == "__init__.py" or file:find "_test%.py$" or not file:find "%.py$"
end

local function read_all(root)
  local there = { right = names_in(root, "correct_python_programs"), cases = names_in(root, "json_testcases"),
    tests = names_in(root, "python_testcases") }
  local programs, left = {}, {}
  local function leave(...) left[#left + 1] = sys.escape(string.format(...)) end
  for _, file in ipairs(names_in(root, "python_programs")) do
    local name, program, why = file:match "^([%a_][%w_]*)%.py$", nil, "no function has such a name"
    if name and not is_beside(file) then program, why = program_of(root, name, there) end
    if not program and not is_beside(file) then leave("%s is left out: %s", (file:gsub("%.py$", "")), why) end
    programs[#programs + 1] = program
    if program and program.slow and program.slow > 0 then
      leave("%s: cases left out because the right program needs seconds or minutes for them: %d", name, program.slow)
    end
    if #programs > M.PROGRAMS_MAX then refuse("python_programs: more than %d programs", M.PROGRAMS_MAX) end
  end
  if #programs == 0 then refuse("there is no program in it that could be judged; it must be laid out as QuixBugs") end
  return programs, left
end

--- The programs of a folder in the order of their names: { name=, buggy=, correct=, cases = list, slow= or
--- tests = { head=, list = texts, node= } }, and what is left out, a sentence each. nil, message, CODE when anything
--- in it is wrong.
function M.read(folder)
  local root, why, code = sys.realpath(folder)
  if not root then return nil, why, code end
  local ok, programs, left = pcall(read_all, root)
  if ok then return programs, left end
  if type(programs) ~= "table" then error(programs, 0) end
  return nil, ("%s: %s"):format(folder:match "([^/]+)/*$" or folder, sys.escape(programs.message)), programs.code
end

return M
