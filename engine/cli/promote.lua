--- han promote: makes a version that passed a gate the champion of its line.

local args = require "han.cli.args"
local champion = require "han.cli.champion"
local problem = require "han.cli.problem"

local M = {
  name = "promote",
  summary = "Make a version that passed a gate the champion of its line.",
  about = "Make a version that passed a gate the champion of its line. One that did not pass is refused with what was "
    .. "said of it. A rollback takes it back.",
  examples = { "han promote binpack/uniform 3fa91c04d2e7", "han promote binpack/uniform 3fa9 --reason 'after review'" },
}

function M.options(parser)
  parser:argument("line", "A line, as han lineage lists them."):argname("LINE")
  parser:argument("digest", "A version's digest or the beginning of one."):argname("DIGEST")
  parser:option("--reason", "Written beside it."):argname("TEXT")
  args.db(parser)
end

local function find(db, line, digest)
  digest = digest:lower()
  if #digest < 4 or digest:find "%X" then problem.usage("a version is named by at least 4 digits of its digest") end
  local rows = problem.check(db:query("SELECT lower(hex(digest)) AS digest, max(digest) AS content, kind, "
    .. "max(status = 'promoted') AS passed, max(reason) AS reason FROM learnt WHERE line = ?1 "
    .. "AND substr(lower(hex(digest)), 1, length(?2)) = ?2 GROUP BY 1, kind ORDER BY 1 LIMIT 2", { line, digest }))
  if #rows == 0 then
    problem.raise("UNKNOWN", ("line %s has no version %s; han lineage %s --all lists them"):format(line, digest, line))
  end
  if #rows > 1 then problem.usage("%s begins more than one version: %s, %s", digest, rows[1].digest, rows[2].digest) end
  return rows[1]
end

local function refuse(row, why) problem.raise("REFUSED", ("%s %s"):format(row.digest:sub(1, 12), why)) end

function M.run(options, ui)
  local digest = champion.set(options, ui, "promoted", options.reason or "promoted by hand", function(db, held)
    local row = find(db, options.line, options.digest)
    if row.passed ~= 1 then refuse(row, "passed no gate: " .. (row.reason or "it met none")) end
    if held and held.digest == row.digest then refuse(row, ("is the champion of %s already"):format(options.line)) end
    return row
  end)
  ui:out("%s: the champion is %s", ui.safe(options.line), digest:sub(1, 12))
  return 0
end

return M
