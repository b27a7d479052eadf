--- han.zoom.reshape: other targets than the blocks that a task names. A block that stands still may be split in two
-- targets, two blocks whose repairs undo each other may become one. Each is proposed where there is reason for it,
-- tried with one shot, and kept only when that shot was better than everything before.

local state_of = require "han.zoom.state"

local M = {}

M.PATIENCE = 2 -- a split waits for so many plateaus in a row

-- The two halves of a block's tests: those that want an error and those that want values, the two sides of a contract;
-- where all are of one side, the first and the second half of them. Both must have a test that fails.
local function halves(state, target)
  local a, b = {}, {}
  for _, i in ipairs(target.tests) do table.insert(state.tests[i].want_error and a or b, i) end
  if #a == 0 or #b == 0 then
    local all = #a > 0 and a or b
    a, b = table.move(all, 1, #all // 2, 1, {}), table.move(all, #all // 2 + 1, #all, 1, {})
  end
  local function fails(list)
    for _, i in ipairs(list) do if state.failing[i] then return true end end
    return false
  end
  if #a == 0 or #b == 0 or not (fails(a) and fails(b)) then return nil end
  return a, b
end

local function part(state, target, suffix, tests)
  local new = state_of.target_of(target.name .. suffix, target.level, tests, target.fns)
  local failed = 0
  for _, i in ipairs(tests) do failed = failed + (state.failing[i] and 1 or 0) end
  new.part, new.rate = true, 1 - failed / #tests
  return new
end

-- A target that has stood still for long, as two.
local function split_of(state)
  for k, target in ipairs(state.targets) do
    if not target.part and not target.split and target.rate < 1
      and target.idle >= M.PATIENCE * state.params.plateau then
      local a, b = halves(state, target)
      if a then
        local list = table.move(state.targets, 1, #state.targets, 1, {})
        list[k] = part(state, target, "/1", a)
        table.insert(list, k + 1, part(state, target, "/2", b))
        return { how = "split", of = target, words = "split " .. target.name, targets = list, try = list[k] }
      end
    end
  end
end

-- Two targets of one level that lost by what the other gained.
local function rivals(state)
  for _, a in ipairs(state.targets) do
    for _, b in ipairs(state.targets) do
      local hurt = state.hurt and state.hurt[a.name]
      if a ~= b and a.level == b.level and not a.part and not b.part and hurt and hurt[b.name]
        and (a.rate < 1 or b.rate < 1) then
        return a, b
      end
    end
  end
end

local function merge_of(state)
  local a, b = rivals(state)
  if not a or a.merged or b.merged then return nil end
  local tests, fns = table.move(a.tests, 1, #a.tests, 1, {}), table.move(a.fns, 1, #a.fns, 1, {})
  table.move(b.tests, 1, #b.tests, #tests + 1, tests)
  table.move(b.fns, 1, #b.fns, #fns + 1, fns)
  local one, list = state_of.target_of(a.name .. "+" .. b.name, a.level, tests, fns), {}
  one.rate = (a.rate * #a.tests + b.rate * #b.tests) / #tests
  for _, target in ipairs(state.targets) do
    if target == a then list[#list + 1] = one elseif target ~= b then list[#list + 1] = target end
  end
  return { how = "merge", of = a, with = b, words = ("merge %s and %s"):format(a.name, b.name), targets = list,
    try = one }
end

--- Remembers which targets lost by a shot at another that was kept. before: { name = rate }.
function M.watch(state, target, before)
  for _, other in ipairs(state.targets) do
    local rate = before[other.name]
    if other ~= target and rate and other.rate < rate then
      state.hurt = state.hurt or {}
      state.hurt[target.name] = state.hurt[target.name] or {}
      state.hurt[target.name][other.name] = true
    end
  end
end

--- What may be tried now: { how = "split"|"merge", words=, targets = the set that it would be, try = the target of the
-- shot that decides }, or nil. Each is proposed once for a target.
function M.propose(state)
  local found = merge_of(state) or state.failing and split_of(state) or nil
  if found then
    local field = found.how == "split" and "split" or "merged"
    found.of[field] = true
    if found.with then found.with[field] = true end
  end
  return found
end

return M
