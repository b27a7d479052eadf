--- han.report_parts: what the pages of han are made of: head with its content policy, navigation, sections, tables, and
-- how each page says how it was made. Pure; every text from outside goes through `escape`.

local marks = require "han.report_marks"
local sys = require "han.sys"

local M = {}

local escape = marks.escape
local channel_words = { nano_usd = "nano-dollars" }

--- The word of a channel of spend.
function M.channel_word(channel) return channel_words[channel] or channel end

--- A number as text, or "-"; three decimals when nobody says otherwise.
function M.number(value, format)
  return value and (format or "%.3f"):format(value) or "-"
end

--- "low to high", or "-" without an interval.
function M.interval(ci, format)
  return ci and (format .. " to " .. format):format(ci[1], ci[2]) or "-"
end

--- Adds a table; rows of cells; a cell is text (escaped here) or { html= }; right: set of columns of numbers.
function M.html_table(out, caption, head, rows, right)
  local function row(tag, cells)
    local parts = {}
    for i, cell in ipairs(cells) do
      local inner = type(cell) == "table" and cell.html or escape(cell)
      local name = (tag == "td" and i == 1) and "th" or tag
      local scope = name == "th" and (tag == "th" and ' scope="col"' or ' scope="row"') or ""
      parts[i] = ("<%s%s%s>%s</%s>"):format(name, scope, right and right[i] and ' class="n"' or "", inner, name)
    end
    return "<tr>" .. table.concat(parts) .. "</tr>\n"
  end
  out[#out + 1] = '<div class="scroll"><table><caption>' .. escape(caption) .. "</caption><thead>" .. row("th", head)
    .. "</thead><tbody>\n"
  for _, cells in ipairs(rows) do out[#out + 1] = row("td", cells) end
  out[#out + 1] = "</tbody></table></div>\n"
end

--- Begins a section, which the caller ends.
function M.section(out, id, title)
  out[#out + 1] = ('<section id="%s" aria-labelledby="%s-title"><h2 id="%s-title">%s</h2>\n'):format(id, id, id, title)
end

local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

--- The digest of a text as a content policy writes it.
function M.policy_digest(text)
  local bytes = sys.sha256(text):gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end)
  local out = {}
  for i = 1, #bytes, 3 do
    local a, b, c = bytes:byte(i, i + 2)
    local n = a << 16 | (b or 0) << 8 | (c or 0)
    for k = 0, 3 do
      local at = (n >> (18 - 6 * k) & 63) + 1
      out[#out + 1] = k > 1 and not (k == 2 and b or c) and "=" or alphabet:sub(at, at)
    end
  end
  return "'sha256-" .. table.concat(out) .. "'"
end

--- Begins the page; its policy names the digests of the scripts and the style, so that nothing else can run.
function M.head(out, title, scripts, style)
  local digests = {}
  for i, script in ipairs(scripts) do digests[i] = M.policy_digest(script) end
  out[#out + 1] = '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
    .. ('<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; script-src %s; style-src %s; '
      .. "base-uri 'none'; form-action 'none'\">\n"):format(#digests > 0 and table.concat(digests, " ") or "'none'",
      M.policy_digest(style))
    .. '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" '
    .. 'content="light dark">\n<meta name="referrer" content="no-referrer">\n<title>' .. escape(title) .. "</title>\n"
    .. "<style>" .. style .. "</style>\n</head>\n<body>\n"
end

--- q of a contrast; an A/A pair has none.
function M.q(row) return row.q and M.number(row.q) or row.diagnostic and "A/A" or "-" end

--- A paragraph.
function M.say(out, words, class)
  out[#out + 1] = ('<p%s>%s</p>\n'):format(class and (' class="%s"'):format(class) or "", escape(words))
end

--- A cell of a table: how much of a ceiling was used; `none` where there is none ("-" when absent).
function M.share(spent, ceiling, none)
  if not ceiling or ceiling <= 0 then return none or "-" end
  local share = (spent or 0) / ceiling
  return { html = ('<meter min="0" max="1" value="%.4f" aria-label="share of the ceiling"></meter> %.1f %%'):format(
    math.min(1, share), share * 100) }
end

--- Begins the header, with a link to the first section. nav: { { id, title } ... }.
function M.begin(out, title, nav)
  out[#out + 1] = ('<a class="skip" href="#%s">To the results</a>\n<header><h1>%s</h1>\n'):format(nav[1][1],
    escape(title))
end

--- Ends the header and begins the sections.
function M.nav(out, nav)
  out[#out + 1] = "</header>\n<nav aria-label=\"Sections\">"
  for _, entry in ipairs(nav) do out[#out + 1] = ('<a href="#%s">%s</a>'):format(entry[1], entry[2]) end
  out[#out + 1] = "</nav>\n<main>\n"
end

--- The last section, and the end of the sections. model: { command=, page_command=, version= }.
function M.made(out, model)
  M.section(out, "made", "Made by")
  out[#out + 1] = "<p>The command that made the run:</p><pre><code>" .. escape(model.command) .. "</code></pre>\n"
  out[#out + 1] = "<p>The command that made this page:</p><pre><code>" .. escape(model.page_command)
    .. "</code></pre></section>\n</main>\n<footer>han " .. escape(model.version)
    .. ". Everything on this page is in this file; it asks the network for nothing.</footer>\n"
end

return M
