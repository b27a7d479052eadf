local IDS = { "a", "b", "c", "d", "e", "f" }

local function jobs(rng, lo, spoil)
  local list = {}
  for i = 1, rng.int(lo, 6) do
    local needs = {}
    for k = 1, i - 1 do if rng.chance(0.3) then needs[#needs + 1] = IDS[k] end end
    list[i] = { id = IDS[i], time = rng.int(1, 6), rank = rng.int(1, 3), needs = needs }
  end
  if spoil == 1 and #list > 1 then list[1].needs = { list[#list].id } list[#list].needs = { list[1].id } end
  if spoil == 2 and #list > 1 then list[2].id = list[1].id end
  if spoil == 3 and #list > 0 then list[rng(#list)].time = rng.int(-1, 0) end
  if spoil == 4 and #list > 0 then list[#list].needs = { "zz" } end
  return rng.shuffle(list)
end

local function sound(list)
  local seen = {}
  for _, job in ipairs(list) do
    if seen[job.id] or job.time <= 0 then return false end
    seen[job.id] = job
  end
  for _, job in ipairs(list) do
    for _, need in ipairs(job.needs) do if not seen[need] then return false end end
  end
  return true
end

local function acyclic(list)
  if not sound(list) then return false end
  local done, progress = {}, true
  while progress do
    progress = false
    for _, job in ipairs(list) do
      local free = not done[job.id]
      for _, need in ipairs(job.needs) do free = free and done[need] end
      if free then done[job.id], progress = true, true end
    end
  end
  for _, job in ipairs(list) do if not done[job.id] then return false end end
  return true
end

local function marks(rng, list)
  local done, running = {}, {}
  for _, job in ipairs(list) do
    local k = rng(4)
    if k <= 2 then done[job.id] = true elseif k == 3 and rng.chance(0.4) then running[job.id] = true end
  end
  return done, running
end

local A = { id = "a", time = 3, rank = 1, needs = {} }
local B = { id = "b", time = 2, rank = 2, needs = {} }
local C = { id = "c", time = 4, rank = 1, needs = { "a" } }
local D = { id = "d", time = 1, rank = 3, needs = { "a", "b" } }
local E = { id = "e", time = 5, rank = 2, needs = { "d" } }
local X = { id = "x", time = 1, rank = 1, needs = { "y" } }
local Y = { id = "y", time = 1, rank = 1, needs = { "x" } }
local Z = { id = "z", time = 0, rank = 1, needs = {} }

return {
  job = "schedules jobs with prerequisites and ranks on identical machines",
  brief = "A greedy list scheduler: when a machine is free it takes the ready job of the highest rank, ties by name. "
    .. "Also earliest finish times and the critical chain.",
  blocks = {
    { name = "index", signature = "index(jobs) -> map from id to job",
      pre = function(a) return sound(a[1]) end,
      post = function(a, r)
        for _, job in ipairs(a[1]) do if r[1][job.id].time ~= job.time then return false end end
        return true
      end,
      hidden = function(rng, i) return { jobs(rng, 0, i % 3 == 0 and rng.int(2, 4)) } end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { { A } }, want = { { a = { id = "a", needs = {}, rank = 1, time = 3 } } } },
        { args = { { A, B } },
          want = {
            { a = { id = "a", needs = {}, rank = 1, time = 3 }, b = { id = "b", needs = {}, rank = 2, time = 2 } },
          } },
        { args = { { C, A } },
          want = {
            {
              a = { id = "a", needs = {}, rank = 1, time = 3 },
              c = { id = "c", needs = { "a" }, rank = 1, time = 4 },
            },
          } },
        { args = { { A, A } }, want_error = "job a twice$" },
        { args = { { Z } }, want_error = "job z takes no time$" },
        { args = { { D, A } }, want_error = "job d needs unknown b$" },
        { args = { { X, Y } },
          want = {
            {
              x = { id = "x", needs = { "y" }, rank = 1, time = 1 },
              y = { id = "y", needs = { "x" }, rank = 1, time = 1 },
            },
          } },
      } },
    { name = "ready", signature = "ready(jobs, done, running) -> ids that may start, best rank first",
      pre = function() return true end,
      post = function(a, r)
        for _, id in ipairs(r[1]) do if a[2][id] or a[3][id] then return false end end
        return true
      end,
      hidden = function(rng)
        local list = jobs(rng, 2)
        return { list, marks(rng, list) }
      end,
      examples = {
        { args = { {}, {}, {} }, want = { {} } },
        { args = { { A, B }, {}, {} }, want = { { "b", "a" } } },
        { args = { { A, C }, {}, {} }, want = { { "a" } } },
        { args = { { A, C }, { a = true }, {} }, want = { { "c" } } },
        { args = { { A, B, D }, { a = true }, {} }, want = { { "b" } } },
        { args = { { A, B, D }, { a = true, b = true }, {} }, want = { { "d" } } },
        { args = { { A, B, C }, {}, { b = true } }, want = { { "a" } } },
        { args = { { C, D, E, A, B }, { a = true, b = true }, { c = true } }, want = { { "d" } } },
        { args = { { { id = "q", needs = {}, rank = 1, time = 1 }, A }, {}, {} }, want = { { "a", "q" } } },
      } },
    { name = "earliest", signature = "earliest(jobs) -> finish time of each id with machines without number",
      pre = function(a) return acyclic(a[1]) end,
      post = function(a, r)
        for _, job in ipairs(a[1]) do
          for _, need in ipairs(job.needs) do if r[1][job.id] < r[1][need] + job.time then return false end end
        end
        return true
      end,
      hidden = function(rng, i) return { jobs(rng, 1, i % 5 == 0 and rng(4)) } end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { { A } }, want = { { a = 3 } } },
        { args = { { A, C } }, want = { { a = 3, c = 7 } } },
        { args = { { C, A } }, want = { { a = 3, c = 7 } } },
        { args = { { A, B, D } }, want = { { a = 3, b = 2, d = 4 } } },
        { args = { { E, D, B, A } }, want = { { a = 3, b = 2, d = 4, e = 9 } } },
        { args = { { X, Y } }, want_error = "cycle through x$" },
        { args = { { C } }, want_error = "job c needs unknown a$" },
        { args = { { A, B, C, D, E } }, want = { { a = 3, b = 2, c = 7, d = 4, e = 9 } } },
      } },
    { name = "plan", signature = "plan(jobs, machines) -> rows { id, machine, start, stop } in order of start",
      pre = function(a) return a[2] >= 1 and acyclic(a[1]) end,
      post = function(a, r)
        if #r[1] ~= #a[1] then return false end
        local last = {}
        for _, row in ipairs(r[1]) do
          if row.machine > a[2] or row.start < (last[row.machine] or 0) then return false end
          last[row.machine] = row.stop
        end
        return true
      end,
      hidden = function(rng, i) return { jobs(rng, 1, i % 6 == 0 and rng(4)), i % 11 == 0 and 0 or rng.int(1, 3) } end,
      examples = {
        { args = { {}, 1 }, want = { {} } },
        { args = { { A }, 1 }, want = { { { id = "a", machine = 1, start = 0, stop = 3 } } } },
        { args = { { A, B }, 1 },
          want = {
            { { id = "b", machine = 1, start = 0, stop = 2 }, { id = "a", machine = 1, start = 2, stop = 5 } },
          } },
        { args = { { A, B }, 2 },
          want = {
            { { id = "b", machine = 1, start = 0, stop = 2 }, { id = "a", machine = 2, start = 0, stop = 3 } },
          } },
        { args = { { A, B, C, D }, 2 },
          want = {
            {
              { id = "b", machine = 1, start = 0, stop = 2 }, { id = "a", machine = 2, start = 0, stop = 3 },
              { id = "d", machine = 1, start = 3, stop = 4 }, { id = "c", machine = 2, start = 3, stop = 7 },
            },
          } },
        { args = { { A, B, C, D, E }, 1 },
          want = {
            {
              { id = "b", machine = 1, start = 0, stop = 2 }, { id = "a", machine = 1, start = 2, stop = 5 },
              { id = "d", machine = 1, start = 5, stop = 6 }, { id = "e", machine = 1, start = 6, stop = 11 },
              { id = "c", machine = 1, start = 11, stop = 15 },
            },
          } },
        { args = { { E, D, C, B, A }, 3 },
          want = {
            {
              { id = "b", machine = 1, start = 0, stop = 2 }, { id = "a", machine = 2, start = 0, stop = 3 },
              { id = "d", machine = 1, start = 3, stop = 4 }, { id = "c", machine = 2, start = 3, stop = 7 },
              { id = "e", machine = 1, start = 4, stop = 9 },
            },
          } },
        { args = { { X, Y }, 2 }, want_error = "stuck at 0$" },
        { args = { { A }, 0 }, want_error = "no machine$" },
      } },
    { name = "idle", signature = "idle(rows, machines) -> machine time not used before the last stop",
      pre = function() return true end,
      post = function(_, r) return math.type(r[1]) == "integer" end,
      hidden = function(rng)
        local machines = rng.int(1, 3)
        return { rng.list(0, 5, function()
          local start = rng.int(0, 9)
          return { id = "j", machine = rng(machines), start = start, stop = start + rng.int(1, 5) }
        end), machines }
      end,
      examples = {
        { args = { {}, 2 }, want = { 0 } },
        { args = { { { id = "a", machine = 1, start = 0, stop = 3 } }, 1 }, want = { 0 } },
        { args = { { { id = "a", machine = 1, start = 0, stop = 3 } }, 2 }, want = { 3 } },
        { args = { { { id = "a", machine = 1, start = 2, stop = 3 } }, 1 }, want = { 2 } },
        { args = {
            { { id = "a", machine = 1, start = 0, stop = 3 }, { id = "b", machine = 2, start = 0, stop = 5 } }, 2,
          },
          want = { 2 } },
        { args = {
            { { id = "a", machine = 1, start = 0, stop = 5 }, { id = "b", machine = 2, start = 1, stop = 4 } }, 3,
          },
          want = { 7 } },
        { args = {
            { { id = "a", machine = 1, start = 0, stop = 2 }, { id = "b", machine = 1, start = 2, stop = 4 } }, 1,
          },
          want = { 0 } },
        { args = {
            { { id = "a", machine = 1, start = 4, stop = 6 }, { id = "b", machine = 1, start = 0, stop = 1 } }, 2,
          },
          want = { 9 } },
      } },
    { name = "critical", signature = "critical(jobs) -> ids on the longest chain, first to last",
      pre = function(a) return acyclic(a[1]) end,
      post = function(_, r) return type(r[1]) == "table" end,
      hidden = function(rng, i) return { jobs(rng, 2, i % 8 == 0 and 1) } end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { { A } }, want = { { "a" } } },
        { args = { { B, A } }, want = { { "a" } } },
        { args = { { A, C } }, want = { { "a", "c" } } },
        { args = { { A, B, D } }, want = { { "a", "d" } } },
        { args = { { A, B, C, D, E } }, want = { { "a", "d", "e" } } },
        { args = { { X, Y } }, want_error = "cycle through x$" },
        { args = { { A, B, { id = "m", needs = { "b", "a" }, rank = 1, time = 3 } } }, want = { { "a", "m" } } },
      } },
  },
  integration = { name = "report", signature = "report(jobs, machines) -> { lines, makespan, idle, critical }",
    pre = function(a) return a[2] >= 1 and acyclic(a[1]) end,
    post = function(a, r) return #r[1].lines == #a[1] and r[1].idle >= 0 end,
    hidden = function(rng, i) return { jobs(rng, 2, i % 7 == 0 and rng(4)), rng.int(1, 3) } end,
    examples = {
      { args = { {}, 1 }, want = { { critical = "", idle = 0, lines = {}, makespan = 0 } } },
      { args = { { A }, 1 }, want = { { critical = "a", idle = 0, lines = { "0-3 m1 a" }, makespan = 3 } } },
      { args = { { A, B }, 1 },
        want = { { critical = "a", idle = 0, lines = { "0-2 m1 b", "2-5 m1 a" }, makespan = 5 } } },
      { args = { { A, B, C, D }, 2 },
        want = {
          { critical = "a>c", idle = 4, lines = { "0-2 m1 b", "0-3 m2 a", "3-4 m1 d", "3-7 m2 c" }, makespan = 7 },
        } },
      { args = { { A, B, C, D, E }, 2 },
        want = {
          {
            critical = "a>d>e", idle = 3, lines = { "0-2 m1 b", "0-3 m2 a", "3-4 m1 d", "3-7 m2 c", "4-9 m1 e" },
            makespan = 9,
          },
        } },
      { args = { { E, D, C, B, A }, 1 },
        want = {
          {
            critical = "a>d>e", idle = 0, lines = { "0-2 m1 b", "2-5 m1 a", "5-6 m1 d", "6-11 m1 e", "11-15 m1 c" },
            makespan = 15,
          },
        } },
      { args = { { A, A }, 1 }, want_error = "job a twice$" },
      { args = { { X, Y }, 1 }, want_error = "stuck at 0$" },
      { args = { { A, C }, -1 }, want_error = "no machine$" },
    } },
}
