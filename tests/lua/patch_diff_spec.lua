-- han.patch.diff: diffs that are made apply again; whatever else a diff could mean is refused by name.
-- luacheck: no max line length

local diff = require "han.patch.diff"

local TEXT = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n"
local HEAD = "--- a/m.lua\n+++ b/m.lua\n"

local function code_of(text, change) return (select(3, diff.apply(text, change, "m.lua"))) end

local function hunk(from, to, first)
  return ("@@ -%d +%d @@\n-%s\n+%s\n"):format(first, first, from, to)
end

describe("han.patch.diff", function()
  it("makes the diff that people know", function()
    assert.equal(HEAD .. "@@ -1,5 +1,5 @@\n one\n-two\n+2\n three\n four\n five\n", diff.make(TEXT, TEXT:gsub("two", "2"), "m.lua"))
    assert.equal("", diff.make(TEXT, TEXT, "m.lua"))
    assert.equal(HEAD .. "@@ -0,0 +1 @@\n+x\n", diff.make("", "x\n", "m.lua"))
    assert.equal(HEAD .. "@@ -1 +0,0 @@\n-x\n", diff.make("x\n", "", "m.lua"))
  end)

  it("is understood by the program patch", function()
    local path = os.tmpname()
    finally(function() os.remove(path) os.remove(path .. ".d") end)
    local new = TEXT:gsub("two", "2"):gsub("nine\n", "") .. "eleven\n"
    local function write(name, text) local file = assert(io.open(name, "wb")) file:write(text) file:close() end
    if not os.execute "command -v patch > /dev/null 2>&1" then return pending "the program patch is not here" end
    write(path, TEXT)
    write(path .. ".d", diff.make(TEXT, new, "m.lua"))
    assert.is_true(os.execute(("patch -s -F0 %s < %s.d"):format(path, path)))
    local file = assert(io.open(path, "rb"))
    assert.equal(new, file:read "a")
    file:close()
  end)

  it("applies what it makes, for 400 random pairs of texts", function()
    math.randomseed(7)
    for _ = 1, 400 do
      local function text(from)
        local list = {}
        for line in (from or ""):gmatch "[^\n]*\n" do
          if math.random() < 0.8 then list[#list + 1] = line end
          if math.random() < 0.1 then list[#list + 1] = math.random(9) .. "\n" end
        end
        if not from then for i = 1, math.random(30) do list[i] = math.random(9) .. "\n" end end
        return table.concat(list) .. (from and "end\n" or "end\n")
      end
      local old = text()
      local new = text(old)
      if old ~= new then assert.equal(new, (assert(diff.apply(old, diff.make(old, new, "m"), "m")))) end
    end
  end)

  it("applies to a file without a newline at its end, and leaves it without", function()
    local old, new = "a\nb\nc", "a\nB\nC"
    assert.equal(HEAD .. "@@ -1,3 +1,3 @@\n a\n-b\n-c\n\\ No newline at end of file\n+B\n+C\n\\ No newline at end of file\n", diff.make(old, new, "m.lua"))
    assert.equal(new, diff.apply(old, diff.make(old, new, "m.lua"), "m.lua"))
  end)

  it("applies to a file of CRLF, when the diff has them", function()
    local old = TEXT:gsub("\n", "\r\n")
    local new = old:gsub("two", "2")
    assert.equal(new, diff.apply(old, diff.make(old, new, "m.lua"), "m.lua"))
  end)

  it("takes several hunks, names with and without a/ and a line of git", function()
    local change = "diff --git a/m.lua b/m.lua\nindex 12ab..34cd 100644\n" .. HEAD .. hunk("two", "2", 2) .. hunk("nine", "9", 9)
    assert.equal((TEXT:gsub("two", "2"):gsub("nine", "9")), diff.apply(TEXT, change, "m.lua"))
    assert.equal((TEXT:gsub("two", "2")), diff.apply(TEXT, "--- m.lua\t2026-01-01\n+++ m.lua\n" .. hunk("two", "2", 2), "m.lua"))
  end)

  local refusals = {
    { "another file", "PATH", "--- a/n.lua\n+++ b/n.lua\n" .. hunk("two", "2", 2) },
    { "an absolute path", "PATH", "--- /etc/passwd\n+++ /etc/passwd\n" .. hunk("two", "2", 2) },
    { "a path that climbs", "PATH", "--- a/../m.lua\n+++ b/../m.lua\n" .. hunk("two", "2", 2) },
    { "a path that climbs behind a folder", "PATH", "--- a/x/../m.lua\n+++ b/x/../m.lua\n" .. hunk("two", "2", 2) },
    { "another file on the second line", "PATH", "--- a/m.lua\n+++ b/other.lua\n" .. hunk("two", "2", 2) },
    { "a prefix twice", "PATH", "--- a/a/m.lua\n+++ b/b/m.lua\n" .. hunk("two", "2", 2) },
    { "a quoted name", "PATH", "--- \"a/m.lua\"\n+++ \"b/m.lua\"\n" .. hunk("two", "2", 2) },
    { "a new file", "PATH", "--- /dev/null\n+++ b/m.lua\n@@ -0,0 +1 @@\n+x\n" },
    { "a file that is deleted", "PATH", "--- a/m.lua\n+++ /dev/null\n" .. hunk("two", "2", 2) },
    { "a second file", "PATH", HEAD .. hunk("two", "2", 2) .. "--- a/n.lua\n+++ b/n.lua\n" .. hunk("two", "2", 2) },
    { "a second file of git", "PATH", HEAD .. hunk("two", "2", 2) .. "diff --git a/n b/n\n" },
    { "a rename", "PATH", "diff --git a/m.lua b/n.lua\nrename from m.lua\nrename to n.lua\n" },
    { "a mode", "PATH", "diff --git a/m.lua b/m.lua\nold mode 100644\nnew mode 100755\n" .. HEAD .. hunk("two", "2", 2) },
    { "a deletion by its head", "PATH", "diff --git a/m.lua b/m.lua\ndeleted file mode 100644\n" },
    { "binary", "PATH", "diff --git a/m.lua b/m.lua\nGIT binary patch\n" },
    { "carriage returns", "LINE_ENDS", (HEAD .. hunk("two", "2", 2)):gsub("\n", "\r\n") },
    { "one carriage return", "LINE_ENDS", HEAD .. hunk("two", "2\r", 2) },
    { "a million hunks", "TOO_MANY_HUNKS", HEAD .. ("@@ -1 +1 @@\n-a\n+b\n"):rep(1000000) },
    { "a line of two megabytes", "TOO_LARGE", HEAD .. hunk("two", ("x"):rep(2 << 20), 2) },
    { "no newline at its end", "NO_NEWLINE", (HEAD .. hunk("two", "2", 2)):sub(1, -2) },
    { "the newline at the end of the file taken away", "NO_NEWLINE", HEAD .. "@@ -10 +10 @@\n-ten\n+ten\n\\ No newline at end of file\n" },
    { "the file said to have none", "NO_NEWLINE", HEAD .. "@@ -10 +10 @@\n-ten\n\\ No newline at end of file\n+10\n" },
    { "overlapping hunks", "OVERLAP", HEAD .. "@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n@@ -3,2 +3,2 @@\n three\n-four\n+4\n" },
    { "hunks that go back", "OVERLAP", HEAD .. hunk("nine", "9", 9) .. hunk("two", "2", 2) },
    { "a hunk twice", "OVERLAP", HEAD .. hunk("two", "2", 2):rep(2) },
    { "context that is not there", "CONTEXT", HEAD .. hunk("zwei", "2", 2) },
    { "context one line off", "CONTEXT", HEAD .. hunk("two", "2", 3) },
    { "context with other spaces", "CONTEXT", HEAD .. hunk("two ", "2", 2) },
    { "a hunk behind the end", "CONTEXT", HEAD .. hunk("two", "2", 99) },
    { "an addition behind the end", "CONTEXT", HEAD .. "@@ -50,0 +51 @@\n+x\n" },
    { "a huge line number", "MALFORMED", HEAD .. "@@ -99999999999 +1 @@\n-a\n+b\n" },
    { "a count too high", "MALFORMED", HEAD .. "@@ -2,5 +2,5 @@\n-two\n+2\n" },
    { "a count too low", "MALFORMED", HEAD .. "@@ -2 +2 @@\n-two\n-three\n+2\n" },
    { "another new place", "MALFORMED", HEAD .. "@@ -2 +7 @@\n-two\n+2\n" },
    { "a line without a sign", "MALFORMED", HEAD .. "@@ -2,2 +2,2 @@\n-two\n+2\nthree\n" },
    { "no head", "MALFORMED", hunk("two", "2", 2) },
    { "words before it", "MALFORMED", "Here is the patch:\n" .. HEAD .. hunk("two", "2", 2) },
    { "a fence around it", "MALFORMED", "```diff\n" .. HEAD .. hunk("two", "2", 2) .. "```\n" },
    { "a zero byte", "MALFORMED", HEAD .. hunk("two", "2\0", 2) },
    { "half a head", "MALFORMED", "--- a/m.lua\n" .. hunk("two", "2", 2) },
    { "nothing", "EMPTY", "" },
    { "no hunk", "EMPTY", HEAD },
    { "a hunk of context", "EMPTY", HEAD .. "@@ -2 +2 @@\n two\n" },
    { "a change to the same", "EMPTY", HEAD .. hunk("two", "two", 2) },
  }
  for _, case in ipairs(refusals) do
    it("refuses " .. case[1] .. " as " .. case[2], function()
      local text, why, code = diff.apply(TEXT, case[3], "m.lua")
      assert.is_nil(text)
      assert.equal(case[2], code, why)
      assert.truthy(why:find "^the diff is refused: ")
      assert.truthy(#why < 400)
    end)
  end

  it("refuses a line without CR where the file has them", function()
    local text = TEXT:gsub("\n", "\r\n")
    local change = HEAD .. "@@ -2 +2 @@\n-two\r\n+2\n"
    assert.equal("LINE_ENDS", code_of(text, change))
  end)
end)
