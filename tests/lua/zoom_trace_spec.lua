-- The table of han show for arms that zoom: steps with what was known before each; other decisions are left alone.
-- luacheck: no max line length

describe("han.cli.zoom_trace", function()
  local trace = dofile "engine/cli/zoom_trace.lua"

  local function ui_of()
    local ui = { lines = {} }
    function ui.out(_, format, ...) table.insert(ui.lines, format:format(...)) end
    function ui.table(_, rows) ui.rows = rows end
    function ui.safe(text) return (text:gsub("%c", "?")) end
    return ui
  end

  local function features(fails, more)
    local out = { fails = fails, plateau = 0, assembly = 0, delta = 0, tried = 0 }
    for key, value in pairs(more or {}) do out[key] = value end
    return out
  end

  it("shows target, shares and plateaus step by step", function()
    local ui, other = ui_of(), { point = "start", options = { "best" }, chosen = 1, propensity = 1 }
    local known = { ["a\n"] = features(0.25), b = features(0.5, { plateau = 1 }),
      all = features(1, { assembly = 1, plateau = 1 }), ["*"] = { correct = 0.75 } }
    local shots = { { { kind = "retest", tested = {}, reused = {}, skipped = { "b", "all" } },
      { kind = "edit" }, { kind = "retest", tested = { "b" }, reused = {}, skipped = { "all" } } }, {},
      { { kind = "retest", tested = {}, reused = { "b" }, skipped = {} } } }
    local tried = { point = "zoom_reshape", options = { "as it is", "split a" }, chosen = 2, propensity = 0.25 }
    local rest = trace.print(ui, {
      { point = "zoom", options = { "a\n", "b", "all" }, chosen = 1, propensity = 0.5, features = known }, other, tried,
      { point = "zoom", options = { "a\n", "b", "all" }, chosen = 3, propensity = 0.25, features = known } },
      function(shot) return shots[shot] end)
    assert.same({ other, tried }, rest)
    assert.same({
      { "step", "target", "propensity", "own", "assembly", "all", "re-tested, reused, skipped", "on a plateau" },
      { "1", "a?", "0.500", "0.750", "0.000", "0.750", "1, 0, 3", "b all" },
      { "2", "all (assembly)", "0.250", "0.000", "0.000", "0.750", "0, 1, 0", "b all" }, -- the second shot tried the split
    }, ui.rows)
    assert.equal(1, #ui.lines)
  end)

  it("prints nothing where nothing zooms, and takes features that are none", function()
    local ui = ui_of()
    local list = { { point = "zoom", options = { "a" }, chosen = 1, propensity = 1 }, { point = "x" } }
    local function none() end
    assert.same(list, trace.print(ui, list, none))
    assert.is_nil(ui.rows)
    trace.print(ui, { { point = "zoom", options = { "a", "b" }, chosen = 1, propensity = 1, features = { a = 3 } } }, none)
    assert.same({ "1", "a", "1.000", "-", "-", "-", "0, 0, 0", "" }, ui.rows[2])
  end)
end)
