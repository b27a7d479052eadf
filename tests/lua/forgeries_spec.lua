-- What must not fool han check, and what must pass: each file in tests/data/hostile/forgeries says in its head what it
-- tries and which class it must get. All are run once, two at a time.

local cli = dofile "tests/lua/support/cli.lua"
local fakes = dofile "tests/lua/support/fakes.lua"

local root = fakes.shell("realpath tests/data/hostile/forgeries"):gsub("\n", "")
local box = cli.is_built and cli.run("/tmp", "doctor --sandbox strong")
local kinds = {
  { suffix = "%.lua$", folder = "", lang = "lua", cases = "calls.json", limits = "memory=16M,instructions=8000000" },
  { suffix = "%.py$", folder = "", lang = "python", cases = "calls.json", limits = "memory=128M" },
  { suffix = "%.sh$", folder = "/programs", lang = "program", cases = "programs.json", limits = "memory=64M" },
  { suffix = "%.c$", folder = "/programs", lang = "c", cases = "programs.json", limits = "memory=64M" },
}
local TIME = "time=2" -- of a case, unless the head has limits of its own

local function declared(path, word) return fakes.sys.read_file(path):match("\n%p+ " .. word .. ": (%S+)\n") end

local list = {}
for _, kind in ipairs(kinds) do
  for _, name in ipairs(fakes.sys.list_dir(root .. kind.folder)) do
    if name:find(kind.suffix) then
      local path = root .. kind.folder .. "/" .. name
      list[#list + 1] = { name = name, path = path, kind = kind, class = declared(path, "class"),
        boxed = kind.lang ~= "lua", limits = (declared(path, "limits") or TIME) .. "," .. kind.limits }
    end
  end
end

local function command(i, folder)
  local one = list[i]
  return ("%s timeout -s KILL 60 %s check %s --lang %s --cases %s --limits %s > %s/%d.out 2>&1; echo $? > %s/%d.status")
    :format(one.boxed and "env -u HAN_SANDBOX" or "env", cli.han, fakes.quote(one.path), one.kind.lang,
      fakes.quote(root .. one.kind.folder .. "/" .. one.kind.cases), one.limits, folder, i, folder, i)
end

describe("forgeries", function()
  local folder, remove

  setup(function()
    folder, remove = fakes.folder()
    local numbers = {}
    for i, one in ipairs(list) do
      if cli.is_built and (box.status == 0 or not one.boxed) then
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
      if not cli.is_built or one.boxed and box.status ~= 0 then
        return pending "no program, or no sandbox of level strong here"
      end
      local out = fakes.sys.read_file(("%s/%d.out"):format(folder, i))
      local status = tonumber((fakes.sys.read_file(("%s/%d.status"):format(folder, i)):gsub("%s", "")))
      assert.equal(one.class, out:match("([%w:]+)  %d+ of %d+ cases[^\n]*\n$"), out)
      assert.equal(one.class == "pass" and 0 or 1, status)
    end)
  end
end)
