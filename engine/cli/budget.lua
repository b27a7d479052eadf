--- han.cli.budget: the --budget option, "tokens=9000,usd=0.25,shots=4,turns=8,evals=2000,wall=60".
-- Dollars become whole nano-dollars exactly; wall is a deadline in seconds and no channel of the pool.

local shape = require "han.shape"

local M = {}

M.AMOUNT_MAX = 1 << 50 -- the most one channel may hold (tree/budget.h)
local NANO_DIGITS = 9
local NANO = 10 ^ NANO_DIGITS // 1 | 0
local WALL_MAX = 31536000 -- a year

local channels = { tokens = "tokens", usd = "nano_usd", shots = "shots", turns = "turns", evals = "evals" }
local words = { "evals", "shots", "tokens", "turns", "usd", "wall" }

local function whole(text)
  if not text:find("^%d+$") then return nil, "a whole number from 0" end
  local digits = text:gsub("^0+", "")
  local value = #digits <= 16 and math.tointeger(tonumber("0" .. digits)) or nil
  if not value or value > M.AMOUNT_MAX then return nil, ("at most %d"):format(M.AMOUNT_MAX) end
  return value
end

local function nano_dollars(text)
  local units, fraction = text:match("^(%d+)%.?(%d*)$")
  if not units then units, fraction = "0", text:match("^%.(%d+)$") end
  if not fraction then return nil, "an amount in dollars such as 0.25" end
  fraction = fraction:gsub("0+$", "")
  if #fraction > NANO_DIGITS then return nil, "no finer than 0.000000001" end
  local value = whole(units .. fraction .. ("0"):rep(NANO_DIGITS - #fraction))
  if not value then return nil, ("at most %d"):format(M.AMOUNT_MAX // NANO) end
  return value
end

local function seconds(text)
  local value = text:find("^%d+%.?%d*$") and tonumber(text) or text:find("^%.%d+$") and tonumber(text)
  if not value then return nil, "a number of seconds" end
  if value <= 0 or value > WALL_MAX then return nil, ("more than 0 and at most %d seconds"):format(WALL_MAX) end
  return value
end

local function read(word, text)
  if text:find("^%-") then return nil, "not negative" end
  if word == "wall" then return seconds(text) end
  if word == "usd" then return nano_dollars(text) end
  return whole(text)
end

--- { channel = integer, ... }, wall in seconds or nil; or nil, message, "INVALID".
function M.parse(text)
  local budget, wall, seen = {}, nil, {}
  for part in (text .. ","):gmatch("([^,]*),") do
    local word, given = part:match("^%s*([%w_]+)%s*=%s*(%S+)%s*$")
    if not word then
      return nil, ("--budget: '%s' is not CHANNEL=NUMBER, as in shots=4,evals=2000"):format(part), "INVALID"
    end
    if word ~= "wall" and not channels[word] then
      return nil, ("--budget: there is no channel '%s'%s"):format(word, shape.hint(word, words)), "INVALID"
    end
    if seen[word] then return nil, ("--budget: %s is given twice; give it once"):format(word), "INVALID" end
    seen[word] = true
    local value, want = read(word, given)
    if not value then return nil, ("--budget: %s must be %s, got '%s'"):format(word, want, given), "INVALID" end
    if word == "shots" and value == 0 then
      return nil, "--budget: shots=0 lets nothing start; give at least 1, or leave shots out", "INVALID"
    end
    if word == "wall" then wall = value else budget[channels[word]] = value end
  end
  return budget, wall
end

local order = { "shots", "evals", "tokens", "turns", "nano_usd" }

--- "$0.25" for nano-dollars, without zeros that say nothing.
function M.dollars(nano)
  local text = ("%d.%09d"):format(nano // NANO, nano % NANO)
  return "$" .. text:gsub("0+$", ""):gsub("%.$", ""):gsub("^(%d+)%.(%d)$", "%1.%20")
end

--- "4 shots, 2000 evals" for an amount; "nothing" when it is empty.
function M.words(amount)
  local parts, done = {}, {}
  local function add(channel)
    local n = amount[channel]
    if n == nil or done[channel] then return end
    done[channel] = true
    parts[#parts + 1] = channel == "nano_usd" and M.dollars(n)
      or ("%d %s"):format(n, n == 1 and channel:gsub("s$", "") or channel)
  end
  for _, channel in ipairs(order) do add(channel) end
  local others = {}
  for channel in pairs(amount) do others[#others + 1] = channel end
  table.sort(others)
  for _, channel in ipairs(others) do add(channel) end
  return #parts > 0 and table.concat(parts, ", ") or "nothing"
end

--- The channels of an amount in the order in which they are printed.
function M.channels(amount)
  local list = {}
  for _, channel in ipairs(order) do
    if amount[channel] ~= nil then list[#list + 1] = channel end
  end
  return list
end

return M
