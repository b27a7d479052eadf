-- tools/setup.sh, with fake dpkg-query, apt-get, sudo and id before the real ones in PATH: what is
-- installed is a file of names, what apt-get was asked is a log.
describe("tools/setup.sh", function()
  local dir

  local function write(path, text)
    local file = assert(io.open(dir .. "/" .. path, "w"))
    file:write(text)
    file:close()
  end
  local function read(path)
    local file = io.open(dir .. "/" .. path)
    if not file then return "" end
    local text = file:read("a")
    file:close()
    return text
  end
  local function program(name, body)
    write("bin/" .. name, "#!/bin/sh\n" .. body)
    assert(os.execute(("chmod +x %s/bin/%s"):format(dir, name)))
  end
  local function run(options)
    local pipe = assert(io.popen(("D=%s PATH=%s/bin:$PATH sh tools/setup.sh %s 2>&1; echo $?"):format(
      dir, dir, options or "")))
    local text = pipe:read("a")
    pipe:close()
    local out, status = text:match("^(.-)(%d+)\n$")
    return out, tonumber(status)
  end

  before_each(function()
    dir = os.tmpname()
    os.remove(dir)
    assert(os.execute("mkdir -p " .. dir .. "/bin"))
    program("dpkg-query", 'for name; do :; done\ngrep -qxF "$name" "$D/installed" || exit 1\nprintf "ii "\n')
    program("apt-get", [[
echo "apt-get $*" >>"$D/log"
for word; do
  case $word in install) installing=yes ;; -*) ;; *) [ -z "$installing" ] || echo "$word" >>"$D/installed" ;; esac
done
]])
    program("sudo", 'echo sudo >>"$D/log"\nexec "$@"\n')
    program("id", "echo 0\n")
    write("installed", "")
  end)
  after_each(function() os.execute("rm -r " .. dir) end)

  it("installs what is missing, once", function()
    write("installed", "gcc\ncmake\nlua5.4\n")
    local out, status = run()
    assert.equal(0, status)
    assert.truthy(out:find("setup: installing", 1, true))
    local log = read("log")
    assert.truthy(log:find("apt%-get %S+ %S+ update\n"))
    assert.truthy(log:find(" install .*ninja%-build"))
    assert.falsy(log:find(" gcc", 1, true))
    assert.falsy(log:find("sudo", 1, true))
    write("log", "")
    out, status = run()
    assert.equal(0, status)
    assert.equal("setup: all packages are there, nothing to install\n", out)
    assert.equal("", read("log"))
  end)

  it("levels build on one another", function()
    local build, test, full = run("--list"), run("--test --list"), run("--full --list")
    assert.equal(build, test:sub(1, #build))
    assert.equal(test, full:sub(1, #test))
    assert.truthy(test:find("lua-busted\n", 1, true))
    assert.truthy(full:find("valgrind\n", 1, true))
    assert.equal("", read("log"))
  end)

  it("uses sudo when not root", function()
    program("id", "echo 1000\n")
    local _, status = run()
    assert.equal(0, status)
    assert.truthy(read("log"):find("^sudo\napt%-get"))
  end)

  it("says why apt-get failed, and fails", function()
    program("apt-get", "echo 'E: no such host'\nexit 100\n")
    local out, status = run()
    assert.equal(70, status)
    assert.truthy(out:find("E: no such host\n", 1, true))
    assert.truthy(out:find("apt%-get update failed"))
  end)

  it("fails when a package is still missing afterwards", function()
    program("apt-get", "exit 0\n")
    local out, status = run()
    assert.equal(70, status)
    assert.truthy(out:find("is still missing", 1, true))
  end)

  it("refuses an unknown option", function()
    local out, status = run("--everything")
    assert.equal(2, status)
    assert.truthy(out:find("usage:", 1, true))
  end)
end)
