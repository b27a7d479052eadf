--- han.cli.champion: the champion of a line: which it is, and setting another by hand. Nothing is deleted; each setting
-- is one more entry in the line's history.

local problem = require "han.cli.problem"
local recorder = require "han.cli.recorder"
local sys = require "han.sys"

local M = {}

--- The champion of a line now: { text=, kind=, digest=, how=, reason=, bench_id=, set_ms= }, or nil.
function M.of(db, line)
  local row = problem.check(db:query("SELECT id, kind, digest, lower(hex(digest)) AS hex, how, reason, bench_id, "
    .. "set_ms FROM champion WHERE line = ?1 ORDER BY id DESC LIMIT 1", { line }))[1]
  if row then row.text, row.digest, row.hex = recorder.content(db, row.digest), row.hex, nil end
  return row
end

--- Sets the champion of options.line in options.db and prints the object that says so. how: "promoted" or
-- "rolled-back". choose(db, held) gives its version { digest= (hex), content= (digest), kind= }. Returns digest and
-- that of the champion before, if there was one.
function M.set(options, ui, how, reason, choose)
  recorder.open_to_read(options.db):close() -- it is there
  local db = problem.check(require("han.db").open { path = options.db })
  local ok, row, held = pcall(function()
    local before = M.of(db, options.line)
    local version = choose(db, before)
    problem.check(db:put_champion { line = options.line, kind = version.kind,
      text = recorder.content(db, version.content), how = how, reason = reason,
      set_ms = math.floor(sys.wall() * 1000) })
    problem.check(db:flush())
    return version, before
  end)
  db:close()
  if not ok then error(row, 0) end
  ui:object { schema = 1, line = options.line, champion = row.digest, before = held and held.digest, reason = reason }
  return row.digest, held and held.digest
end

return M
