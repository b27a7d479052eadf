-- What the README shows is true: its strategy runs, its commands and options exist, its pages are there.
describe("README.md", function()
  local han = (os.getenv "HAN_BUILD" or "build") .. "/han"
  local text

  local function run(command)
    local pipe = assert(io.popen(command .. " 2>&1; echo $?"))
    local out = pipe:read("a")
    pipe:close()
    local before, status = out:match("^(.-)(%d+)\n$")
    return before, tonumber(status)
  end

  setup(function()
    local file = assert(io.open("README.md"))
    text = file:read("a")
    file:close()
  end)

  it("has a strategy of ten lines that runs", function()
    local source = assert(text:match("```lua\n(.-)```"))
    assert.is_true(select(2, source:gsub("\n", "")) <= 12)
    local folder = os.tmpname()
    os.remove(folder)
    assert(os.execute("mkdir " .. folder))
    local file = assert(io.open(folder .. "/mine.lua", "w"))
    file:write(source)
    file:close()
    local out, status = run(("%s lint %s/mine.lua"):format(han, folder))
    assert.equal(0, status, out)
    out, status = run(("%s script %s/mine.lua --adapter repair --n 1 --budget shots=1,evals=250 --db %s/han.db"):format(
      han, folder, folder))
    assert.is_true(status <= 1, out) -- 1: it ran and did not pass
    assert.truthy(out:find("1 shot, ", 1, true), out)
    os.execute("rm -r " .. folder)
  end)

  it("names commands and options that exist", function()
    local count = 0
    for command, rest in text:gmatch("\nbuild/han (%l+)([^\n]*)") do
      count = count + 1
      local out, status = run(("%s %s --help"):format(han, command))
      assert.equal(0, status, out)
      for option in rest:gmatch("%-%-%l+") do assert.truthy(out:find(option, 1, true), command .. " " .. option) end
    end
    assert.is_true(count >= 3)
  end)

  it("links to pages that exist", function()
    local count = 0
    for path in text:gmatch("%]%(([^)]+)%)") do
      count = count + 1
      local file = io.open(path)
      assert.truthy(file, path)
      file:close()
    end
    assert.is_true(count >= 5)
  end)
end)
