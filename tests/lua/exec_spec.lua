-- han exec as a user meets it: verdicts, exit statuses, files in and out, and messages for what is wrong.
-- luacheck: no max line length

local cli = dofile "tests/lua/support/cli.lua"
local fakes = dofile "tests/lua/support/fakes.lua"
local dkjson = require "dkjson"

local case = cli.needs_program(it, pending)
local boxed = cli.needs_sandbox(it, pending)

describe("han exec", function()
  local folder, remove

  before_each(function() folder, remove = fakes.folder() end)
  after_each(function() remove() end)

  local function han(words, options) return cli.run(folder, "exec " .. words, options) end

  local function class(words)
    local r = han("--json " .. words)
    local object = assert(dkjson.decode(r.out), r.err)
    return object.class, object, r
  end

  boxed("passes what a command says through", function()
    local r = han("-- sh -c 'echo out; echo err >&2'")
    assert.same({ 0, "out\n", "err\n" }, { r.status, r.out, r.err })
  end)

  boxed("ends with 1 and one line for what did not pass", function()
    local r = han("-- sh -c 'echo no; exit 3'")
    assert.equal(1, r.status)
    assert.equal("no\n", r.out)
    assert.matches("^han: fail with exit code 3; [%d.]+ s, [%d.]+ s of CPU, %d+ MiB, limits held by %w+\n$", r.err)
  end)

  boxed("tells classes by facts", function()
    local _, failed = class "-- sh -c 'exit 137'"
    assert.same({ "fail", 137, nil }, { failed.class, failed.exit_code, failed.signal })
    local _, crashed, r = class "-- sh -c 'kill -9 $$'"
    assert.same({ "crash", nil, 9, 1 }, { crashed.class, crashed.exit_code, crashed.signal, r.status })
    assert.equal("limit:time", (class "--limits time=0.2 -- sleep 30"))
    assert.equal("limit:output", (class "--limits output=10K -- yes"))
    local _, missing = class "-- no-such-command"
    assert.same({ "fail", "cannot execute no-such-command in the box: No such file or directory" }, { missing.class, missing.message })
  end)

  boxed("counts where there is no cgroup, and says so", function()
    local r = han("--json --limits memory=32M -- sh -c 'x=0123456789; while :; do x=$x$x; done'", { before = "env HAN_PROBE_FAIL=cgroup" })
    local object = assert(dkjson.decode(r.out), r.err)
    assert.same({ "counting", "limit:memory" }, { object.held, object.class }, r.out)
  end)

  boxed("leaves no process when it is killed", function()
    local tag = ("9%d.25"):format(os.time() % 1000000)
    local r = fakes.shell(([[cd %s && { %s exec --limits time=300 -- sh -c 'exec sleep %s' & } > /dev/null 2>&1; pid=$!
      seen() { grep -qsz '^%s$' /proc/[0-9]*/cmdline; }
      i=0; while ! seen && [ $i -lt 1000 ]; do i=$((i + 1)); sleep 0.01; done; seen && echo started
      kill -KILL $pid; wait $pid 2> /dev/null; i=0; while seen && [ $i -lt 100 ]; do i=$((i + 1)); sleep 0.01; done; seen || echo gone]])
      :format(folder, cli.han, tag, tag))
    assert.equal("started\ngone\n", r)
  end)

  boxed("copies a folder in and brings back what is collected", function()
    fakes.shell("cd " .. folder .. " && mkdir -p in/sub out && printf 'int f(void) { return 0; }' > in/sub/f.c && ln -s /etc/passwd in/link && printf x > in/keep")
    local r = han "--workdir in --collect 'o/*.txt' --collect keep -o out -- sh -c 'mkdir o; cat sub/f.c > o/a.txt; ls; rm keep; echo new > keep; chmod 600 keep; ln -s /etc/passwd o/l.txt'"
    assert.equal(0, r.status, r.err)
    assert.equal("keep\no\nsub\n", r.out)
    assert.matches("1 links and things that are no file were left out of the copy\n", r.err)
    assert.matches("o/l.txt was not collected: kind\n", r.err)
    assert.equal("nothing was collected: no file of its work folder matches\n", han("--collect '*.no' -- true").err)
    assert.equal("int f(void) { return 0; }", fakes.sys.read_file(folder .. "/out/o/a.txt"))
    assert.equal("new\n", fakes.sys.read_file(folder .. "/out/keep"))
    assert.equal("x", fakes.sys.read_file(folder .. "/in/keep"))
  end)

  boxed("gives it variables and input, and nothing of ours", function()
    local r = han("--env A=1 --env B='x y' --input - -- sh -c 'cat; env | sort'", { input = "typed\n", before = "env SECRET=1" })
    assert.equal(0, r.status, r.err)
    assert.equal("typed\nA=1\nB=x y\nHOME=/box/work\nLANG=C.UTF-8\nPATH=/usr/local/bin:/usr/bin:/bin\nPWD=/box/work\nTMPDIR=/tmp\n", r.out)
  end)

  boxed("leaves the words behind -- alone", function()
    local r = han "-- printf '%s|' --json -5 --n -3 --help"
    assert.equal("--json|-5|--n|-3|--help|", r.out)
  end)

  case("refuses what makes no sense", function()
    local wrong = {
      { "", "missing argument" }, { "--limits speed=3 -- true", "there is no limit 'speed'" },
      { "--limits time=fast -- true", "time is a number of seconds above 0, got 'fast'" },
      { "--limits procs=2K -- true", "procs is a number of things above 0, got '2K'" },
      { "--limits memory=1K -- true", "memory is from 4194304 to" },
      { "--env A -- true", "'A' is not NAME=VALUE" }, { "--workdir nowhere -- true", "cannot read the folder nowhere" },
      { "--collect x -o nowhere -- true", "nowhere is not a folder" }, { "--sandbox weak -- true", "there is no sandbox level 'weak'; it is strong, landlock or none" },
    }
    for _, one in ipairs(wrong) do
      local r = han(one[1])
      assert.equal(2, r.status, one[1] .. ": " .. r.err)
      assert.is_truthy(r.err:find(one[2], 1, true), r.err)
      assert.equal("", r.out)
    end
  end)

  case("says what the machine lacks", function()
    for _, probe in ipairs { "bubblewrap", "user-namespaces", "uid-drop", "pid-namespaces", "kernel" } do
      local r = han("-- true", { before = "env -u HAN_SANDBOX HAN_PROBE_FAIL=" .. probe })
      assert.equal(78, r.status, r.err)
      assert.matches("^han: no sandbox of level strong here: " .. probe:gsub("%-", "%%-") .. ": [^\n]+; [^\n]+\n$", r.err)
    end
    local r = han("-- true", { before = "env -u HAN_SANDBOX HAN_PROBE_FAIL=proc-mount" })
    assert.equal(78, r.status, r.err)
    assert.matches("^han: no sandbox [^\n]+; [^\n]+\n$", r.err)
  end)
end)
