local LENGTHS, TIMES, MASSES = { "m", "km", "cm", "mm", "in", "ft" }, { "s", "min", "h", "ms" }, { "g", "kg", "mg",
  "t" }
local NAMES = { "m", "km", "cm", "min", "h", "s", "g", "kg", "t", "in", "ft", "L", "mL", "N", "kN", "ms" }
local KNOWN = {}
for _, base in ipairs { "m", "g", "s", "min", "h", "t", "in", "ft", "L", "N" } do
  KNOWN[base] = true
  for _, p in ipairs { "k", "c", "m" } do KNOWN[p .. base] = true end
end
local function compound_ok(text)
  for part in text:gmatch "[^*/]*" do
    if not KNOWN[part:gsub("%^%-?%d*$", "") .. ""] then return false end
  end
  return true
end
local function compound(rng, i)
  local text = rng.pick(NAMES)
  for _ = 1, rng.int(0, 2) do
    text = text .. rng.pick { "*", "/" } .. rng.pick(NAMES) .. rng.pick { "", "", "^2", "^-1" }
  end
  if i % 7 == 0 then text = text .. rng.pick { "*foo", "/", "*km2" } end
  return text
end
local KIND = {}
for k, list in ipairs { LENGTHS, TIMES, MASSES } do for _, name in ipairs(list) do KIND[name] = k end end
local SPEEDS = { ["km/h"] = 4, ["m/s"] = 4, ["m*s^-1"] = 4, ["cm/min"] = 4, ["N/kg"] = 5, ["m/s^2"] = 5 }
local function kind(name) return KIND[name] or SPEEDS[name] end

