local NAMES = { "a", "b", "c" }

-- Heaps from text: "a8 -4 b12" with "-" for free room.
local function H(text)
  local heap, at = {}, 0
  for name, size in text:gmatch "([%a-])(%d+)" do
    local n = math.tointeger(tonumber(size))
    heap[#heap + 1] = { at = at, size = n, owner = name ~= "-" and name or nil }
    at = at + n
  end
  return heap
end

local function heap(rng)
  local parts, free = {}, false
  for i = 1, rng.int(1, 6) do
    free = not free and rng.chance(0.6)
    parts[i] = (free and "-" or rng.pick(NAMES)) .. 4 * rng.int(1, 6)
  end
  return H(table.concat(parts, " "))
end

local function total(list)
  local n = 0
  for _, b in ipairs(list) do n = n + b.size end
  return n
end
local function policy(rng, i) return i % 9 == 0 and rng.pick { "last", "" } or rng.pick { "first", "best", "worst" } end
local function known(p) return p == "first" or p == "best" or p == "worst" end
local function owns(list, name)
  for _, b in ipairs(list) do if b.owner == name then return true end end
  return false
end

return {
  job = "a heap of blocks: fitting policies, splitting, merging, compaction and how scattered room is",
  brief = "A heap is a list of { at, size, owner } in order of address; free blocks have no owner and are never "
    .. "neighbours. "
    .. "Sizes are rounded up to four. Ties go to the lower address.",
  blocks = {
    { name = "create", signature = "create(size) -> heap",
      pre = function(a) return a[1] >= 1 end,
      post = function(a, r) return total(r[1]) == a[1] end,
      hidden = function(rng) return { rng.int(-2, 90) } end,
      examples = {
        { args = { 1 }, want = { H "-1" } },
        { args = { 64 }, want = { H "-64" } },
        { args = { 100 }, want = { H "-100" } },
        { args = { 7 }, want = { H "-7" } },
        { args = { 4096 }, want = { H "-4096" } },
        { args = { 2 }, want = { H "-2" } },
        { args = { 0 }, want_error = "heap without room$" },
        { args = { -8 }, want_error = "heap without room$" },
      } },
    { name = "choose", signature = "choose(heap, size, policy) -> index or nil",
      pre = function(a) return known(a[3]) end,
      post = function(a, r) return r[1] == nil or a[1][r[1]].size >= a[2] and not a[1][r[1]].owner end,
      hidden = function(rng, i) return { heap(rng), rng.int(1, 20), policy(rng, i) } end,
      examples = {
        { args = { H "-8 a4 -4 b4 -12", 4, "first" }, want = { 1 } },
        { args = { H "-8 a4 -4 b4 -12", 4, "best" }, want = { 3 } },
        { args = { H "-8 a4 -4 b4 -12", 4, "worst" }, want = { 5 } },
        { args = { H "-8 a4 -4 b4 -12", 9, "best" }, want = { 5 } },
        { args = { H "-8 a4 -4 b4 -12", 13, "first" }, want = {} },
        { args = { H "-8 a4 -8", 4, "worst" }, want = { 1 } },
        { args = { H "a8", 4, "best" }, want = {} },
        { args = { H "-8", 4, "next" }, want_error = "no policy next$" },
      } },
    { name = "allocate", signature = "allocate(heap, owner, size, policy) -> address and heap, or nil",
      pre = function(a) return known(a[4]) end,
      post = function(_, r) return r[1] == nil or r[1] >= 0 end,
      hidden = function(rng, i) return { heap(rng), "z", rng.int(1, 18), policy(rng, i) } end,
      examples = {
        { args = { H "-64", "a", 8, "first" },
          want = { 0, { { at = 0, owner = "a", size = 8 }, { at = 8, size = 56 } } } },
        { args = { H "a8 -56", "b", 8, "first" },
          want = {
            8, { { at = 0, owner = "a", size = 8 }, { at = 8, owner = "b", size = 8 }, { at = 16, size = 48 } },
          } },
        { args = { H "a8 -6 b4 -8", "c", 5, "first" },
          want = {
            18,
            {
              { at = 0, owner = "a", size = 8 }, { at = 8, size = 6 }, { at = 14, owner = "b", size = 4 },
              { at = 18, owner = "c", size = 8 },
            },
          } },
        { args = { H "a8 -8", "c", 9, "first" }, want = {} },
        { args = { H "-12 a4 -8", "c", 8, "best" },
          want = {
            16, { { at = 0, size = 12 }, { at = 12, owner = "a", size = 4 }, { at = 16, owner = "c", size = 8 } },
          } },
        { args = { H "-8 a4 -12", "c", 8, "worst" },
          want = {
            12,
            {
              { at = 0, size = 8 }, { at = 8, owner = "a", size = 4 }, { at = 12, owner = "c", size = 8 },
              { at = 20, size = 4 },
            },
          } },
        { args = { H "-8", "c", 8, "best" }, want = { 0, { { at = 0, owner = "c", size = 8 } } } },
        { args = { H "-8", "c", 8, "any" }, want_error = "no policy any$" },
      } },
    { name = "release", signature = "release(heap, owner) -> blocks freed, heap",
      pre = function(a) return owns(a[1], a[2]) end,
      post = function(_, r) return r[1] > 0 end,
      hidden = function(rng) return { heap(rng), rng.pick(NAMES) } end,
      examples = {
        { args = { H "a8", "a" }, want = { 1, { { at = 0, size = 8 } } } },
        { args = { H "a8 b4 a4", "a" },
          want = { 2, { { at = 0, size = 8 }, { at = 8, owner = "b", size = 4 }, { at = 12, size = 4 } } } },
        { args = { H "a8 -4 b4", "b" }, want = { 1, { { at = 0, owner = "a", size = 8 }, { at = 8, size = 8 } } } },
        { args = { H "a8 a4 a4", "a" }, want = { 3, { { at = 0, size = 16 } } } },
        { args = { H "a8 b4", "b" }, want = { 1, { { at = 0, owner = "a", size = 8 }, { at = 8, size = 4 } } } },
        { args = { H "-8 c4 -4 c4", "c" }, want = { 2, { { at = 0, size = 20 } } } },
        { args = { H "a8", "b" }, want_error = "b owns nothing$" },
        { args = { H "-8", "x" }, want_error = "x owns nothing$" },
      } },
    { name = "compact", signature = "compact(heap) -> heap, room moved",
      pre = function() return true end,
      post = function(a, r) return total(r[1]) == total(a[1]) end,
      hidden = function(rng) return { heap(rng) } end,
      examples = {
        { args = { H "-8" }, want = { H "-8", 0 } },
        { args = { H "a8" }, want = { H "a8", 0 } },
        { args = { H "a8 -4" }, want = { H "a8 -4", 0 } },
        { args = { H "-4 a8" }, want = { H "a8 -4", 8 } },
        { args = { H "a4 -4 b8 -4 c4" }, want = { H "a4 b8 c4 -8", 12 } },
        { args = { H "a4 b4 -8 a4" }, want = { H "a4 b4 a4 -8", 4 } },
        { args = { {} }, want = { {}, 0 } },
        { args = { H "-12 b4 -4" }, want = { H "b4 -16", 4 } },
      } },
    { name = "usage", signature = "usage(heap) -> { free, largest, scattered }",
      pre = function() return true end,
      post = function(_, r) return r[1].largest <= r[1].free end,
      hidden = function(rng) return { heap(rng) } end,
      examples = {
        { args = { H "-8" }, want = { { free = 8, largest = 8, scattered = 0 } } },
        { args = { H "a8" }, want = { { free = 0, largest = 0, scattered = 0 } } },
        { args = { H "-4 a4 -4" }, want = { { free = 8, largest = 4, scattered = 50 } } },
        { args = { H "-4 a4 -8" }, want = { { free = 12, largest = 8, scattered = 33 } } },
        { args = { H "-4 a4 -4 b4 -4" }, want = { { free = 12, largest = 4, scattered = 66 } } },
        { args = { {} }, want = { { free = 0, largest = 0, scattered = 0 } } },
        { args = { H "a4 -20" }, want = { { free = 20, largest = 20, scattered = 0 } } },
        { args = { H "-20 a4 -4 b4" }, want = { { free = 24, largest = 20, scattered = 16 } } },
      } },
  },
  integration = { name = "run", signature = "run(size, policy, commands) -> addresses or counts, usage, room moved",
    pre = function(a)
      if a[1] < 1 then return false end
      -- room comes in fours, and compaction makes all free room one block: what fits into it is granted
      local held, free = {}, a[1]
      for _, c in ipairs(a[3]) do
        local name, size = c:match "^%+(%w+) (%d+)$"
        local gone = c:match "^%-(%w+)$"
        if name then
          if not known(a[2]) then return false end
          local need = (tonumber(size) + 3) // 4 * 4
          if need <= free then free, held[name] = free - need, (held[name] or 0) + need end
        elseif gone and held[gone] then
          free, held[gone] = free + held[gone], nil
        else
          return false
        end
      end
      return true
    end,
    post = function(a, r) return #r[1] == #a[3] end,
    hidden = function(rng, i)
      local live, list = {}, {}
      for k = 1, rng.int(2, 9) do
        if #live > 0 and rng.chance(0.4) then list[k] = "-" .. table.remove(live, rng(#live))
        else
          list[k] = "+n" .. k .. " " .. rng.int(1, 6)
          live[#live + 1] = "n" .. k
        end
      end
      if i % 8 == 0 then list[#list + 1] = rng.pick { "-zz", "grow", "+a", "+a x" } end
      return { i % 11 == 0 and 0 or rng.pick { 12, 16, 20, 64 }, policy(rng, i), list }
    end,
    examples = {
      { args = { 64, "first", {} }, want = { {}, { free = 64, largest = 64, scattered = 0 }, 0 } },
      { args = { 64, "first", { "+a 10", "+b 4" } }, want = { { 0, 12 }, { free = 48, largest = 48, scattered = 0 },
        0 } },
      { args = { 16, "first", { "+a 8", "+b 8", "+c 1" } },
        want = { { 0, 8, false }, { free = 0, largest = 0, scattered = 0 }, 0 } },
      { args = { 16, "best", { "+a 4", "+b 4", "+c 4", "-b", "+d 8" } },
        want = { { 0, 4, 8, 1, 8 }, { free = 0, largest = 0, scattered = 0 }, 4 } },
      { args = { 24, "worst", { "+a 4", "-a", "+b 20" } },
        want = { { 0, 1, 0 }, { free = 4, largest = 4, scattered = 0 }, 0 } },
      { args = { 8, "first", { "-a" } }, want_error = "a owns nothing$" },
      { args = { 8, "first", { "+a" } }, want_error = "bad command: %+a$" },
      { args = { 0, "first", {} }, want_error = "heap without room$" },
      { args = { 8, "odd", { "+a 1" } }, want_error = "no policy odd$" },
    } },
}
