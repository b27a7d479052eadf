-- The page of han report in a real browser: a bench is run, its page opened in Debian's Chromium without a window,
-- and what is drawn is looked for in the document and on the screen. tools/setup.sh --full installs the browser.
-- luacheck: no max line length

local cli = dofile "tests/lua/support/cli.lua"
local fakes = dofile "tests/lua/support/fakes.lua"

local browser = fakes.shell("command -v chromium || true"):gsub("\n", "")
local case = cli.needs_program(it, pending)
if browser == "" then
  io.stderr:write("NOT TESTED: no chromium here, so no page of han report was looked at; sh tools/setup.sh --full installs it\n")
  case = function(name) return pending(name .. " (no chromium)") end
end

local EVIL = "<img src=x onerror=document.title='owned'></script><script>document.title='owned'</script>"

describe("the page of han report", function()
  local folder, remove

  -- The browser's answer for a page; no request can leave, whatever the page says.
  local function open(words, page)
    local log = folder .. "/browser.log"
    local out = fakes.shell(("cd %s && timeout -s KILL 120 %s --headless --no-sandbox --disable-gpu --hide-scrollbars "
      .. "--no-first-run --host-resolver-rules='MAP * ~NOTFOUND' --user-data-dir=%s/profile --virtual-time-budget=4000 "
      .. "--enable-logging=stderr --window-size=900,760 %s 'file://%s/%s' 2>%s"):format(fakes.quote(folder), browser,
      folder, words, folder, page, log))
    local told = fakes.sys.read_file(log)
    assert.is_nil(told:match("CONSOLE[^\n]*"), told)
    return out
  end

  -- What a screenshot shows: its ground, the share of pixels that are not ground, how many have each colour.
  local function picture(words, page, colours)
    open(words .. " --screenshot=shot.png", page)
    local out = fakes.shell(("python3 tests/report/pixels.py %s/shot.png '%s'"):format(folder, table.concat(colours, "' '")))
    local share, ground, counts = out:match("^900 760 ([%d.]+) (#%x+)([ %d]*)\n$")
    assert(share, out)
    local seen = { share = tonumber(share), ground = ground }
    for n in counts:gmatch("%d+") do seen[#seen + 1] = tonumber(n) end
    return seen
  end

  local function make_page()
    local adapter = fakes.sys.read_file("tests/data/adapters/toy.lua")
    local found
    adapter, found = adapter:gsub('id = "t" .. i', 'id = "t" .. i .. ' .. ("%q"):format(EVIL))
    assert.equal(1, found)
    fakes.write(folder, { ["toy.lua"] = adapter })
    local bench = cli.run(folder, "bench ./toy.lua --arms sample,refine --n 12 --quiet")
    assert.equal(0, bench.status, bench.err)
    local made = cli.run(folder, "report --last -o page.html")
    assert.equal(0, made.status, made.err)
    assert.matches("^page.html: 12 tasks, %d+ bytes; open it in a browser\n$", made.out)
  end

  local function count(text, part) return select(2, text:gsub((part:gsub("%p", "%%%0")), "")) end

  before_each(function() folder, remove = fakes.folder() end)
  after_each(function() remove() end)

  case("draws its marks, and text from outside stays text", function()
    make_page()
    local dom = open("--dump-dom", "page.html")
    local burn, scatter = dom:match('id="burn"[^>]-data%-marks="(%d+)"'), dom:match('id="scatter"[^>]-data%-marks="(%d+)"')
    assert.is_true((tonumber(burn) or 0) >= 12, "marks of the burn-down: " .. tostring(burn))
    assert.equal("3", scatter)
    assert.equal(2, count(dom, "<canvas"))
    assert.equal(5, count(dom, '<circle class="dot"')) -- three arms, two contrasts
    assert.equal(24, count(dom, '<rect class="'))      -- twelve tasks in two contrasts
    assert.equal(0, count(dom, "<img"))
    assert.matches("<title>toy: sample, refine, sample#aa</title>", dom)
    assert.equal(3, count(dom, "<script"))
  end)

  -- A copy that shows the canvases alone: a legend or a table has the colours of the arms too.
  local function drawings_only()
    local page = fakes.sys.read_file(folder .. "/page.html"):gsub("<meta http%-equiv=[^\n]*\n", "")
    local style = "<style>header, nav, footer, .u-legend, table, section:not(#budget):not(#pareto) { display: none !important }</style>"
    fakes.write(folder, { ["drawings.html"] = page:gsub("</head>", style .. "</head>") })
  end

  case("can be seen on light and on dark ground", function()
    make_page()
    drawings_only()
    local light = picture("--blink-settings=preferredColorScheme=1", "drawings.html", { "#c2542d", "#2f8f5b" })
    local dark = picture("--blink-settings=preferredColorScheme=0", "drawings.html", { "#ee8a63", "#5fc08d" })
    assert.same({ "#fcfcfa", "#15171a" }, { light.ground, dark.ground })
    for _, seen in ipairs { light, dark } do
      assert.is_true(seen.share > 0.02 and seen.share < 0.5, "share of marks: " .. seen.share)
      assert.is_true(seen[1] > 50 and seen[2] > 50, ("pixels of two arms: %d, %d"):format(seen[1], seen[2]))
    end
  end)

  case("is stepped through with the keys, and redrawn by its choices", function()
    make_page()
    -- the policy of the page refuses scripts of others, this one too: it goes into a copy without the policy
    local page, found = fakes.sys.read_file(folder .. "/page.html"):gsub("<meta http%-equiv=[^\n]*\n", "")
    assert.equal(1, found)
    local press = "<script>var c = document.getElementById('scatter');"
      .. "function key(k) { c.dispatchEvent(new KeyboardEvent('keydown', { key: k })); }"
      .. "key('ArrowRight'); var first = document.getElementById('scatter-said').textContent; key('End');"
      .. "var s = document.getElementById('scatter-x'); s.value = '0'; s.dispatchEvent(new Event('change'));"
      .. "key('Home'); document.title = first + ' | ' + document.getElementById('scatter-said').textContent;</script>"
    fakes.write(folder, { ["keys.html"] = page:gsub("</body>", press .. "</body>") })
    local title = open("--dump-dom", "keys.html"):match("<title>(.-)</title>")
    assert.matches("^[%w#]+: evals a cell [%d.]+, score [%d.]+, .+ | [%w#]+: score [%d.]+, score [%d.]+, .+$", title)
    local strict = page:gsub("<head>", "<head><meta http-equiv=\"Content-Security-Policy\" content=\"script-src 'none'\">")
    fakes.write(folder, { ["strict.html"] = strict })
    assert.has_error(function() open("--dump-dom", "strict.html") end) -- a refusal is seen in the log
  end)

  case("of a run of han improve is drawn without a script, on light and on dark ground", function()
    if not (cli.run(".", "doctor --json").out or ""):find("strong: ", 1, true) then
      return pending "no sandbox strong on this machine"
    end
    fakes.write(folder, { ["flywheel.lua"] = fakes.sys.read_file("tests/data/adapters/flywheel.lua") })
    local made = cli.run(folder, "improve ./flywheel.lua --rounds 1 --seed 900003 --quiet -o page.html")
    assert.equal(0, made.status, made.err)
    local dom = open("--dump-dom", "page.html")
    assert.equal(4, count(dom, "<polyline"))
    assert.equal(8, select(2, dom:gsub('<circle class="dot" [^>]*><title>[%l#]+, round [01]: 0%.%d+, 95 %% CI', "")))
    assert.equal(0, count(dom, "<script"))
    local light = picture("--blink-settings=preferredColorScheme=1", "page.html", { "#1f6fb2", "#c2542d" })
    local dark = picture("--blink-settings=preferredColorScheme=0", "page.html", { "#6db3ee", "#ee8a63" })
    assert.same({ "#fcfcfa", "#15171a" }, { light.ground, dark.ground })
    for _, seen in ipairs { light, dark } do assert.is_true(seen[1] > 200 and seen[2] > 20, seen[1] .. " " .. seen[2]) end
  end)
end)
