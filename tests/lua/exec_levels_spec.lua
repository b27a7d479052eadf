-- Commands at the levels that have no namespaces: the same classes and limits as in a box, the level in every verdict,
-- nothing left of what ran, and never a step down.
-- luacheck: no max line length

local cli = dofile "tests/lua/support/cli.lua"
local fakes = dofile "tests/lua/support/fakes.lua"
local dkjson = require "dkjson"

local case = cli.needs_program(it, pending)
local function at_level(level)
  local r = cli.is_built and cli.run("/tmp", "exec --sandbox " .. level .. " -- true")
  if r and r.status == 78 then io.stderr:write("NOT TESTED: " .. r.err) end
  if r and r.status ~= 78 then return case end
  return function(name) return pending(name .. " (no sandbox of that level here)") end
end

-- One of ours by its words, whoever is its parent.
local function seen(tag) return fakes.shell(("grep -lsz '^%s$' /proc/[0-9]*/cmdline"):format(tag)) end

describe("a command at level", function()
  local folder, remove

  before_each(function() folder, remove = fakes.folder() end)
  after_each(function() remove() end)

  for _, level in ipairs { "landlock", "none" } do
    local leveled = at_level(level)

    leveled(level .. " gets the class that it gets in a box", function()
      assert(fakes.sys.write_file(folder .. "/s.lua", [[
        local task, scope = ...
        local function class(command, limits)
          local v = scope:exec { argv = { "sh", "-c", command }, limits = limits }
          return v.class .. " " .. v.sandbox
        end
        return { class("true"), class("exit 3"), class("exit 137"), class("kill -SEGV $$"), class("sleep 60", { time = 0.1 }),
          class("yes", { output = 4096 }), class("cat /dev/zero > f", { disk = 65536 }), class("while :; do :; done", { cpu = 0.1 }),
          class("i=0; while :; do : > $i; i=$((i + 1)); done", { files = 4 }), class("no-such-command"),
          class("i=0; while [ $i -lt 40 ]; do sleep 60 & i=$((i + 1)); done; wait", { procs = 20 }), class("x=0123456789; while :; do x=$x$x; done", { memory = 32 << 20 }) }]]))
      local expected = { "pass", "fail", "fail", "crash", "limit:time", "limit:output", "limit:disk", "limit:cpu", "limit:disk", "fail",
        "limit:procs", "limit:memory" }
      for i, class in ipairs(expected) do expected[i] = class .. " " .. level end
      for _, before in ipairs { "env", "env HAN_PROBE_FAIL=cgroup" } do
        local r = cli.run(folder, "script s.lua --json --sandbox " .. level, { before = before })
        assert.same(expected, assert(dkjson.decode(r.out), r.err).result, r.out)
        os.execute("rm -f " .. folder .. "/han.db*")
      end
    end)

    leveled(level .. " leaves no process, no file and no folder behind", function()
      local tag = ("8%d.5"):format(os.time() % 1000000)
      local r = cli.run(folder, ("exec --sandbox %s -- sh -c 'setsid sleep %s & (sleep %s & ) ; (trap \"\" TERM HUP; sleep %s) & mkdir -p a/b; echo x > a/b/c; chmod 000 a; pwd'")
        :format(level, tag, tag, tag))
      assert.equal(0, r.status, r.err)
      assert.matches("^/.+/han%-box%-%w+/%d+/work\n$", r.out)
      assert.equal("", seen("sleep." .. tag))
      assert.is_nil(fakes.sys.stat((r.out:match "^/.+/han%-box%-%w+")))
    end)

    leveled(level .. " is ended when han is killed, with all that it started", function()
      local tag = ("7%d.25"):format(os.time() % 1000000)
      local r = fakes.shell(([[cd %s && { %s exec --sandbox %s --limits time=300 -- sh -c 'pwd > note; setsid sleep %s & sleep %s' & } > /dev/null 2>&1; pid=$!
        seen() { grep -qsz '^%s$' /proc/[0-9]*/cmdline; }
        i=0; while ! seen && [ $i -lt 1000 ]; do i=$((i + 1)); sleep 0.01; done; seen && echo started
        kill -KILL $pid; wait $pid 2> /dev/null; i=0; while seen && [ $i -lt 100 ]; do i=$((i + 1)); sleep 0.01; done; seen || echo gone]])
        :format(folder, cli.han, level, tag, tag, tag))
      assert.equal("started\ngone\n", r)
    end)

    leveled(level .. " gets a folder in, a variable, and gives outputs back", function()
      fakes.write(folder, { ["f.c"] = "int main(void) { return 0; }\n" })
      fakes.shell("mkdir -p " .. folder .. "/in && mv " .. folder .. "/f.c " .. folder .. "/in")
      local r = cli.run(folder, "exec --json --sandbox " .. level .. " --workdir in --env A=1 --collect '*.txt' -- sh -c 'echo $A > o.txt; mktemp > /dev/null && cat f.c'")
      local object = assert(dkjson.decode(r.out), r.err)
      assert.same({ "pass", level, "int main(void) { return 0; }\n" }, { object.class, object.sandbox, object.stdout })
      assert.equal("1\n", fakes.sys.read_file(folder .. "/o.txt"))
    end)

    leveled(level .. " carries han check, which names it", function()
      if not fakes.sys.stat "/usr/bin/python3" then return pending "no python3" end
      fakes.write(folder, { ["a.py"] = "def add(a, b):\n    return a + b\n", ["cases.json"] = '[{"call":"add","args":[1,2],"want":3}]' })
      local r = cli.run(folder, "check a.py --cases cases.json --seed 1 --sandbox " .. level)
      assert.equal(("pass  1 of 1 cases  a.py  (seed 1, sandbox %s)\n"):format(level), r.out, r.err)
    end)
  end

  at_level("landlock")("landlock reaches no file, socket or process of this machine", function()
    fakes.write(folder, { ["secret"] = "hidden" })
    fakes.shell("chmod 755 " .. folder .. "; chmod 644 " .. folder .. "/secret")
    local r = cli.run(folder, ("exec --sandbox landlock -- sh -c 'cat %s/secret /etc/passwd /proc/1/cmdline; ls / /tmp /home ../..; kill -0 %d; kill -0 1; echo x > /tmp/hostile-note; echo done'")
      :format(folder, 1))
    assert.equal("done\n", r.out)
    local socket = cli.run(folder, "exec --sandbox landlock -- python3 -c 'import socket\nfor f in (socket.AF_INET, socket.AF_UNIX):\n  try: socket.socket(f); print(\"MADE\")\n  except OSError: pass'")
    assert.equal("", socket.out)
  end)

  at_level("none")("none is said aloud", function()
    local r = cli.run(folder, "exec -- true", { before = "env HAN_SANDBOX=none" })
    assert.matches("^warning: sandbox none: the command ran as this user[^\n]*\n$", r.err)
    assert.equal(0, r.status)
  end)

  case("is never another than the one that was asked for", function()
    for level, probes in pairs { landlock = { "landlock", "seccomp", "uid-drop", "kernel" }, none = { "kernel", "close_range", "seccomp", "uid-drop" } } do
      for _, probe in ipairs(probes) do
        for _, words in ipairs { "exec --sandbox " .. level .. " -- true", "exec -- true" } do
          local r = cli.run(folder, words, { before = "env HAN_SANDBOX=" .. level .. " HAN_PROBE_FAIL=" .. probe })
          assert.equal(78, r.status, r.err)
          assert.matches("^han: no sandbox of level " .. level .. " [^\n]*here: [%w_-]+: [^\n]+; [^\n]+\n$", r.err)
          assert.equal("", r.out)
        end
      end
    end
  end)
end)
