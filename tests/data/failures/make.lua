-- Makes the corpus of failures: every program with every fault of its own is run under each tool of its language, and
-- what the tool printed is kept, as it is. The labels are those of the faults, which were written first.
--
--   lua5.4 tests/data/failures/make.lua [FOLDER]      from the root of the repository; writes seen.jsonl, sealed.jsonl
--
-- Needs busted (under lua5.4), lua5.4, python3 and pytest of Debian 12, whose words the outputs are. One line for each failure:
--   id, lang, tool, class, owner (function with the fault, absent when there is none), status (of the command; 124: it
--   was ended after its time), output. `artifact(id)` of corpus.lua gives the program that it came from. A fault that no
--   test sees, or that ends in no failure, is not kept.
local dkjson = require "dkjson"
local corpus = dofile "tests/data/failures/corpus.lua"

local out = arg[1] or "tests/data/failures"
local folder = os.tmpname()
os.remove(folder)

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "a"
  file:close()
  return text
end

local commands = {
  busted = "busted --lua=/usr/bin/lua5.4 -o plainTerminal -p . tests.lua",
  lua = "lua5.4 tests.lua",
  pytest = "/usr/bin/python3 -I -B -c 'import sys; sys.path.insert(0, \".\"); import pytest; sys.exit(pytest.main([\"-q\", \"--color=no\", "
    .. "\"-p\", \"no:cacheprovider\", \"tests.py\"]))'",
  python = "/usr/bin/python3 -B tests.py",
}

local function run(one)
  os.execute(("rm -rf %s && mkdir -p %s"):format(folder, folder))
  local suffix = one.lang == "lua" and ".lua" or ".py"
  write(folder .. "/" .. one.program .. suffix, one.artifact)
  write(folder .. "/tests" .. suffix, one.tests)
  local command = ("cd %s && (ulimit -v 4000000; timeout 10 %s) > out 2>&1"):format(folder, commands[one.tool])
  local _, _, status = os.execute(command)
  local text = read(folder .. "/out")
  return status, (text:gsub(folder:gsub("%p", "%%%0"), "/box"))
end

for _, one in ipairs(corpus.whole_runs()) do
  local status, text = run(one)
  assert(status == 0, one.id .. ": a program without a fault fails:\n" .. text)
end

local files, kept, dropped = { seen = {}, sealed = {} }, 0, {}
for _, one in ipairs(corpus.all()) do
  local status, text = run(one)
  if status == 0 then
    dropped[#dropped + 1] = one.id
  else
    kept = kept + 1
    local list = files[one.sealed and "sealed" or "seen"]
    list[#list + 1] = dkjson.encode({ id = one.id, lang = one.lang, tool = one.tool, class = one.class, owner = one.owner,
      status = status, output = text }, { keyorder = { "id", "lang", "tool", "class", "owner", "status", "output" } })
  end
end
for name, list in pairs(files) do write(("%s/%s.jsonl"):format(out, name), table.concat(list, "\n") .. "\n") end
os.execute("rm -rf " .. folder)
print(("%d failures, %d seen, %d sealed; %d faults that no test sees: %s"):format(kept, #files.seen, #files.sealed, #dropped,
  table.concat(dropped, " ")))
