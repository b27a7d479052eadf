local UNITS = { "g", "kg", "ml", "l", "tsp", "tbsp", "cup" }
local NAMES = { "flour", "milk", "egg", "red onion", "salt" }
local function amount(rng) return rng.pick { "1/2", "2 1/3", "3/4", "1 5/6", "1/12", tostring(rng.int(1, 9)),
  tostring(rng.int(10, 500)) } end
local function line(rng) return amount(rng) .. " " .. rng.pick { rng.pick(UNITS) .. " ", rng.pick(UNITS) .. " ", "" }
  .. rng.pick(NAMES) end
local BAD = { "flour", "1/5 cup milk", "2 3 eggs", "1/0 g salt", "", "3", "-1 g salt", "1/2", "1 1/7 l milk", "a 1 g" }
local function line_ok(text)
  local bottom = text:match "^%d+%s+%d+/(%d+)%s+.+$" or text:match "^%d+/(%d+)%s+.+$"
  if bottom then return tonumber(bottom) > 0 and 12 % tonumber(bottom) == 0 end
  return text:find "^%d+%s+%D" ~= nil
end
local function lines_ok(list)
  for _, l in ipairs(list) do if not line_ok(l) then return false end end
  return true
end
local function item(rng)
  return { twelfths = rng.int(1, 100), unit = rng.pick { "piece", "piece", "g", "kg", "ml", "cup", "tsp" },
    name = rng.pick(NAMES) }
end
local function items(rng) return rng.list(0, 5, function() return item(rng) end) end
local function it(twelfths, unit, name) return { twelfths = twelfths, unit = unit, name = name } end
local CAKE = { it(24, "cup", "flour"), it(36, "piece", "egg") }

