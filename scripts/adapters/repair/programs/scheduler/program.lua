-- Jobs with durations, priorities and prerequisites on a few identical machines.
local M = {}

-- jobs: list of { id=, time=, rank=, needs={ids} }. Returns id -> job, or an error for a bad list.
function M.index(jobs)
  local by_id = {}
  for _, job in ipairs(jobs) do
    if by_id[job.id] then
      error("job " .. job.id .. " twice", 0)
    end
    if job.time <= 0 then
      error("job " .. job.id .. " takes no time", 0)
    end
    by_id[job.id] = job
  end
  for _, job in ipairs(jobs) do
    for _, need in ipairs(job.needs) do
      if not by_id[need] then
        error("job " .. job.id .. " needs unknown " .. need, 0)
      end
    end
  end
  return by_id
end

-- Jobs whose prerequisites are all done and which are neither done nor running, best rank first.
function M.ready(jobs, done, running)
  local list = {}
  for _, job in ipairs(jobs) do
    if not done[job.id] and not running[job.id] then
      local waiting = false
      for _, need in ipairs(job.needs) do
        if not done[need] then
          waiting = true
          break
        end
      end
      if not waiting then
        list[#list + 1] = job.id
      end
    end
  end
  local rank = {}
  for _, job in ipairs(jobs) do
    rank[job.id] = job.rank
  end
  table.sort(list, function(a, b)
    if rank[a] ~= rank[b] then
      return rank[a] > rank[b]
    end
    return a < b
  end)
  return list
end

-- Earliest finish of each job with machines without number.
function M.earliest(jobs)
  local by_id, finish, open = M.index(jobs), {}, {}
  local function visit(id)
    if finish[id] then
      return finish[id]
    end
    if open[id] then
      error("cycle through " .. id, 0)
    end
    open[id] = true
    local start = 0
    for _, need in ipairs(by_id[id].needs) do
      start = math.max(start, visit(need))
    end
    open[id] = nil
    finish[id] = start + by_id[id].time
    return finish[id]
  end
  for _, job in ipairs(jobs) do
    visit(job.id)
  end
  return finish
end

-- Greedy list schedule: at every event, free machines take the best ready jobs.
function M.plan(jobs, machines)
  if machines < 1 then
    error("no machine", 0)
  end
  local by_id = M.index(jobs)
  local done, running, rows, now, left = {}, {}, {}, 0, #jobs
  local busy = {}
  while left > 0 do
    local ready = M.ready(jobs, done, running)
    for machine = 1, machines do
      if not busy[machine] and #ready > 0 then
        local id = table.remove(ready, 1)
        busy[machine] = { id = id, stop = now + by_id[id].time }
        running[id] = true
        rows[#rows + 1] = { id = id, machine = machine, start = now, stop = now + by_id[id].time }
      end
    end
    local soonest
    for machine = 1, machines do
      local work = busy[machine]
      if work and (not soonest or work.stop < soonest) then
        soonest = work.stop
      end
    end
    if not soonest then
      error("stuck at " .. now, 0)
    end
    now = soonest
    for machine = 1, machines do
      local work = busy[machine]
      if work and work.stop == now then
        done[work.id] = true
        running[work.id] = nil
        busy[machine] = nil
        left = left - 1
      end
    end
  end
  return rows
end

-- How long machines stand idle before the last stop, over all of them.
function M.idle(rows, machines)
  local last, used = 0, 0
  for _, row in ipairs(rows) do
    last = math.max(last, row.stop)
    used = used + row.stop - row.start
  end
  return last * machines - used
end

-- Jobs on the longest chain of prerequisites, first to last.
function M.critical(jobs)
  local finish = M.earliest(jobs)
  local by_id = M.index(jobs)
  local at
  for _, job in ipairs(jobs) do
    if not at or finish[job.id] > finish[at] then
      at = job.id
    end
  end
  local chain = {}
  while at do
    table.insert(chain, 1, at)
    local best
    for _, need in ipairs(by_id[at].needs) do
      if not best or finish[need] > finish[best] then
        best = need
      end
    end
    at = best
  end
  return chain
end

function M.report(jobs, machines)
  local rows = M.plan(jobs, machines)
  local last = 0
  local lines = {}
  for _, row in ipairs(rows) do
    lines[#lines + 1] = row.start .. "-" .. row.stop .. " m" .. row.machine .. " " .. row.id
    if row.stop > last then
      last = row.stop
    end
  end
  return {
    lines = lines,
    makespan = last,
    idle = M.idle(rows, machines),
    critical = table.concat(M.critical(jobs), ">"),
  }
end

return M
