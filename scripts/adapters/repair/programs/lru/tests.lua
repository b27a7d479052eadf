local KEYS = { "a", "b", "c", "d", "e" }
local function trace(rng, lo, hi) return rng.list(lo, hi, function() return rng.pick(KEYS) end) end

local function T(text)
  local list = {}
  for key in text:gmatch "." do list[#list + 1] = key end
  return list
end

local function cache(rng)
  local order = rng.shuffle { "a", "b", "c", "d", "e" }
  local size = rng.int(1, 4)
  for _ = 1, 5 - rng.int(0, size) do table.remove(order) end
  return { size = size, order = order, hits = rng.int(0, 9), misses = rng.int(0, 9), evicted = rng.list(0, 2,
    function() return "z" end) }
end

local function C(size, order) return { size = size, order = T(order), hits = 0, misses = 0, evicted = {} } end

return {
  job = "simulates cache policies on a trace and compares them with the best possible",
  brief = "LRU, FIFO, LFU (ties: used longest ago) and Belady's optimum on the same trace of keys.",
  blocks = {
    { name = "new", signature = "new(size) -> empty cache",
      pre = function(a) return a[1] >= 1 end,
      post = function(a, r) return r[1].size == a[1] end,
      hidden = function(rng, i) return { i % 5 == 0 and rng.int(-3, 0) or rng.int(1, 50) } end,
      examples = {
        { args = { 1 }, want = { { evicted = {}, hits = 0, misses = 0, order = {}, size = 1 } } },
        { args = { 2 }, want = { { evicted = {}, hits = 0, misses = 0, order = {}, size = 2 } } },
        { args = { 100 }, want = { { evicted = {}, hits = 0, misses = 0, order = {}, size = 100 } } },
        { args = { 0 }, want_error = "a cache holds at least one key$" },
        { args = { -1 }, want_error = "a cache holds at least one key$" },
        { args = { 3 }, want = { { evicted = {}, hits = 0, misses = 0, order = {}, size = 3 } } },
        { args = { 64 }, want = { { evicted = {}, hits = 0, misses = 0, order = {}, size = 64 } } },
        { args = { 7 }, want = { { evicted = {}, hits = 0, misses = 0, order = {}, size = 7 } } },
      } },
    { name = "touch", signature = "touch(cache, key, 'lru'|'fifo') -> cache, hit",
      pre = function() return true end,
      post = function(a, r) return r[1].hits + r[1].misses == a[1].hits + a[1].misses + 1
        and #r[1].order <= a[1].size end,
      hidden = function(rng) return { cache(rng), rng.pick(KEYS), rng.pick { "lru", "fifo" } } end,
      examples = {
        { args = { C(2, ""), "a", "lru" },
          want = { { evicted = {}, hits = 0, misses = 1, order = { "a" }, size = 2 }, false } },
        { args = { C(2, "a"), "a", "lru" },
          want = { { evicted = {}, hits = 1, misses = 0, order = { "a" }, size = 2 }, true } },
        { args = { C(2, "ab"), "a", "lru" },
          want = { { evicted = {}, hits = 1, misses = 0, order = { "b", "a" }, size = 2 }, true } },
        { args = { C(2, "ab"), "a", "fifo" },
          want = { { evicted = {}, hits = 1, misses = 0, order = { "a", "b" }, size = 2 }, true } },
        { args = { C(2, "ab"), "c", "lru" },
          want = { { evicted = { "a" }, hits = 0, misses = 1, order = { "b", "c" }, size = 2 }, false } },
        { args = { C(2, "ab"), "c", "fifo" },
          want = { { evicted = { "a" }, hits = 0, misses = 1, order = { "b", "c" }, size = 2 }, false } },
        { args = { C(3, "abc"), "b", "lru" },
          want = { { evicted = {}, hits = 1, misses = 0, order = { "a", "c", "b" }, size = 3 }, true } },
        { args = { C(1, "a"), "b", "lru" },
          want = { { evicted = { "a" }, hits = 0, misses = 1, order = { "b" }, size = 1 }, false } },
      } },
    { name = "least_used", signature = "least_used(counts, last use by key) -> key to evict, or nil",
      pre = function() return true end,
      post = function(a, r)
        for _, count in pairs(a[1]) do if count < a[1][r[1]] then return false end end
        return true
      end,
      hidden = function(rng)
        local counts, last, at = {}, {}, 0
        for _, key in ipairs(rng.shuffle(KEYS)) do
          at = at + rng.int(1, 3)
          last[key] = at
          if rng.chance(0.7) then counts[key] = rng.int(1, 3) end
        end
        return { counts, last }
      end,
      examples = {
        { args = { {}, {} }, want = {} },
        { args = { { a = 1 }, { a = 5 } }, want = { "a" } },
        { args = { { a = 2, b = 1 }, { a = 1, b = 2 } }, want = { "b" } },
        { args = { { a = 1, b = 1 }, { a = 1, b = 2 } }, want = { "a" } },
        { args = { { a = 1, b = 1 }, { a = 3, b = 2 } }, want = { "b" } },
        { args = { { a = 3, b = 2, c = 2 }, { a = 1, b = 9, c = 8 } }, want = { "c" } },
        { args = { { x = 4, y = 4, z = 5 }, { x = 7, y = 6, z = 1 } }, want = { "y" } },
        { args = { { c = 1 }, { c = 2, gone = 1 } }, want = { "c" } },
      } },
    { name = "run_lfu", signature = "run_lfu(trace, size) -> hits, evicted keys in order",
      pre = function() return true end,
      post = function(a, r) return r[1] <= #a[1] end,
      hidden = function(rng) return { trace(rng, 3, 14), rng.int(1, 3) } end,
      examples = {
        { args = { {}, 2 }, want = { 0, {} } },
        { args = { T "aaa", 1 }, want = { 2, {} } },
        { args = { T "aba", 1 }, want = { 0, { "a", "b" } } },
        { args = { T "aabca", 2 }, want = { 2, { "b" } } },
        { args = { T "abcab", 2 }, want = { 0, { "a", "b", "c" } } },
        { args = { T "abacbb", 2 }, want = { 2, { "b", "c" } } },
        { args = { T "abcabc", 3 }, want = { 3, {} } },
        { args = { T "aabbcdab", 2 }, want = { 3, { "a", "c", "d" } } },
      } },
    { name = "optimal", signature = "optimal(trace, size) -> hits of the best possible policy",
      pre = function() return true end,
      post = function(a, r) return r[1] < math.max(1, #a[1]) end,
      hidden = function(rng) return { trace(rng, 3, 14), rng.int(1, 3) } end,
      examples = {
        { args = { {}, 1 }, want = { 0 } },
        { args = { T "aa", 1 }, want = { 1 } },
        { args = { T "aba", 1 }, want = { 0 } },
        { args = { T "abcab", 2 }, want = { 1 } },
        { args = { T "abcabc", 2 }, want = { 2 } },
        { args = { T "abcdabcd", 3 }, want = { 3 } },
        { args = { T "abcbabcb", 2 }, want = { 3 } },
        { args = { T "abac", 2 }, want = { 1 } },
      } },
    { name = "distances", signature = "distances(trace) -> reuse distance of each use, -1 for first uses",
      pre = function() return true end,
      post = function(a, r) return #r[1] == #a[1] end,
      hidden = function(rng) return { trace(rng, 0, 12) } end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { T "a" }, want = { { -1 } } },
        { args = { T "aa" }, want = { { -1, 0 } } },
        { args = { T "aba" }, want = { { -1, -1, 1 } } },
        { args = { T "abba" }, want = { { -1, -1, 0, 1 } } },
        { args = { T "abcabc" }, want = { { -1, -1, -1, 2, 2, 2 } } },
        { args = { T "abbbca" }, want = { { -1, -1, 0, 0, -1, 2 } } },
        { args = { T "cabac" }, want = { { -1, -1, -1, 1, 2 } } },
      } },
  },
  integration = { name = "compare", signature = "compare(trace, size) -> { lru, fifo, lfu, best, enough, size, keys }",
    pre = function(a) return a[2] >= 1 end,
    post = function(_, r)
      return r[1].best >= r[1].lru.hits and r[1].best >= r[1].fifo.hits and r[1].best >= r[1].lfu.hits
    end,
    hidden = function(rng, i) return { trace(rng, 2, 13), i % 8 == 0 and 0 or rng.int(1, 4) } end,
    examples = {
      { args = { {}, 1 },
        want = {
          {
            best = 0, enough = 0, fifo = { evicted = {}, hits = 0, left = {} }, keys = 0,
            lfu = { evicted = {}, hits = 0 }, lru = { evicted = {}, hits = 0, left = {} }, size = 1,
          },
        } },
      { args = { T "a", 1 },
        want = {
          {
            best = 0, enough = 0, fifo = { evicted = {}, hits = 0, left = { "a" } }, keys = 1,
            lfu = { evicted = {}, hits = 0 }, lru = { evicted = {}, hits = 0, left = { "a" } }, size = 1,
          },
        } },
      { args = { T "abab", 1 },
        want = {
          {
            best = 0, enough = 2, fifo = { evicted = { "a", "b", "a" }, hits = 0, left = { "b" } }, keys = 4,
            lfu = { evicted = { "a", "b", "a" }, hits = 0 },
            lru = { evicted = { "a", "b", "a" }, hits = 0, left = { "b" } }, size = 1,
          },
        } },
      { args = { T "abcabc", 2 },
        want = {
          {
            best = 2, enough = 3, fifo = { evicted = { "a", "b", "c", "a" }, hits = 0, left = { "b", "c" } },
            keys = 6, lfu = { evicted = { "a", "b", "c", "a" }, hits = 0 },
            lru = { evicted = { "a", "b", "c", "a" }, hits = 0, left = { "b", "c" } }, size = 2,
          },
        } },
      { args = { T "abcaba", 2 },
        want = {
          {
            best = 2, enough = 3, fifo = { evicted = { "a", "b", "c" }, hits = 1, left = { "a", "b" } }, keys = 6,
            lfu = { evicted = { "a", "b", "c" }, hits = 1 },
            lru = { evicted = { "a", "b", "c" }, hits = 1, left = { "b", "a" } }, size = 2,
          },
        } },
      { args = { T "aabbcc", 3 },
        want = {
          {
            best = 3, enough = 1, fifo = { evicted = {}, hits = 3, left = { "a", "b", "c" } }, keys = 6,
            lfu = { evicted = {}, hits = 3 }, lru = { evicted = {}, hits = 3, left = { "a", "b", "c" } }, size = 3,
          },
        } },
      { args = { T "abcdab", 3 },
        want = {
          {
            best = 2, enough = 4, fifo = { evicted = { "a", "b", "c" }, hits = 0, left = { "d", "a", "b" } },
            keys = 6, lfu = { evicted = { "a", "b", "c" }, hits = 0 },
            lru = { evicted = { "a", "b", "c" }, hits = 0, left = { "d", "a", "b" } }, size = 3,
          },
        } },
      { args = { T "ab", 0 }, want_error = "a cache holds at least one key$" },
    } },
}