return {
  job = "reads recipes, scales them to portions, adds up shopping lists and checks a pantry",
  brief = "Amounts are in twelfths of the unit. Units are g, kg, ml, l, tsp (5 ml), tbsp (15 ml), cup (240 ml); "
    .. "anything "
    .. "else is counted in pieces, which scale up to the next half.",
  blocks = {
    { name = "read", signature = "read(line) -> { twelfths, unit, name }",
      pre = function(a) return line_ok(a[1]) end,
      post = function(_, r) return r[1].twelfths >= 0 and #r[1].name > 0 end,
      hidden = function(rng, i) return { i % 4 == 0 and rng.pick(BAD) or line(rng) } end,
      examples = {
        { args = { "3 egg" }, want = { it(36, "piece", "egg") } },
        { args = { "1 1/2 cup flour" }, want = { it(18, "cup", "flour") } },
        { args = { "2/3 l milk" }, want = { it(8, "l", "milk") } },
        { args = { "250 g red onion" }, want = { it(3000, "g", "red onion") } },
        { args = { "1/2 red onion" }, want = { it(6, "piece", "red onion") } },
        { args = { "1/5 l milk" }, want_error = "bad amount: 1/5 l milk$" },
        { args = { "some salt" }, want_error = "bad amount: some salt$" },
        { args = { "1 2 egg" }, want_error = "bad amount: 1 2 egg$" },
      } },
    { name = "show", signature = "show(twelfths) -> text",
      pre = function() return true end,
      post = function(_, r) return r[1]:find "^%d" ~= nil end,
      hidden = function(rng) return { rng.pick { rng.int(0, 40), rng.int(0, 24), 12 * rng.int(1, 30) } } end,
      examples = {
        { args = { 12 }, want = { "1" } },
        { args = { 18 }, want = { "1 1/2" } },
        { args = { 8 }, want = { "2/3" } },
        { args = { 1 }, want = { "1/12" } },
        { args = { 9 }, want = { "3/4" } },
        { args = { 34 }, want = { "2 5/6" } },
        { args = { 0 }, want = { "0" } },
        { args = { 19 }, want = { "1 7/12" } },
      } },
    { name = "scale", signature = "scale(item, from, to) -> item",
      pre = function(a) return a[2] >= 1 and a[3] >= 1 end,
      post = function(a, r) return r[1].twelfths >= 1 and r[1].name == a[1].name end,
      hidden = function(rng, i) return { item(rng), i % 9 == 0 and 0 or rng.int(1, 8), i % 10 == 0 and -1 or rng.int(1,
        12) } end,
      examples = {
        { args = { it(24, "cup", "flour"), 4, 6 }, want = { it(36, "cup", "flour") } },
        { args = { it(12, "g", "salt"), 5, 1 }, want = { it(2, "g", "salt") } },
        { args = { it(12, "g", "salt"), 8, 1 }, want = { it(2, "g", "salt") } },
        { args = { it(12, "piece", "egg"), 4, 5 }, want = { it(18, "piece", "egg") } },
        { args = { it(24, "piece", "egg"), 4, 2 }, want = { it(12, "piece", "egg") } },
        { args = { it(1, "tsp", "salt"), 9, 1 }, want = { it(1, "tsp", "salt") } },
        { args = { it(12, "piece", "egg"), 3, 3 }, want = { it(12, "piece", "egg") } },
        { args = { it(12, "piece", "egg"), 0, 3 }, want_error = "no portions$" },
      } },
    { name = "gather", signature = "gather(items) -> sums in base units, sorted",
      pre = function() return true end,
      post = function(a, r) return #r[1] <= #a[1] end,
      hidden = function(rng) return { items(rng) } end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { CAKE }, want = { { it(36, "piece", "egg"), it(5760, "ml", "flour") } } },
        { args = { { it(12, "kg", "salt"), it(12, "g", "salt") } }, want = { { it(12012, "g", "salt") } } },
        { args = { { it(12, "tsp", "oil"), it(12, "tbsp", "oil") } }, want = { { it(240, "ml", "oil") } } },
        { args = { { it(12, "piece", "egg"), it(6, "piece", "egg") } }, want = { { it(18, "piece", "egg") } } },
        { args = { { it(1, "ml", "x"), it(1, "g", "x") } }, want = { { it(1, "g", "x"), it(1, "ml", "x") } } },
        { args = { { it(1, "g", "b"), it(2, "g", "a") } }, want = { { it(2, "g", "a"), it(1, "g", "b") } } },
        { args = { { it(3, "l", "milk") } }, want = { { it(3000, "ml", "milk") } } },
      } },
    { name = "servings", signature = "servings(needs, pantry) -> how often, what runs out first",
      pre = function() return true end,
      post = function(_, r) return r[1] >= 0 end,
      hidden = function(rng)
        local needs, pantry = items(rng), {}
        for i, need in ipairs(needs) do
          pantry[i] = it(need.twelfths * rng.int(1, 4) + rng.int(0, 5), rng.chance(0.9) and need.unit or "g", need.name)
        end
        return { needs, pantry }
      end,
      examples = {
        { args = { CAKE, { it(72, "cup", "flour"), it(120, "piece", "egg") } }, want = { 3, "egg" } },
        { args = { CAKE, { it(47, "cup", "flour"), it(120, "piece", "egg") } }, want = { 1, "flour" } },
        { args = { CAKE, {} }, want = { 0, "egg" } },
        { args = { {}, CAKE }, want = { 0 } },
        { args = { { it(12, "kg", "salt") }, { it(24000, "g", "salt") } }, want = { 2, "salt" } },
        { args = { { it(12, "g", "salt") }, { it(24, "ml", "salt") } }, want = { 0, "salt" } },
        { args = { { it(6, "piece", "a"), it(6, "piece", "a") }, { it(36, "piece", "a") } }, want = { 3, "a" } },
        { args = { { it(5, "g", "b"), it(5, "g", "a") }, { it(5, "g", "a"), it(5, "g", "b") } }, want = { 1, "a" } },
      } },
  },
  integration = { name = "shop", signature = "shop(meals { lines, from, to }, pantry lines) -> lines to buy",
    pre = function(a)
      for _, meal in ipairs(a[1]) do
        if not lines_ok(meal.lines) then return false end
        if #meal.lines > 0 and (meal.from < 1 or meal.to < 1) then return false end
      end
      return lines_ok(a[2])
    end,
    post = function(_, r) return #r[1] >= 0 end,
    hidden = function(rng, i)
      local meals = rng.list(0, 2, function()
        return { lines = rng.list(1, 3, function() return line(rng) end), from = i % 9 == 0 and 0 or rng.int(1, 4),
          to = rng.int(1, 6) }
      end)
      local pantry = rng.list(0, 3, function() return line(rng) end)
      if i % 7 == 0 then pantry[#pantry + 1] = rng.pick(BAD) end
      return { meals, pantry }
    end,
    examples = {
      { args = { {}, {} }, want = { {} } },
      { args = { { { lines = { "2 egg", "1/2 cup milk" }, from = 2, to = 4 } }, {} }, want = { { "4 egg",
        "240 ml milk" } } },
      { args = { { { lines = { "2 egg" }, from = 2, to = 4 } }, { "3 egg" } }, want = { { "1 egg" } } },
      { args = { { { lines = { "2 egg" }, from = 1, to = 1 } }, { "2 egg", "1 kg salt" } }, want = { {} } },
      { args = { { { lines = { "1 kg salt" }, from = 2, to = 1 }, { lines = { "1 g salt" }, from = 1, to = 1 } },
        { "400 g salt" } }, want = { { "101 g salt" } } },
      { args = { { { lines = { "2 egg" }, from = 0, to = 4 } }, {} }, want_error = "no portions$" },
      { args = { { { lines = { "egg" }, from = 1, to = 4 } }, {} }, want_error = "bad amount: egg$" },
      { args = { {}, { "lots" } }, want_error = "bad amount: lots$" },
    } },
}
