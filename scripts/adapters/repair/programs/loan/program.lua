-- Loans in whole cents: interest by the month, the level rate, a plan of payments, extra payments, and early
-- settlement.
local M = {}

-- Interest of a month on a balance at a yearly rate in hundredths of a percent, rounded half up.
function M.interest(balance, rate)
  if rate < 0 then
    error("negative rate", 0)
  end
  return (balance * rate + 60000) // 120000
end

-- What is left after some months of a level payment; stops at nothing.
function M.remaining(balance, rate, payment, months)
  for _ = 1, months do
    balance = balance + M.interest(balance, rate) - payment
    if balance <= 0 then
      return 0
    end
  end
  return balance
end

-- The least level payment that pays a loan off within some months.
function M.payment(balance, rate, months)
  if months < 1 then
    error("no months to pay in", 0)
  end
  local low, high = 0, balance + M.interest(balance, rate)
  while low < high do
    local middle = (low + high) // 2
    if M.remaining(balance, rate, middle, months) == 0 then
      high = middle
    else
      low = middle + 1
    end
  end
  return low
end

-- Rows { month, payment, interest, repaid, balance }; the last payment is what was left. extra: month -> more paid.
function M.plan(balance, rate, payment, extra)
  local rows = {}
  while balance > 0 do
    local month = #rows + 1
    local due = M.interest(balance, rate)
    local paid = payment + (extra[month] or 0)
    if payment <= due then
      error("payment of " .. payment .. " does not cover interest of " .. due, 0)
    end
    if paid > balance + due then
      paid = balance + due
    end
    balance = balance + due - paid
    rows[month] = { month = month, payment = paid, interest = due, repaid = paid - due, balance = balance }
  end
  return rows
end

-- Sums of a plan by year: interest and repayment, and what is owed at the end of it.
function M.by_year(rows)
  local years = {}
  for _, row in ipairs(rows) do
    local index = (row.month + 11) // 12
    local year = years[index]
    if not year then
      year = { year = index, interest = 0, repaid = 0 }
      years[index] = year
    end
    year.interest = year.interest + row.interest
    year.repaid = year.repaid + row.repaid
    year.owed = row.balance
  end
  return years
end

-- What it takes to settle after a month of a plan: the balance, and a fee of so many hundredths of a percent on it,
-- but never more than the interest still to come.
function M.settle(rows, month, fee)
  local row = rows[month]
  if not row then
    error("no month " .. month, 0)
  end
  local to_come = 0
  for later = month + 1, #rows do
    to_come = to_come + rows[later].interest
  end
  local charge = (row.balance * fee + 5000) // 10000
  if charge > to_come then
    charge = to_come
  end
  return row.balance + charge, to_come - charge
end

-- Compares two offers { rate=, months=, fee= } (fee in cents, paid at once) for a loan: costs of each, and which is
-- better.
function M.compare(balance, offers)
  if balance <= 0 then
    error("nothing to borrow", 0)
  end
  local best, costs = nil, {}
  for i, offer in ipairs(offers) do
    local payment = M.payment(balance, offer.rate, offer.months)
    local cost = offer.fee or 0
    for _, year in ipairs(M.by_year(M.plan(balance, offer.rate, payment, {}))) do
      cost = cost + year.interest
    end
    costs[i] = { payment = payment, cost = cost }
    if not best or cost < costs[best].cost or (cost == costs[best].cost and payment < costs[best].payment) then
      best = i
    end
  end
  return best, costs
end

return M
