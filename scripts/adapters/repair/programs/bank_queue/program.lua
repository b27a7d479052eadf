-- A bank in the morning: customers with arrival times, service times and patience, and a few tellers.
local M = {}

-- "9:05" -> minutes since midnight.
function M.minutes(text)
  local hours, minutes = text:match("^(%d%d?):(%d%d)$")
  hours, minutes = tonumber(hours), tonumber(minutes)
  if not hours or hours > 23 or minutes > 59 then
    error("not a time: " .. text, 0)
  end
  return math.tointeger(hours * 60 + minutes)
end

-- "Ann 9:05 4 vip" -> { name, at, need, vip }; lines that are empty give nothing.
function M.read(lines)
  local list = {}
  for number, line in ipairs(lines) do
    if line:find("%S") then
      local name, at, need, tail = line:match("^(%a+) (%S+) (%d+)(.*)$")
      if not name then
        error("line " .. number .. " is malformed", 0)
      end
      local customer = { name = name, at = M.minutes(at), need = math.tointeger(tonumber(need)), vip = tail == " vip" }
      if customer.need == 0 then
        error(name .. " needs nothing", 0)
      end
      list[#list + 1] = customer
    end
  end
  return list
end

-- Who is next: among those waiting at `now`, important ones first, then who came first, then by order.
function M.next_index(waiting, now)
  local best
  for i, customer in ipairs(waiting) do
    if customer.at <= now then
      local chosen = waiting[best]
      if not chosen then
        best = i
      elseif customer.vip ~= chosen.vip then
        if customer.vip then
          best = i
        end
      elseif customer.at < chosen.at then
        best = i
      end
    end
  end
  return best
end

-- Serves everybody; rows { name, teller, start, stop, wait } in order of start. Who waited longer than
-- `patience` when it is their turn has left, and counts as lost.
function M.serve(customers, tellers, patience)
  if tellers < 1 then
    error("no teller", 0)
  end
  local waiting = table.move(customers, 1, #customers, 1, {})
  local free, rows, lost = {}, {}, {}
  for teller = 1, tellers do
    free[teller] = 0
  end
  while #waiting > 0 do
    local teller = 1
    for other = 2, tellers do
      if free[other] < free[teller] then
        teller = other
      end
    end
    local earliest = math.huge
    for _, customer in ipairs(waiting) do
      earliest = math.min(earliest, customer.at)
    end
    local now = math.max(free[teller], earliest)
    local customer = table.remove(waiting, M.next_index(waiting, now))
    local wait = now - customer.at
    if wait > patience then
      lost[#lost + 1] = customer.name
    else
      local stop = now + customer.need
      rows[#rows + 1] = { name = customer.name, teller = teller, start = now, stop = stop, wait = wait }
      free[teller] = stop
    end
  end
  return rows, lost
end

-- Longest queue: how many wait at once at most (who is being served does not wait).
function M.longest_queue(rows)
  local most = 0
  for _, row in ipairs(rows) do
    local at = row.start - row.wait
    local n = 0
    for _, other in ipairs(rows) do
      local came = other.start - other.wait
      if came <= at and other.start > at then
        n = n + 1
      end
    end
    most = math.max(most, n)
  end
  return most
end

-- Share of time each teller works between the first start and the last stop, in whole percent.
function M.load(rows, tellers)
  local from, to, busy = math.huge, 0, {}
  for teller = 1, tellers do
    busy[teller] = 0
  end
  for _, row in ipairs(rows) do
    from = math.min(from, row.start)
    to = math.max(to, row.stop)
    busy[row.teller] = busy[row.teller] + row.stop - row.start
  end
  for teller = 1, tellers do
    if #rows > 0 then
      busy[teller] = busy[teller] * 100 // (to - from)
    end
  end
  return busy
end

function M.morning(lines, tellers, patience)
  local customers = M.read(lines)
  local rows, lost = M.serve(customers, tellers, patience)
  local total, longest = 0, 0
  for _, row in ipairs(rows) do
    total = total + row.wait
    if row.wait > longest then
      longest = row.wait
    end
  end
  local mean = 0
  if #rows > 0 then
    mean = (total * 10 + #rows // 2) // #rows
  end
  return {
    served = #rows,
    lost = table.concat(lost, ","),
    mean_wait_tenths = mean,
    longest_wait = longest,
    queue = M.longest_queue(rows),
    load = M.load(rows, tellers),
  }
end

return M
