-- Counts test cases in the log of `ctest -V`: every TAP line of a program is a case, a program
-- without TAP is one. What a program planned and did not report counts as failed, and a program
-- that ctest calls failed has at least one failure: a crash is never silently nothing.
-- Usage: lua5.4 tests/count_tests.lua LOG [--failures]   prints "passed failed skipped", and with
-- --failures first the output of each program that failed.
-- lua5.4 tests/count_tests.lua --self-test

local function new_program(name) return { name = name, lines = {}, groups = {} } end

local function tap_line(program, text)
  local groups = program.groups
  local group = groups[#groups]
  local plan = text:match("^1%.%.(%d+)%s*$")
  if plan then
    if group and not group.plan then group.plan = tonumber(plan) -- the plan came last
    else groups[#groups + 1] = { plan = tonumber(plan), cases = {}, count = 0 } end
    return
  end
  local verdict, number, rest = text:match("^(n?o?t? ?ok) (%d+)%f[%D](.*)$")
  if verdict ~= "ok" and verdict ~= "not ok" then return end
  if not group then
    group = { cases = {}, count = 0 }
    groups[1] = group
  end
  if not group.cases[number] then group.count = group.count + 1 end
  local skipped = rest:find("#%s*SKIP") or rest:find("#%s*TODO")
  group.cases[number] = skipped and "skipped" or verdict == "ok" and "passed" or "failed"
end

local function count_program(program)
  local counts = { passed = 0, failed = 0, skipped = 0 }
  for _, group in ipairs(program.groups) do
    for _, verdict in pairs(group.cases) do counts[verdict] = counts[verdict] + 1 end
    if group.plan and group.count < group.plan then counts.failed = counts.failed + group.plan - group.count end
  end
  if program.status == "skipped" then
    if #program.groups == 0 then counts.skipped = 1 end
  elseif program.status ~= "passed" then
    if counts.failed == 0 then counts.failed = 1 end
  elseif counts.passed + counts.failed + counts.skipped == 0 then
    -- no TAP at all is one case; a plan of no cases tests nothing
    counts[#program.groups == 0 and "passed" or "failed"] = 1
  end
  return counts
end

-- The log: "test 3" / "    Start 3: name" open a program, "3: text" is its output,
-- "3/9 Test #3: name .....   Passed    0.01 sec" closes it.
local function read_log(lines)
  local programs, order = {}, {}
  for line in lines do
    local number, text = line:match("^(%d+): ?(.*)$")
    local start, name = line:match("^%s+Start%s+(%d+): (.*)$")
    local ended, result = line:match("^%s*%d+/%d+ Test%s+#(%d+): %S+ %.*%s*(.-)%s+[%d.]+ sec")
    if start then
      programs[start] = new_program(name)
      order[#order + 1] = programs[start]
    elseif ended and programs[ended] then
      programs[ended].status = result:find("Passed") and not result:find("%*") and "passed"
        or result:find("Skipped") and "skipped" or "failed"
      programs[ended].result = result
    elseif number and programs[number] then
      local program = programs[number]
      program.lines[#program.lines + 1] = text
      tap_line(program, text)
    end
  end
  return order
end

local function count(lines, show_failures)
  local total = { passed = 0, failed = 0, skipped = 0 }
  for _, program in ipairs(read_log(lines)) do
    local counts = count_program(program)
    for key, value in pairs(counts) do total[key] = total[key] + value end
    if show_failures and counts.failed > 0 then
      print(("--- %s: %s"):format(program.name, program.result or "did not end"))
      for _, text in ipairs(program.lines) do print(text) end
    end
  end
  return total
end

local function self_test()
  local cases = {
    { name = "TAP cases, skips, a trailing plan", want = "4 1 1", log = [[
    Start 1: a
1: 1..3
1: ok 1 - x
1: not ok 2 # SKIP y
1: not ok 3 - z
1: # not ok - t
1/2 Test #1: a .......***Failed    0.01 sec
    Start 2: b
2: ok 1 - x
2: ok 2 - y
2: 1..2
2/2 Test #2: b ..........   Passed    0.01 sec
    Start 3: c
3: no cases
3/3 Test #3: c ..........   Passed    0.01 sec
]] },
    { name = "a crash loses no planned case", want = "1 2 0", log = [[
    Start 1: a
1: 1..3
1: ok 1 - x
1/1 Test #1: a .......***Exception: SegFault  0.01 sec
]] },
    { name = "a failure without a case", want = "1 1 0", log = [[
    Start 1: a
1: 1..1
1: ok 1 - x
1/1 Test #1: a .......***Timeout  10.01 sec
]] },
    { name = "a program that never ended", want = "0 1 0", log = "    Start 1: a\n1: hello\n" },
    { name = "a spec without a test", want = "0 1 0", log = [[
    Start 1: a
1: 1..0
1/1 Test #1: a .......   Passed   0.01 sec
]] },
    { name = "skipped as a whole", want = "0 0 1", log = [[
    Start 1: a
1/1 Test #1: a .......***Skipped   0.01 sec
]] },
    { name = "two groups in one program", want = "2 1 0", log = [[
    Start 10: a
10: 1..1
10: ok 1 - x
10: 1..2
10: ok 1 - x
 1/12 Test #10: a .......   Passed   0.01 sec
]] },
  }
  local failed = 0
  for i, case in ipairs(cases) do
    local total = count(case.log:gmatch("([^\n]*)\n"), false)
    local got = ("%d %d %d"):format(total.passed, total.failed, total.skipped)
    if got ~= case.want then failed = failed + 1 end
    print(("%s %d - %s"):format(got == case.want and "ok" or "not ok", i, case.name))
    if got ~= case.want then print("# got " .. got .. ", want " .. case.want) end
  end
  print("1.." .. #cases)
  os.exit(failed == 0 and 0 or 1)
end

if arg[1] == "--self-test" then self_test() end
local total = count(io.lines(arg[1]), arg[2] == "--failures")
print(("%d %d %d"):format(total.passed, total.failed, total.skipped))
