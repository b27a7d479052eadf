local function stops(rng, lo, hi)
  local list, at = {}, rng.int(0, 3)
  for i = 1, rng.int(lo, hi) do
    list[i] = at
    at = at + rng.int(1, 3)
  end
  return list
end

local function state(rng, lo)
  local open = rng.chance(0.35)
  return { floor = rng.int(0, 9), doors = open and "open" or "shut", going = rng.pick { "up", "down", "idle" },
    stops = stops(rng, lo or 0, 4), held = open and rng.int(0, 2) or 0 }
end

local function S(floor, doors, going, list, held)
  return { floor = floor, doors = doors, going = going, stops = list, held = held or 0 }
end

local function sorted(list)
  for i = 2, #list do if list[i - 1] >= list[i] then return false end end
  return true
end

return {
  job = "a lift's state machine: stops, doors, direction, waits",
  brief = "The lift keeps sorted stops, goes on in its direction while a stop lies there, holds its doors for a tick.",
  blocks = {
    { name = "start", signature = "start(floor) -> state at rest",
      pre = function() return true end,
      post = function(a, r) return r[1].floor == a[1] and #r[1].stops == 0 end,
      hidden = function(rng) return { rng.int(-3, 20) } end,
      examples = {
        { args = { 0 }, want = { { doors = "shut", floor = 0, going = "idle", held = 0, stops = {} } } },
        { args = { 1 }, want = { { doors = "shut", floor = 1, going = "idle", held = 0, stops = {} } } },
        { args = { 5 }, want = { { doors = "shut", floor = 5, going = "idle", held = 0, stops = {} } } },
        { args = { -2 }, want = { { doors = "shut", floor = -2, going = "idle", held = 0, stops = {} } } },
        { args = { 7 }, want = { { doors = "shut", floor = 7, going = "idle", held = 0, stops = {} } } },
        { args = { 9 }, want = { { doors = "shut", floor = 9, going = "idle", held = 0, stops = {} } } },
        { args = { 12 }, want = { { doors = "shut", floor = 12, going = "idle", held = 0, stops = {} } } },
        { args = { 3 }, want = { { doors = "shut", floor = 3, going = "idle", held = 0, stops = {} } } },
      } },
    { name = "press", signature = "press(state, floor, lowest, highest) -> state with that stop",
      pre = function(a) return a[2] >= a[3] and a[2] <= a[4] end,
      post = function(_, r) return sorted(r[1].stops) end,
      hidden = function(rng, i)
        local s = state(rng)
        local floor = rng.pick { rng.int(0, 9), s.floor, s.stops[1] or 4 }
        return { s, i % 7 == 0 and rng.pick { -1, 13 } or floor, 0, 12 }
      end,
      examples = {
        { args = { S(0, "shut", "idle", {}), 3, 0, 9 },
          want = { { doors = "shut", floor = 0, going = "idle", held = 0, stops = { 3 } } } },
        { args = { S(0, "shut", "up", { 3 }), 1, 0, 9 },
          want = { { doors = "shut", floor = 0, going = "up", held = 0, stops = { 1, 3 } } } },
        { args = { S(0, "shut", "up", { 3 }), 7, 0, 9 },
          want = { { doors = "shut", floor = 0, going = "up", held = 0, stops = { 3, 7 } } } },
        { args = { S(0, "shut", "up", { 2, 5 }), 4, 0, 9 },
          want = { { doors = "shut", floor = 0, going = "up", held = 0, stops = { 2, 4, 5 } } } },
        { args = { S(0, "shut", "up", { 2, 5 }), 5, 0, 9 },
          want = { { doors = "shut", floor = 0, going = "up", held = 0, stops = { 2, 5 } } } },
        { args = { S(4, "open", "idle", {}, 1), 4, 0, 9 },
          want = { { doors = "open", floor = 4, going = "idle", held = 2, stops = {} } } },
        { args = { S(4, "shut", "idle", {}), 4, 0, 9 },
          want = { { doors = "shut", floor = 4, going = "idle", held = 0, stops = { 4 } } } },
        { args = { S(4, "shut", "idle", {}), 10, 0, 9 }, want_error = "no floor 10$" },
        { args = { S(4, "shut", "idle", {}), -1, 0, 9 }, want_error = "no floor %-1$" },
      } },
    { name = "direction", signature = "direction(state) -> up, down or idle",
      pre = function() return true end,
      post = function(a, r)
        local list = a[1].stops
        if r[1] == "up" then return list[#list] > a[1].floor end
        if r[1] == "down" then return list[1] < a[1].floor end
        return #list == 0 or #list == 1 and list[1] == a[1].floor
      end,
      hidden = function(rng) return { state(rng) } end,
      examples = {
        { args = { S(3, "shut", "up", {}) }, want = { "idle" } },
        { args = { S(3, "shut", "idle", { 5 }) }, want = { "up" } },
        { args = { S(3, "shut", "idle", { 1 }) }, want = { "down" } },
        { args = { S(3, "shut", "up", { 1 }) }, want = { "down" } },
        { args = { S(3, "shut", "up", { 1, 9 }) }, want = { "up" } },
        { args = { S(3, "shut", "down", { 1, 9 }) }, want = { "down" } },
        { args = { S(3, "shut", "idle", { 1, 4 }) }, want = { "up" } },
        { args = { S(3, "shut", "idle", { 2, 9 }) }, want = { "down" } },
        { args = { S(3, "shut", "idle", { 1, 5 }) }, want = { "down" } },
        { args = { S(3, "shut", "up", { 3 }) }, want = { "idle" } },
      } },
    { name = "tick", signature = "tick(state) -> state one tick later",
      pre = function() return true end,
      post = function(a, r) return math.abs(r[1].floor - a[1].floor) <= 1 end,
      hidden = function(rng)
        local s = state(rng)
        if s.doors == "shut" and rng.chance(0.4) and #s.stops > 0 then s.floor = rng.pick(s.stops) end
        return { s }
      end,
      examples = {
        { args = { S(0, "shut", "idle", {}) },
          want = { { doors = "shut", floor = 0, going = "idle", held = 0, stops = {} } } },
        { args = { S(0, "shut", "idle", { 2 }) },
          want = { { doors = "shut", floor = 1, going = "up", held = 0, stops = { 2 } } } },
        { args = { S(5, "shut", "idle", { 2 }) },
          want = { { doors = "shut", floor = 4, going = "down", held = 0, stops = { 2 } } } },
        { args = { S(2, "shut", "up", { 2, 4 }) },
          want = { { doors = "open", floor = 2, going = "up", held = 1, stops = { 4 } } } },
        { args = { S(2, "shut", "up", { 2 }) },
          want = { { doors = "open", floor = 2, going = "idle", held = 1, stops = {} } } },
        { args = { S(2, "open", "up", { 4 }, 1) },
          want = { { doors = "open", floor = 2, going = "up", held = 0, stops = { 4 } } } },
        { args = { S(2, "open", "up", { 4 }, 0) },
          want = { { doors = "shut", floor = 2, going = "up", held = 0, stops = { 4 } } } },
        { args = { S(2, "shut", "down", { 4 }) },
          want = { { doors = "shut", floor = 3, going = "up", held = 0, stops = { 4 } } } },
        { args = { S(6, "shut", "down", { 1, 6, 8 }) },
          want = { { doors = "open", floor = 6, going = "down", held = 1, stops = { 1, 8 } } } },
      } },
    { name = "panel", signature = "panel(state) -> text",
      pre = function() return true end,
      post = function(_, r) return #r[1] >= 8 end,
      hidden = function(rng) return { state(rng) } end,
      examples = {
        { args = { S(0, "shut", "idle", {}) }, want = { " 0 - [|]" } },
        { args = { S(3, "open", "up", {}) }, want = { " 3 ^ [ ]" } },
        { args = { S(12, "shut", "down", {}) }, want = { "12 v [|]" } },
        { args = { S(3, "shut", "up", { 5 }) }, want = { " 3 ^ [|] to 5" } },
        { args = { S(3, "shut", "down", { 1, 2 }) }, want = { " 3 v [|] to 1,2" } },
        { args = { S(-1, "open", "idle", { 4 }) }, want = { "-1 - [ ] to 4" } },
        { args = { S(9, "open", "down", { 0, 8 }) }, want = { " 9 v [ ] to 0,8" } },
        { args = { S(10, "shut", "up", { 11 }) }, want = { "10 ^ [|] to 11" } },
      } },
  },
  integration = { name = "run",
    signature = "run(floor, calls { tick, floor }, ticks, lowest, highest) -> trace, travelled, waits",
    pre = function(a)
      for _, call in ipairs(a[2]) do
        if call[1] >= 1 and call[1] <= a[3] and (call[2] < a[4] or call[2] > a[5]) then return false end
      end
      return true
    end,
    post = function(a, r) return #r[1].trace == a[3] and #r[1].waits == #a[2] end,
    hidden = function(rng, i)
      local ticks = rng.int(4, 14)
      local calls = rng.list(1, 4, function() return { rng.int(1, ticks), rng.int(0, 6) } end)
      if i % 8 == 0 then calls[1][2] = 9 end
      return { rng.int(0, 6), calls, ticks, 0, 6 }
    end,
    examples = {
      { args = { 0, {}, 2, 0, 5 }, want = { { trace = { " 0 - [|]", " 0 - [|]" }, travelled = 0, waits = {} } } },
      { args = { 0, { { 1, 2 } }, 5, 0, 5 },
        want = {
          {
            trace = { " 1 ^ [|] to 2", " 2 ^ [|] to 2", " 2 - [ ]", " 2 - [ ]", " 2 - [|]" }, travelled = 2,
            waits = { 2 },
          },
        } },
      { args = { 2, { { 1, 2 } }, 4, 0, 5 },
        want = { { trace = { " 2 - [ ]", " 2 - [ ]", " 2 - [|]", " 2 - [|]" }, travelled = 0, waits = { 0 } } } },
      { args = { 3, { { 1, 1 }, { 1, 4 } }, 8, 0, 5 },
        want = {
          {
            trace = {
              " 4 ^ [|] to 1,4", " 4 v [ ] to 1", " 4 v [ ] to 1", " 4 v [|] to 1", " 3 v [|] to 1",
              " 2 v [|] to 1", " 1 v [|] to 1", " 1 - [ ]",
            },
            travelled = 4, waits = { 7, 1 },
          },
        } },
      { args = { 0, { { 1, 3 }, { 2, 1 } }, 9, 0, 5 },
        want = {
          {
            trace = {
              " 1 ^ [|] to 3", " 1 ^ [ ] to 3", " 1 ^ [ ] to 3", " 1 ^ [|] to 3", " 2 ^ [|] to 3", " 3 ^ [|] to 3",
              " 3 - [ ]", " 3 - [ ]", " 3 - [|]",
            },
            travelled = 3, waits = { 6, 0 },
          },
        } },
      { args = { 0, { { 3, 5 } }, 4, 0, 5 },
        want = {
          { trace = { " 0 - [|]", " 0 - [|]", " 1 ^ [|] to 5", " 2 ^ [|] to 5" }, travelled = 2, waits = { -1 } },
        } },
      { args = { 0, { { 1, 6 } }, 4, 0, 5 }, want_error = "no floor 6$" },
      { args = { 1, { { 1, 2 }, { 4, 2 } }, 7, 0, 5 },
        want = {
          {
            trace = { " 2 ^ [|] to 2", " 2 - [ ]", " 2 - [ ]", " 2 - [ ]", " 2 - [ ]", " 2 - [|]", " 2 - [|]" },
            travelled = 1, waits = { 1, 0 },
          },
        } },
    } },
}
