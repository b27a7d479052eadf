local WORDS = { "attack", "Dawn", "the", "EAT", "a", "note", "is", "zebra", "Xylo", "at", "tea", "seen", "?!", "12" }

local function text(rng)
  return table.concat(rng.list(0, 5, function() return rng.pick(WORDS) end), rng.pick { " ", ", " })
end
local function letters(s) return select(2, s:gsub("%a", "")) end

local function key(rng, i) return i % 6 == 0 and rng.pick { "", "12", "a b", "x-y" } or rng.word("ABCDEzyxLEMON", 1,
  6) end

local function step_ok(step)
  local name, value = step:match "^(%a+)%s+(%S+)$"
  if name == "key" then return value:find "%a" ~= nil end
  if name == "word" then return not value:find "%A" end
  if name == "rails" then return tonumber(value) ~= nil and tonumber(value) >= 2 end
  return name == "shift" and tonumber(value) ~= nil
end

return {
  job = "pen-and-paper ciphers: shifts, keyed alphabets, running keys, rails, and breaking a shift",
  brief = "Letters keep their case, other characters stay as they are (rails move every character). A running key "
    .. "skips "
    .. "over what is no letter. The last argument of most functions says to take the step back.",
  blocks = {
    { name = "shift", signature = "shift(text, places) -> text",
      pre = function() return true end,
      post = function(a, r) return #r[1] == #a[1] and letters(r[1]) == letters(a[1]) end,
      hidden = function(rng) return { text(rng), rng.int(-30, 60) } end,
      examples = {
        { args = { "abc", 1 }, want = { "bcd" } },
        { args = { "xyz", 3 }, want = { "abc" } },
        { args = { "Hello, You!", 13 }, want = { "Uryyb, Lbh!" } },
        { args = { "abc", -1 }, want = { "zab" } },
        { args = { "abc", 26 }, want = { "abc" } },
        { args = { "", 5 }, want = { "" } },
        { args = { "1 2 3", 7 }, want = { "1 2 3" } },
        { args = { "Zz", 27 }, want = { "Aa" } },
      } },
    { name = "alphabet", signature = "alphabet(word) -> 26 capitals",
      pre = function(a) return a[1]:find "^%a+$" ~= nil end,
      post = function(a, r) return #r[1] == 26 and r[1]:sub(1, 1) == a[1]:sub(1, 1):upper() end,
      hidden = function(rng, i) return { key(rng, i) } end,
      examples = {
        { args = { "ZEBRA" }, want = { "ZEBRACDFGHIJKLMNOPQSTUVWXY" } },
        { args = { "a" }, want = { "ABCDEFGHIJKLMNOPQRSTUVWXYZ" } },
        { args = { "Lemon" }, want = { "LEMONABCDFGHIJKPQRSTUVWXYZ" } },
        { args = { "noon" }, want = { "NOABCDEFGHIJKLMPQRSTUVWXYZ" } },
        { args = { "zyx" }, want = { "ZYXABCDEFGHIJKLMNOPQRSTUVW" } },
        { args = { "" }, want_error = "bad key: $" },
        { args = { "no way" }, want_error = "bad key: no way$" },
        { args = { "k9" }, want_error = "bad key: k9$" },
      } },
    { name = "substitute", signature = "substitute(text, word, back) -> text",
      pre = function(a) return a[2]:find "^%a+$" ~= nil end,
      post = function(a, r) return #r[1] == #a[1] end,
      hidden = function(rng, i) return { text(rng), key(rng, i), rng.chance(0.5) } end,
      examples = {
        { args = { "abcde", "ZEBRA", false }, want = { "zebra" } },
        { args = { "zebra", "ZEBRA", true }, want = { "abcde" } },
        { args = { "Flee at once", "zebras", false }, want = { "Siaa zq lkba" } },
        { args = { "Siaa zq lkba", "zebras", true }, want = { "Flee at once" } },
        { args = { "xyz!", "a", false }, want = { "xyz!" } },
        { args = { "", "key", false }, want = { "" } },
        { args = { "abc", "", false }, want_error = "bad key: $" },
        { args = { "abc", "a1", true }, want_error = "bad key: a1$" },
      } },
    { name = "running", signature = "running(text, word, back) -> text",
      pre = function(a) return a[2]:find "%a" ~= nil end,
      post = function(a, r) return #r[1] == #a[1] end,
      hidden = function(rng, i)
        return { text(rng), i % 6 == 0 and rng.pick { "", "12", "--" } or rng.word("abcLEMONz-", 2, 6) .. "k",
          rng.chance(0.5) }
      end,
      examples = {
        { args = { "ATTACKATDAWN", "LEMON", false }, want = { "LXFOPVEFRNHR" } },
        { args = { "LXFOPVEFRNHR", "LEMON", true }, want = { "ATTACKATDAWN" } },
        { args = { "aaa aaa", "abc", false }, want = { "abc abc" } },
        { args = { "aaaa", "b-c", false }, want = { "bcbc" } },
        { args = { "Zz", "b", false }, want = { "Aa" } },
        { args = { "", "b", true }, want = { "" } },
        { args = { "abc", "", false }, want_error = "key without letters$" },
        { args = { "abc", "123", true }, want_error = "key without letters$" },
      } },
    { name = "rails", signature = "rails(text, count, back) -> text",
      pre = function(a) return a[2] >= 2 end,
      post = function(a, r) return #r[1] == #a[1] end,
      hidden = function(rng, i) return { text(rng), i % 7 == 0 and rng.int(-1, 1) or rng.int(2, 6),
        rng.chance(0.5) } end,
      examples = {
        { args = { "WEAREDISCOVERED", 3, false }, want = { "WECRERDSOEEAIVD" } },
        { args = { "WECRERDSOEEAIVD", 3, true }, want = { "WEAREDISCOVERED" } },
        { args = { "abcdef", 2, false }, want = { "acebdf" } },
        { args = { "acebdf", 2, true }, want = { "abcdef" } },
        { args = { "abc", 9, false }, want = { "abc" } },
        { args = { "", 4, true }, want = { "" } },
        { args = { "abcd", 3, false }, want = { "abdc" } },
        { args = { "abcd", 1, false }, want_error = "needs two rails$" },
      } },
    { name = "crack", signature = "crack(text) -> shift, text turned back by it", hidden_n = 20,
      pre = function() return true end,
      post = function(a, r) return r[1] >= 0 and r[1] < 26 and #r[2] == #a[1] end,
      hidden = function(rng)
        local t = table.concat(rng.list(0, 4, function() return rng.pick { "the", "eat", "tea", "note", "seen",
          "at" } end), " ")
        local places = rng.int(0, 25)
        return { (t:gsub("%l", function(c) return string.char((c:byte() - 97 + places) % 26 + 97) end)) }
      end,
      examples = {
        { args = { "the tea" }, want = { 0, "the tea" } },
        { args = { "wkh whd" }, want = { 3, "the tea" } },
        { args = { "Phhw ph dw wkh qrwh" }, want = { 3, "Meet me at the note" } },
        { args = { "" }, want = { 0, "" } },
        { args = { "123" }, want = { 0, "123" } },
        { args = { "E" }, want = { 0, "E" } },
        { args = { "F" }, want = { 1, "E" } },
        { args = { "d" }, want = { 25, "e" } },
      } },
  },
  integration = { name = "apply", signature = "apply(text, steps, back) -> text",
    pre = function(a)
      for _, step in ipairs(a[2]) do if not step_ok(step) then return false end end
      return true
    end,
    post = function(a, r) return #r[1] == #a[1] end,
    hidden = function(rng, i)
      local steps = rng.list(1, 3, function()
        return rng.pick { "shift " .. rng.int(-5, 30), "key " .. rng.word("abKEY", 1, 4), "word " .. rng.word("zeBRA",
          1, 5),
          "rails " .. rng.int(2, 5) }
      end)
      if i % 6 == 0 then steps[#steps + 1] = rng.pick { "rails 1", "turn 3", "shift x", "key 99", "word a1",
        "shift" } end
      return { text(rng), steps, rng.chance(0.5) }
    end,
    examples = {
      { args = { "abc", { "shift 1" }, false }, want = { "bcd" } },
      { args = { "bcd", { "shift 1" }, true }, want = { "abc" } },
      { args = { "Attack at dawn", { "key LEMON", "rails 3" }, false }, want = { "Lpfhxove nrf r" } },
      { args = { "hello", {}, false }, want = { "hello" } },
      { args = { "abcdef", { "rails 2", "shift 1" }, false }, want = { "bdfceg" } },
      { args = { "bdfceg", { "rails 2", "shift 1" }, true }, want = { "abcdef" } },
      { args = { "abc", { "spin 2" }, false }, want_error = "step 1 is unknown$" },
      { args = { "abc", { "shift 2", "rails 1" }, false }, want_error = "needs two rails$" },
      { args = { "abc", { "key 12" }, true }, want_error = "key without letters$" },
    } },
}