return {
  job = "converts quantities between units with prefixes, products and powers, and checks dimensions",
  brief = "Exponents are of metre, gram and second; sizes are exact as top and bottom. '/' divides by the next unit "
    .. "only. "
    .. "Converted values are in thousandths, rounded half up.",
  blocks = {
    { name = "unit", signature = "unit(name) -> exponents, size as top, bottom",
      pre = function(a) return KNOWN[a[1]] == true end,
      post = function(_, r) return #r[1] == 3 and r[2] > 0 and r[3] > 0 end,
      hidden = function(rng, i) return { i % 4 == 0 and rng.pick { "x", "kx", "", "k", "Km", "mmm", "hm" }
        or rng.pick(NAMES) } end,
      examples = {
        { args = { "m" }, want = { { 1, 0, 0 }, 1, 1 } },
        { args = { "km" }, want = { { 1, 0, 0 }, 1000, 1 } },
        { args = { "min" }, want = { { 0, 0, 1 }, 60, 1 } },
        { args = { "cm" }, want = { { 1, 0, 0 }, 1, 100 } },
        { args = { "mL" }, want = { { 3, 0, 0 }, 1, 1000000 } },
        { args = { "kN" }, want = { { 1, 1, -2 }, 1000000, 1 } },
        { args = { "ft" }, want = { { 1, 0, 0 }, 381, 1250 } },
        { args = { "xm" }, want_error = "unknown unit xm$" },
        { args = { "" }, want_error = "unknown unit $" },
      } },
    { name = "compound", signature = "compound(text) -> exponents, size as top, bottom",
      pre = function(a) return compound_ok(a[1]) end,
      post = function(_, r) return #r[1] == 3 and r[2] > 0 and r[3] > 0 end,
      hidden = function(rng, i) return { compound(rng, i) } end,
      examples = {
        { args = { "m" }, want = { { 1, 0, 0 }, 1, 1 } },
        { args = { "km/h" }, want = { { 1, 0, -1 }, 1000, 3600 } },
        { args = { "m/s^2" }, want = { { 1, 0, -2 }, 1, 1 } },
        { args = { "kg*m/s^2" }, want = { { 1, 1, -2 }, 1000, 1 } },
        { args = { "m/s/h" }, want = { { 1, 0, -2 }, 1, 3600 } },
        { args = { "m/s*h" }, want = { { 1, 0, 0 }, 3600, 1 } },
        { args = { "cm^3" }, want = { { 3, 0, 0 }, 1, 1000000 } },
        { args = { "min^-2" }, want = { { 0, 0, -2 }, 1, 3600 } },
        { args = { "m*" }, want_error = "unknown unit $" },
      } },
    { name = "dimension", signature = "dimension(exponents) -> text",
      pre = function() return true end,
      post = function(_, r) return #r[1] > 0 end,
      hidden = function(rng) return { { rng.int(-3, 3), rng.int(-2, 2), rng.int(-2, 2) } } end,
      examples = {
        { args = { { 0, 0, 0 } }, want = { "1" } },
        { args = { { 1, 0, 0 } }, want = { "m" } },
        { args = { { 1, 0, -1 } }, want = { "m/s" } },
        { args = { { 1, 1, -2 } }, want = { "m*g/s^2" } },
        { args = { { 0, 0, -1 } }, want = { "1/s" } },
        { args = { { 3, 0, 0 } }, want = { "m^3" } },
        { args = { { -1, -1, 2 } }, want = { "s^2/m/g" } },
        { args = { { -2, 0, -2 } }, want = { "1/m^2/s^2" } },
      } },
    { name = "convert", signature = "convert(value, from, to) -> thousandths",
      pre = function(a) return kind(a[2]) ~= nil and kind(a[2]) == kind(a[3]) end,
      post = function(_, r) return math.type(r[1]) == "integer" end,
      hidden = function(rng, i)
        local list = rng.pick { LENGTHS, TIMES, MASSES, { "km/h", "m/s", "cm/min" }, { "N/kg", "m/s^2" } }
        return { rng.int(-20, 900), rng.pick(list), i % 6 == 0 and rng.pick { "s", "m", "kg" } or rng.pick(list) }
      end,
      examples = {
        { args = { 1, "km", "m" }, want = { 1000000 } },
        { args = { 1, "m", "km" }, want = { 1 } },
        { args = { 36, "km/h", "m/s" }, want = { 10000 } },
        { args = { 1, "in", "mm" }, want = { 25400 } },
        { args = { 100, "min", "h" }, want = { 1667 } },
        { args = { 499, "mm", "km" }, want = { 0 } },
        { args = { -90, "s", "min" }, want = { -1500 } },
        { args = { 5, "m", "s" }, want_error = "m is m, s is s$" },
        { args = { 5, "N/kg", "m/s" }, want_error = "N/kg is m/s^2, m/s is m/s$" },
      } },
    { name = "split", signature = "split(value, from, units) -> counts",
      pre = function(a)
        for _, name in ipairs(a[3]) do if kind(name) ~= kind(a[2]) then return false end end
        return true
      end,
      post = function(a, r) return #r[1] == #a[3] end,
      hidden = function(rng, i)
        local case = rng.pick { { "s", { "h", "min", "s" } }, { "min", { "h", "min" } }, { "cm", { "ft", "in" } },
          { "g", { "t", "kg", "g" } },
          { "mm", { "m", "cm", "mm" } } }
        local units = case[2]
        if i % 7 == 0 then units = { "h", "m" } end
        return { rng.int(0, 9999), case[1], units }
      end,
      examples = {
        { args = { 3725, "s", { "h", "min", "s" } }, want = { { 1, 2, 5 } } },
        { args = { 180, "cm", { "ft", "in" } }, want = { { 5, 10 } } },
        { args = { 1234, "mm", { "m", "cm", "mm" } }, want = { { 1, 23, 4 } } },
        { args = { 59, "s", { "min" } }, want = { { 0 } } },
        { args = { 90, "min", { "h", "min" } }, want = { { 1, 30 } } },
        { args = { 5, "m", {} }, want = { {} } },
        { args = { 0, "g", { "kg", "g" } }, want = { { 0, 0 } } },
        { args = { 5, "m", { "s" } }, want_error = "cannot split m into s$" },
      } },
  },
  integration = { name = "total", signature = "total(lines, unit) -> thousandths of the unit, lines, dimension",
    pre = function(a)
      for _, line in ipairs(a[1]) do
        local _, _, name = line:match "^([+-]?)%s*(%d+)%s*(%S+)$"
        if not name or name:find "^%d" or not kind(name) or kind(name) ~= kind(a[2]) then return false end
      end
      return true
    end,
    post = function(a, r) return r[2] == #a[1] end,
    hidden = function(rng, i)
      local list = rng.pick { LENGTHS, TIMES, MASSES, { "km/h", "m/s" } }
      local lines = rng.list(0, 4, function() return rng.pick { "", "+ ", "-" } .. rng.int(0, 500) .. rng.pick { " ",
        "" } .. rng.pick(list) end)
      if i % 5 == 0 then lines[#lines + 1] = rng.pick { "km", "5", "x 5 m", "3 m s", "7 N" } end
      return { lines, rng.pick(list) }
    end,
    examples = {
      { args = { { "3 km", "20 m" }, "m" }, want = { 3020000, 2, "m" } },
      { args = { { "1 h", "- 15 min" }, "min" }, want = { 45000, 2, "s" } },
      { args = { {}, "kg" }, want = { 0, 0, "g" } },
      { args = { { "1 in", "1 in", "1 in" }, "cm" }, want = { 7620, 3, "m" } },
      { args = { { "36 km/h", "+5 m/s" }, "m/s" }, want = { 15000, 2, "m/s" } },
      { args = { { "-2kg" }, "g" }, want = { -2000000, 1, "g" } },
      { args = { { "2 kg", "heavy" }, "g" }, want_error = "line 2 is no quantity$" },
      { args = { { "2 kg" }, "m" }, want_error = "kg is g, m is m$" },
    } },
}
