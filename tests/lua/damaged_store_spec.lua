-- Stores that are damaged, cut off, newer, not ours, read-only, or on a full disk: every command says so by its exit
-- status, and leaves the file byte for byte as it was; han doctor --db says what can be saved.
-- luacheck: no max line length

local cli = dofile "tests/lua/support/cli.lua"
local fakes = dofile "tests/lua/support/fakes.lua"

local dkjson = require "dkjson"

local case = cli.needs_program(it, pending)

local repair = "HAN_PATH=" .. fakes.quote(fakes.shell("pwd"):gsub("\n", "") .. "/scripts")

-- A store with a bench and a journaled run, made once.
local whole
local script = [[
local t, s = ...
for i = 1, 40 do s:spawn(function(n) return ("x"):rep(400 + n) end, i) end
for _ in s:each() do end
return "end"
]]

local function make_whole(han, folder)
  if whole then return whole end
  assert.equal(0, han("bench repair --arms sample --n 2 --seed 1 --quiet --db whole.db", { before = repair }).status)
  assert.equal(0, han("script t.lua --run t --db whole.db").status)
  whole = fakes.sys.read_file(folder .. "/whole.db")
  return whole
end

local function damaged(text, at, bytes) return text:sub(1, at) .. bytes .. text:sub(at + #bytes + 1) end

-- Bytes 61 to 64 are the schema's number, 69 to 72 say whose the file is (sqlite.org/fileformat2.html, 1.3).
local spoilt = {
  { "cut off", function(text) return text:sub(1, #text // 2) end, "CORRUPT" },
  { "cut off in its header", function(text) return text:sub(1, 60) end, "CORRUPT" },
  { "one byte", function() return "x" end, "CORRUPT" },
  { "a text", function() return ("I am no database. "):rep(100) end, "CORRUPT" },
  { "noise for a header", function(text) return damaged(text, 16, ("\xa5"):rep(60)) end, "CORRUPT" },
  { "a newer schema", function(text) return damaged(text, 60, "\0\0\0\99") end, "CORRUPT", "newer han" },
  { "another program's", function(text) return damaged(text, 68, "\0\0\0\5") end, "CORRUPT", "another program" },
}

local reading = { "resume --last", "show --last", "corpus stats", "corpus query 'SELECT count(*) FROM cell'",
  "compare sample sample", "report --last -o page.html" }
local writing = { "script t.lua", "bench repair --arms sample --n 2 --seed 2 --quiet" }

-- All of the list in the long form; else two, in turns.
local turn = 0
local function some(list)
  if os.getenv "HAN_FULL" then return list end
  turn = turn + 1
  return { list[turn % #list + 1], list[(turn + #list // 2) % #list + 1] }
end

describe("a store that is not as it should be", function()
  local folder, remove

  before_each(function()
    folder, remove = fakes.folder()
    assert(fakes.sys.write_file(folder .. "/t.lua", script))
  end)
  after_each(function() remove() end)

  local function han(words, options) return cli.run(folder, words, options) end

  -- Runs the command on bad.db; its exit status, and that the file stayed what it was.
  local function untouched(words, bytes)
    local r = han(words .. " --db bad.db", { before = repair })
    assert.equal(bytes, fakes.sys.read_file(folder .. "/bad.db"))
    for _, suffix in ipairs { "-wal", "-shm", "-journal" } do
      assert.is_nil(io.open(folder .. "/bad.db" .. suffix), words)
    end
    return r
  end

  case("is refused by every command, and stays what it was", function()
    make_whole(han, folder)
    for _, one in ipairs(spoilt) do
      local bytes = one[2](whole)
      assert(fakes.sys.write_file(folder .. "/bad.db", bytes))
      for _, list in ipairs { reading, writing } do
        for _, words in ipairs(some(list)) do
          local r = untouched(words, bytes)
          assert.equal(65, r.status, one[1] .. ": " .. words .. ": " .. r.err)
          assert.matches(one[4] or "bad%.db", r.err)
        end
      end
      local r = untouched("show --last --json", bytes)
      assert.equal(one[3], dkjson.decode(r.out).error.code)
    end
  end)

  case("is looked at by han doctor", function()
    make_whole(han, folder)
    assert(fakes.sys.write_file(folder .. "/bad.db", whole))
    local r = untouched("doctor", whole)
    assert.equal(0, r.status, r.out)
    assert.matches("\nwhole\n$", r.out)
    local object = dkjson.decode(untouched("doctor --json", whole).out)
    assert.is_true(object.ok)
    assert.same({ count = 2, whole = 2 }, object.runs)
    assert.same({ count = 5, whole = 5 }, object.journals) -- two tasks with two arms, and the script's
    for _, one in ipairs(spoilt) do
      local bytes = one[2](whole)
      assert(fakes.sys.write_file(folder .. "/bad.db", bytes))
      r = untouched("doctor", bytes)
      assert.equal(65, r.status, one[1] .. r.out)
      assert.matches("CORRUPT: ", r.out)
      assert.matches(one[4] or "", r.out)
    end
    assert.equal(2, han("doctor --db none.db").status)
  end)

  case("gives what can be read to a new one", function()
    make_whole(han, folder)
    local page, bytes = 8192, nil
    assert(fakes.sys.write_file(folder .. "/whole.db", whole))
    local contents = dkjson.decode(han("doctor --db whole.db --json").out).contents.whole
    for at = #whole // page - 2, 10, -1 do -- a page of contents: not one that everything hangs on
      bytes = damaged(whole, at * page, ("\xa5"):rep(page))
      assert(fakes.sys.write_file(folder .. "/bad.db", bytes))
      local object = dkjson.decode(untouched("doctor --json", bytes).out)
      assert.is_false(object.ok)
      -- contents of the bench are lost, the script's run is whole
      if object.runs.count == 2 and object.runs.whole == 1 and object.contents.whole < contents
        and han("show t --db bad.db").status == 0 then break end
    end
    for _, words in ipairs(writing) do
      local r = untouched(words, bytes)
      assert.equal(65, r.status)
      assert.matches("bad.db is damaged and was left as it is %(", r.err)
    end
    local r = untouched("doctor --save new.db", bytes)
    assert.equal(65, r.status)
    assert.matches("what can be read was written to new.db", r.out)
    assert.equal(2, untouched("doctor --save new.db", bytes).status)
    assert.equal(0, han("show --last --db new.db").status)
    local shown = 0
    for _, row in ipairs(dkjson.decode(han("corpus query 'SELECT bench_id AS run, cell FROM cell' --json --db new.db").out).rows) do
      r = han(("show %s %s --json --db new.db"):format(row.run, row.cell))
      local lost = dkjson.decode(r.out).lost
      assert.equal(lost and 65 or 0, r.status)
      assert.equal(lost ~= nil, r.err:find("contents are lost, shown is what is there", 1, true) ~= nil)
      if lost then shown = shown + 1 end
    end
    assert.is_true(shown > 0)
    assert.equal(0, han("script t.lua --db new.db").status)
    local object = dkjson.decode(han("doctor --db new.db --json").out)
    assert.same({}, object.complaints)
    assert.equal(3, object.runs.count)
  end)

  case("may be empty, a folder, or not there", function()
    assert(fakes.sys.write_file(folder .. "/bad.db", ""))
    for _, words in ipairs(some(reading)) do assert.equal(2, untouched(words, "").status, words) end
    assert.equal(65, untouched("doctor", "").status)
    assert.equal(0, han("script t.lua --db bad.db").status) -- an empty file is a new store
    os.execute("mkdir " .. fakes.quote(folder .. "/dir.db"))
    for _, list in ipairs { reading, writing, { "doctor" } } do
      for _, words in ipairs(some(list)) do
        local r = han(words .. " --db dir.db", { before = repair })
        assert.equal(78, r.status, words)
        assert.matches("dir%.db", r.err)
      end
    end
  end)

  -- Only root may mount, or who may have a user namespace; a file of another user's is made read-only by its mode.
  local is_root = fakes.shell("id -u") == "0\n" and fakes.shell("unshare -m true 2>&1") == ""
  local mounting = is_root and "unshare -m" or fakes.shell("unshare -rm true 2>&1") == "" and "unshare -rm"

  -- Runs shell words in a folder of their own file system: `disk` below the test's folder, of so many kB.
  local function on_disk(kilobytes, words)
    local text = ("cd %s && mkdir -p disk && mount -t tmpfs -o size=%dk none disk && HAN=%s && %s"):format(
      fakes.quote(folder), kilobytes, cli.han, words)
    local _, _, status = os.execute(("%s %s sh -c %s > %s/out 2> %s/err"):format(repair, mounting, fakes.quote(text),
      fakes.quote(folder), fakes.quote(folder)))
    return { status = status, out = fakes.sys.read_file(folder .. "/out"), err = fakes.sys.read_file(folder .. "/err") }
  end

  case("may be read-only", function()
    make_whole(han, folder)
    local r
    for _, words in ipairs(writing) do
      if is_root then
        assert(fakes.sys.write_file(folder .. "/ro.db", whole))
        r = on_disk(4000, ("cp ro.db disk/ro.db && mount -o remount,ro disk && { timeout 60 $HAN %s --db disk/ro.db; s=$?; } && cmp ro.db disk/ro.db && exit $s; s=$?; cmp ro.db disk/ro.db || exit 99; exit $s"):format(words))
      else
        os.remove(folder .. "/ro.db")
        assert(fakes.sys.write_file(folder .. "/ro.db", whole))
        os.execute("chmod 444 " .. fakes.quote(folder .. "/ro.db"))
        r = han(words .. " --db ro.db", { before = repair })
      end
      assert.equal(78, r.status, words .. r.err)
      assert.matches("ro%.db.*check .*permissions", r.err)
    end
  end)

  case("may stand on a full disk: what was stored stays whole, and the command says so", function()
    if not mounting then return pending("a full disk takes root or a user namespace, to mount one") end
    assert(fakes.sys.write_file(folder .. "/big.lua", [[
local t, s = ...
for i = 1, 400 do s:spawn(function(n, scope) return scope:random() .. ("x"):rep(n) .. n end, i) end
local out = {}
for child in s:each() do out[#out + 1] = child.out end
local noise = {}
for i = 1, 60000 do noise[i] = string.char(s:random(32, 126)) end
s:spawn(function(n) return n end, table.concat(noise)) s:next()
return #out
]]))
    local stopped = 0
    for kilobytes = 150, 700, os.getenv "HAN_FULL" and 25 or 150 do
      local r = on_disk(kilobytes, "$HAN script big.lua --run b --db disk/f.db; s=$?; [ -s disk/f.db ] || exit $s; $HAN doctor --db disk/f.db > doc 2>&1 || grep -q 'it is empty' doc || { cat doc >&2; exit 99; }; exit $s")
      assert.is_true(r.status == 0 or r.status == 78, kilobytes .. " kB: " .. tostring(r.status) .. r.err)
      if r.status == 78 then
        stopped = stopped + 1
        assert.matches("disk/f%.db: .* failed: .*free some space, or use another %-%-db FILE", r.err)
      end
    end
    assert.is_true(stopped > 1, stopped)
  end)
end)
