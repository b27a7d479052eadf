-- A vending machine: prices and stock, coins in and change out from a till, and a log of what happened.
local M = {}

local COINS = { 200, 100, 50, 20, 10, 5 }

-- Coins that make up an amount out of a till (coin -> count), large ones first, with a way back where that
-- gets stuck; nil when it cannot be done.
function M.change(amount, till)
  local used = {}
  local function fill(left, place)
    if left == 0 then
      return true
    end
    local coin = COINS[place]
    if not coin then
      return false
    end
    for count = math.min(left // coin, till[coin] or 0), 0, -1 do
      used[coin] = count > 0 and count or nil
      if fill(left - count * coin, place + 1) then
        return true
      end
    end
    used[coin] = nil
    return false
  end
  if fill(amount, 1) then
    return used
  end
  return nil
end

function M.value(coins)
  local sum = 0
  for coin, count in pairs(coins) do
    sum = sum + coin * count
  end
  return sum
end

-- A machine that stands idle. shelves: code -> { name, price, count }.
function M.start(shelves, till)
  for code, shelf in pairs(shelves) do
    if shelf.price <= 0 or shelf.price % 5 ~= 0 then
      error("price of " .. code .. " cannot be paid", 0)
    end
  end
  return { shelves = shelves, till = till, inside = {}, state = "idle" }
end

-- Takes a coin, or hands back one it does not know; more than 500 may not lie inside.
function M.insert(machine, coin)
  local known = false
  for _, value in ipairs(COINS) do
    known = known or value == coin
  end
  if not known then
    return "refused " .. coin
  end
  if M.value(machine.inside) + coin > 500 then
    return "full"
  end
  machine.inside[coin] = (machine.inside[coin] or 0) + 1
  machine.state = "paid"
  return "credit " .. M.value(machine.inside)
end

-- Gives back the very coins that were put in.
function M.cancel(machine)
  local sum = M.value(machine.inside)
  machine.inside, machine.state = {}, "idle"
  return sum > 0 and "returned " .. sum or "nothing inside"
end

-- Sells one piece: only when it is there, paid for, and the change can be given (the coins inside count for it).
function M.choose(machine, code)
  local shelf = machine.shelves[code]
  if not shelf then
    return "no shelf " .. code
  elseif shelf.count == 0 then
    return shelf.name .. " is sold out"
  end
  local credit = M.value(machine.inside)
  if credit < shelf.price then
    return shelf.price - credit .. " to pay"
  end
  local pool = {}
  for _, coin in ipairs(COINS) do
    local count = (machine.till[coin] or 0) + (machine.inside[coin] or 0)
    pool[coin] = count > 0 and count or nil
  end
  local back = M.change(credit - shelf.price, pool)
  if not back then
    return "no change"
  end
  for coin, count in pairs(back) do
    pool[coin] = pool[coin] > count and pool[coin] - count or nil
  end
  shelf.count = shelf.count - 1
  machine.till, machine.inside, machine.state = pool, {}, "idle"
  local text = shelf.name
  for _, coin in ipairs(COINS) do
    if back[coin] then
      text = text .. " " .. back[coin] .. "x" .. coin
    end
  end
  return text
end

-- Runs commands: a coin's number, "cancel", or a shelf's code. What it said, the till's worth, and what is left.
function M.run(shelves, till, commands)
  local machine = M.start(shelves, till)
  local said, left = {}, {}
  for i, command in ipairs(commands) do
    if type(command) == "number" then
      said[i] = M.insert(machine, command)
    elseif command == "cancel" then
      said[i] = M.cancel(machine)
    else
      said[i] = M.choose(machine, command)
    end
  end
  for code, shelf in pairs(machine.shelves) do
    left[code] = shelf.count
  end
  return said, M.value(machine.till), left, machine.state
end

return M
