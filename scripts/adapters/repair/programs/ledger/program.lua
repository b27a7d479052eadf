-- Double-entry bookkeeping in cents: amounts, entries, balances and a statement.
local M = {}

-- "12.34", "-0.5", "1,234" -> cents.
function M.parse_amount(text)
  local sign, whole, fraction = text:match("^(%-?)([%d,]+)%.?(%d*)$")
  if not whole or #fraction > 2 then
    error("bad amount: " .. text, 0)
  end
  local digits = whole:gsub(",", "")
  if digits == "" then
    error("bad amount: " .. text, 0)
  end
  local cents = math.tointeger(tonumber(digits)) * 100
  if #fraction == 1 then
    cents = cents + tonumber(fraction) * 10
  elseif #fraction == 2 then
    cents = cents + tonumber(fraction)
  end
  if sign == "-" then
    cents = -cents
  end
  return cents
end

function M.format_amount(cents)
  local sign = ""
  if cents < 0 then
    sign, cents = "-", -cents
  end
  local whole = tostring(cents // 100)
  local groups = {}
  while #whole > 3 do
    table.insert(groups, 1, whole:sub(-3))
    whole = whole:sub(1, -4)
  end
  table.insert(groups, 1, whole)
  return sign .. table.concat(groups, ",") .. string.format(".%02d", cents % 100)
end

-- An entry is { memo=, lines = { { account=, amount= }, ... } } with amounts in cents.
function M.check_entry(entry)
  if type(entry.memo) ~= "string" or entry.memo == "" then
    error("entry without memo", 0)
  end
  if #entry.lines < 2 then
    error(entry.memo .. ": needs two lines", 0)
  end
  local sum = 0
  for index, line in ipairs(entry.lines) do
    if not line.account then
      error(entry.memo .. ": line " .. index .. " has no account", 0)
    end
    if line.amount == 0 then
      error(entry.memo .. ": line " .. index .. " is zero", 0)
    end
    sum = sum + line.amount
  end
  if sum ~= 0 then
    error(entry.memo .. ": off by " .. sum, 0)
  end
  return #entry.lines
end

function M.post(balances, entry)
  local result = {}
  for account, amount in pairs(balances) do
    result[account] = amount
  end
  for _, line in ipairs(entry.lines) do
    local before = result[line.account] or 0
    local after = before + line.amount
    if after == 0 then
      result[line.account] = nil
    else
      result[line.account] = after
    end
  end
  return result
end

-- Sums balances below each prefix: "cash:bank" also counts for "cash".
function M.roll_up(balances)
  local totals = {}
  for account, amount in pairs(balances) do
    local prefix = ""
    for part in account:gmatch("[^:]+") do
      if prefix ~= "" then
        prefix = prefix .. ":"
      end
      prefix = prefix .. part
      totals[prefix] = (totals[prefix] or 0) + amount
    end
  end
  return totals
end

-- Rows of text, by account, amounts right-aligned; negative totals carry a trailing marker.
function M.statement(totals)
  local accounts, widest = {}, 0
  for account in pairs(totals) do
    accounts[#accounts + 1] = account
    widest = math.max(widest, #account)
  end
  table.sort(accounts)
  local rows = {}
  for _, account in ipairs(accounts) do
    local amount = M.format_amount(math.abs(totals[account]))
    local marker = totals[account] < 0 and " Cr" or " Dr"
    local padding = widest - #account + math.max(0, 10 - #amount) + 1
    rows[#rows + 1] = account .. (" "):rep(padding) .. amount .. marker
  end
  return rows
end

-- Text lines `memo; account amount; account amount` to the statement of all of them.
function M.book(texts)
  local balances = {}
  for _, text in ipairs(texts) do
    local entry
    for part in text:gmatch("[^;]+") do
      part = part:match("^%s*(.-)%s*$")
      if not entry then
        entry = { memo = part, lines = {} }
      else
        local account, amount = part:match("^(%S+)%s+(%S+)$")
        if not account then
          error(entry.memo .. ": bad line '" .. part .. "'", 0)
        end
        entry.lines[#entry.lines + 1] = { account = account, amount = M.parse_amount(amount) }
      end
    end
    M.check_entry(entry)
    balances = M.post(balances, entry)
  end
  return M.statement(M.roll_up(balances))
end

return M
