local CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcxyz0123456789?/"

local function text(rng)
  return table.concat(rng.list(0, 3, function()
    local word = rng.word(CHARS, 1, 4)
    if rng.chance(0.2) then word = word .. "<" .. rng.word("skra1", 2, 3) .. ">" end
    return word
  end), rng.pick { " ", "  " })
end

local function sendable(t)
  t = t:gsub("<%w+>", "")
  return not t:find "[^%w%s?/]"
end

local function code(rng)
  return table.concat(rng.list(0, 3, function()
    return table.concat(rng.list(1, 3, function() return rng.word(".-", 1, 5) end), " ")
  end), rng.pick { " / ", "/" })
end

local function joined(times) return #times % 2 == 1 or #times == 0 end

return {
  job = "sends and reads Morse code: signals, timing in units, keying times and prosigns",
  brief = "Letters are parted by a blank, words by ' / '. Times are on and off by turns: dot 1, dash 3, gaps 1, 3 "
    .. "and 7 "
    .. "units. '<sk>' joins the letters s and k to one sign. A digit d up to 5 is d dots and then dashes.",
  blocks = {
    { name = "signal", signature = "signal(character) -> dots and dashes",
      pre = function(a) return a[1]:find "^[%w?/]$" ~= nil end,
      post = function(_, r) return r[1]:find "^[.-]+$" ~= nil end,
      hidden = function(rng, i) return { i % 6 == 0 and rng.pick { "!", "é", "-", " " } or rng.word(CHARS
        .. "0123456789", 1, 1) } end,
      examples = {
        { args = { "A" }, want = { ".-" } },
        { args = { "q" }, want = { "--.-" } },
        { args = { "0" }, want = { "-----" } },
        { args = { "3" }, want = { "...--" } },
        { args = { "5" }, want = { "....." } },
        { args = { "6" }, want = { "-...." } },
        { args = { "9" }, want = { "----." } },
        { args = { "?" }, want = { "..--.." } },
        { args = { "!" }, want_error = "no signal for !$" },
      } },
    { name = "encode", signature = "encode(text) -> signals",
      pre = function(a) return sendable(a[1]) end,
      post = function(_, r) return not r[1]:find "[^./ -]" end,
      hidden = function(rng, i)
        local t = text(rng)
        if i % 6 == 0 then t = t .. rng.pick { "!", " <sk", "<>", ">" } end
        return { t }
      end,
      examples = {
        { args = { "SOS" }, want = { "... --- ..." } },
        { args = { "<sos>" }, want = { "...---..." } },
        { args = { "hi you" }, want = { ".... .. / -.-- --- ..-" } },
        { args = { "" }, want = { "" } },
        { args = { "  a  b " }, want = { ".- / -..." } },
        { args = { "ok<ar>" }, want = { "--- -.- .-.-." } },
        { args = { "a<b" }, want_error = "no signal for <$" },
        { args = { "x=1" }, want_error = "no signal for =$" },
      } },
    { name = "decode", signature = "decode(signals) -> capitals",
      pre = function(a) return not a[1]:find "[^./%s-]" end,
      post = function(_, r) return not r[1]:find "%l" end,
      hidden = function(rng, i) return { code(rng) .. (i % 6 == 0 and rng.pick { "x", " _", "|" } or "") } end,
      examples = {
        { args = { "... --- ..." }, want = { "SOS" } },
        { args = { ".- / -..." }, want = { "A B" } },
        { args = { "" }, want = { "" } },
        { args = { "...---..." }, want = { "*" } },
        { args = { ".- // -" }, want = { "A T" } },
        { args = { "/./" }, want = { "E" } },
        { args = { "..--- -...." }, want = { "26" } },
        { args = { ".- b" }, want_error = "not a signal: b$" },
      } },
    { name = "timing", signature = "timing(signals) -> on and off times in units",
      pre = function() return true end,
      post = function(_, r) return joined(r[1]) end,
      hidden = function(rng) return { rng.pick { "", "", " ", "/ " } .. code(rng) .. rng.pick { "", " " } } end,
      examples = {
        { args = { "." }, want = { { 1 } } },
        { args = { "-" }, want = { { 3 } } },
        { args = { ".-" }, want = { { 1, 1, 3 } } },
        { args = { ". -" }, want = { { 1, 3, 3 } } },
        { args = { ". / -" }, want = { { 1, 7, 3 } } },
        { args = { "./." }, want = { { 1, 7, 1 } } },
        { args = { "" }, want = { {} } },
        { args = { ".   ." }, want = { { 1, 3, 1 } } },
        { args = { " . " }, want = { { 1 } } },
      } },
    { name = "listen", signature = "listen(times in milliseconds) -> signals",
      pre = function(a)
        for _, t in ipairs(a[1]) do if t <= 0 then return false end end
        return true
      end,
      post = function(_, r) return not r[1]:find "[^./ -]" end,
      hidden = function(rng, i)
        local unit, times = rng.int(20, 90), {}
        for k = 1, rng.int(0, 4) * 2 + 1 do
          times[k] = unit * (k % 2 == 1 and rng.pick { 1, 3 } or rng.pick { 1, 1, 3, 7, 2, 5 }) + rng.int(0, 9)
        end
        if i % 6 == 0 then times[rng(#times)] = rng.pick { 0, -5 } end
        return { times }
      end,
      examples = {
        { args = { { 100 } }, want = { "." } },
        { args = { {} }, want = { "" } },
        { args = { { 100, 100, 300 } }, want = { ".-" } },
        { args = { { 300, 100, 300 } }, want = { "--" } },
        { args = { { 110, 310, 100 } }, want = { ". ." } },
        { args = { { 100, 700, 290 } }, want = { ". / -" } },
        { args = { { 50, 99, 100, 100, 51 } }, want = { ".- ." } },
        { args = { { 100, 0, 100 } }, want_error = "no time at all$" },
      } },
  },
  integration = { name = "send", signature = "send(text, speed) -> signals, seconds, what is heard",
    pre = function(a) return a[2] >= 1 and a[2] <= 60 and sendable(a[1]) end,
    post = function(_, r) return r[2] >= 0 and not r[3]:find "%l" end,
    hidden = function(rng, i)
      return { text(rng) .. (i % 9 == 0 and "+" or ""), i % 8 == 0 and rng.pick { 0, 61 } or rng.int(1, 60) }
    end,
    examples = {
      { args = { "PARIS", 1 }, want = { ".--. .- .-. .. ...", 52, "PARIS" } },
      { args = { "paris paris", 20 }, want = { ".--. .- .-. .. ... / .--. .- .-. .. ...", 6, "PARIS PARIS" } },
      { args = { "SOS", 12 }, want = { "... --- ...", 3, "SOS" } },
      { args = { "E", 60 }, want = { ".", 1, "E" } },
      { args = { "T", 5 }, want = { "-", 1, "E" } },
      { args = { "", 5 }, want = { "", 0, "" } },
      { args = { "hi 5", 13 }, want = { ".... .. / .....", 3, "HI 5" } },
      { args = { "hi", 0 }, want_error = "no such speed: 0$" },
      { args = { "h_i", 9 }, want_error = "no signal for _$" },
    } },
}
