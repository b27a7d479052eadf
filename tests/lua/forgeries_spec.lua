-- What must not fool han check, and what must pass: each file in tests/data/hostile/forgeries says in its head what it
-- tries and which class it must get. All are run once, two at a time. Those in frameworks/ are run beside a file of two
-- tests by each framework that the machine has: what they say there is weak, and still the plain tries do not pass.

local cli = dofile "tests/lua/support/cli.lua"
local fakes = dofile "tests/lua/support/fakes.lua"

local root = fakes.shell("realpath tests/data/hostile/forgeries"):gsub("\n", "")
local box = cli.is_built and cli.run("/tmp", "exec --sandbox strong -- true")
local kinds = {
  { suffix = "%.lua$", folder = "", lang = "lua", cases = "calls.json", limits = "memory=16M,instructions=8000000" },
  { suffix = "%.py$", folder = "", lang = "python", cases = "calls.json", limits = "memory=128M" },
  { suffix = "%.sh$", folder = "/programs", lang = "program", cases = "programs.json", limits = "memory=64M" },
  { suffix = "%.c$", folder = "/programs", lang = "c", cases = "programs.json", limits = "memory=64M" },
}
-- Of a case, unless the head has limits of its own. Lua is ended by its count of instructions, on any machine.
local TIME = { lua = "time=20", python = "time=2", program = "time=2", c = "time=2" }

local function declared(path, word) return fakes.sys.read_file(path):match("\n%p+ " .. word .. ": (%S+)\n") end

local list = {}
for _, kind in ipairs(kinds) do
  for _, name in ipairs(fakes.sys.list_dir(root .. kind.folder)) do
    if name:find(kind.suffix) then
      local path = root .. kind.folder .. "/" .. name
      list[#list + 1] = { name = name, path = path, kind = kind, class = declared(path, "class"),
        boxed = kind.lang ~= "lua", limits = (declared(path, "limits") or TIME[kind.lang]) .. "," .. kind.limits }
    end
  end
end

local frameworks = { { name = "busted", suffix = "%.lua$", tests = "spec.lua" },
  { name = "pytest", suffix = "%.py$", tests = "test_both.py" },
  { name = "unittest", suffix = "%.py$", tests = "test_both.py" } }
-- It takes half a second to start.
local few = { ["honest.py"] = true, ["exits_early.py"] = true, ["patches_assert.py"] = true }
local function is_wanted(framework, name)
  return os.getenv "HAN_FULL" == "1" or framework ~= "pytest" or few[name]
end
local function is_there(framework)
  return framework ~= "pytest" or fakes.sys.stat "/usr/lib/python3/dist-packages/pytest" ~= nil
end
for _, framework in ipairs(frameworks) do
  local there = is_there(framework.name)
  if not there then io.stderr:write(("NOT TESTED: forgeries of %s; it is not installed\n"):format(framework.name)) end
  for _, name in ipairs(there and fakes.sys.list_dir(root .. "/frameworks") or {}) do
    if name:find(framework.suffix) and name ~= framework.tests and is_wanted(framework.name, name) then
      local path = root .. "/frameworks/" .. name
      list[#list + 1] = { name = name .. " under " .. framework.name, path = path, class = declared(path, "class"),
        boxed = true, framework = framework, kind = { lang = framework.name } }
    end
  end
end
if cli.is_built and box.status == 78 then io.stderr:write(("NOT TESTED: most forgeries: %s"):format(box.err)) end

-- The words of han check; a candidate under a framework has a name of its own there.
local function words(one, folder, i)
  if not one.framework then
    return ("check %s --lang %s --cases %s --limits %s"):format(fakes.quote(one.path), one.kind.lang,
      fakes.quote(root .. one.kind.folder .. "/" .. one.kind.cases), one.limits)
  end
  local own = ("%s/%d"):format(folder, i)
  assert(os.execute(("mkdir %s && cp %s %s/candidate%s"):format(own, fakes.quote(one.path), own,
    one.path:match "%.%l+$")))
  return ("check %s/candidate%s --tests %s --framework %s --count 2 --limits time=20,memory=256M"):format(own,
    one.path:match "%.%l+$", fakes.quote(root .. "/frameworks/" .. one.framework.tests), one.framework.name)
end

local function command(i, folder)
  local one = list[i]
  return ("%s timeout -s KILL 60 %s %s > %s/%d.out 2>&1; echo $? > %s/%d.status"):format(
    one.boxed and "env -u HAN_SANDBOX" or "env", cli.han, words(one, folder, i), folder, i, folder, i)
end

describe("forgeries", function()
  local folder, remove

  setup(function()
    folder, remove = fakes.folder()
    local numbers = {}
    for i, one in ipairs(list) do
      if cli.is_built and (box.status ~= 78 or not one.boxed) then
        assert(fakes.sys.write_file(("%s/%d.sh"):format(folder, i), command(i, folder)))
        numbers[#numbers + 1] = ("%s/%d.sh\n"):format(folder, i)
      end
    end
    assert(fakes.sys.write_file(folder .. "/all", table.concat(numbers)))
    assert(os.execute(("xargs -P 2 -n 1 sh < %s/all"):format(folder)))
  end)
  teardown(function() remove() end)

  it("are enough of each kind, and some of each are honest", function()
    local forged, honest = {}, {}
    for _, one in ipairs(list) do
      assert.is_string(one.class, one.name .. " declares no class")
      local count = one.class == "pass" and honest or forged
      count[one.kind.lang] = (count[one.kind.lang] or 0) + 1
    end
    assert.is_true(forged.lua >= 30 and forged.python >= 30 and forged.program + forged.c >= 15)
    assert.is_true(honest.lua >= 3 and honest.python >= 3 and honest.program >= 3 and honest.c >= 1)
  end)

  for i, one in ipairs(list) do
    it(("gives %s the class %s"):format(one.name, one.class), function()
      if not cli.is_built or one.boxed and box.status == 78 then
        return pending "no program, or no sandbox of level strong here"
      end
      local out = fakes.sys.read_file(("%s/%d.out"):format(folder, i))
      local status = tonumber((fakes.sys.read_file(("%s/%d.status"):format(folder, i)):gsub("%s", "")))
      local pattern = one.framework and "([%w:]+)  %d+ of 2 tests[^\n]*\nMade with trust weak[^\n]*\n$"
        or "([%w:]+)  %d+ of %d+ cases[^\n]*\n$"
      local got = out:match(pattern)
      -- a|b where it depends on the machine which is noticed first
      assert.truthy(("|" .. one.class .. "|"):find("|" .. tostring(got) .. "|", 1, true), out)
      assert.equal(one.class == "pass" and 0 or 1, status)
    end)
  end
end)
