-- Writes engine/lua/model/snapshot.lua, the prices that han knows by itself, from litellm's public table: text models
-- of the makers that han speaks to, nothing else.
-- Usage: lua5.4 tools/price_snapshot.lua TABLE.json DATE SOURCE COMMIT > FILE
local json = require "dkjson"

local path, date, source, commit = table.unpack(arg)
if not commit then error("usage: price_snapshot.lua TABLE.json DATE SOURCE COMMIT", 0) end

local MAKERS = { openai = true, anthropic = true }
local MODES = { chat = true, responses = true }
-- paid for by something else than tokens of text, too
local OTHER = { "audio", "realtime", "search", "deep%-research", "image", "transcribe", "tts", "^ft:", "/" }

local function pico(dollars) return dollars and math.floor(dollars * 1e12 + 0.5) end

local function is_other(name)
  for _, pattern in ipairs(OTHER) do
    if name:find(pattern) then return true end
  end
  return false
end

local function prices(entry, suffix)
  local input, output = pico(entry["input_cost_per_token" .. suffix]), pico(entry["output_cost_per_token" .. suffix])
  if not input or not output or input == 0 then return nil end
  return { input, output, pico(entry["cache_read_input_token_cost" .. suffix]) or input,
    pico(entry["cache_creation_input_token_cost" .. suffix]) or input }
end

local file = assert(io.open(path))
local document = assert(json.decode(file:read("a")))
file:close()
local names = {}
for name, entry in pairs(document) do
  if type(entry) == "table" and MAKERS[entry.litellm_provider] and MODES[entry.mode] and not is_other(name)
    and prices(entry, "") then
    names[#names + 1] = name
  end
end
table.sort(names)

print(([[
-- han.model.snapshot: what models cost by a public table, as of a day: those of openai and anthropic that are paid for
-- by tokens of text. Prices change; a table of the user's (han prices import) comes before this one. Written by
-- tools/price_snapshot.lua: in, out, cache read, cache write, in pico-dollars a token; `long` has models that cost more
-- where a prompt is longer than the first number says.

return {
  date = %q,
  source = %q,
  commit = %q,
  rows = {]]):format(date, source, commit))
local long = {}
for _, name in ipairs(names) do
  local entry = document[name]
  local row = prices(entry, "")
  for _, thousand in ipairs { 200, 272 } do
    local tier = prices(entry, ("_above_%dk_tokens"):format(thousand))
    if tier then
      long[#long + 1] = ("    [%q] = { %d, %s },"):format(entry.litellm_provider .. "/" .. name, thousand * 1000,
        table.concat(tier, ", "))
      break
    end
  end
  print(("    [%q] = { %s },"):format(entry.litellm_provider .. "/" .. name, table.concat(row, ", ")))
end
print("  },\n  long = {\n" .. table.concat(long, "\n") .. "\n  },\n}")
