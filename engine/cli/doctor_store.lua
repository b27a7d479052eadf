--- han.cli.doctor_store: what of one store is whole and what can be saved. The file is only read.

local json = require "han.json"
local problem = require "han.cli.problem"

local M = {}

local function size(bytes)
  if bytes < 10000 then return ("%d bytes"):format(bytes) end
  if bytes < 10000000 then return ("%.0f kB"):format(bytes / 1000) end
  return ("%.0f MB"):format(bytes / 1000000)
end

local function kind_row(rows, name, kind, note)
  if kind.count == 0 then return end
  local whole = kind.whole == kind.count
  rows[#rows + 1] = { name, whole and "ok" or "bad", ("%d of %d whole%s"):format(kind.whole, kind.count, note or "") }
end

local function table_row(rows, one)
  local good = not one.failed and one.refused == 0
  local text = ("%d rows"):format(one.rows)
  if one.refused > 0 then text = ("%s, %d that cannot be rows of it"):format(text, one.refused) end
  if one.failed then text = ("%s, the others cannot be read: %s"):format(text, one.failed) end
  rows[#rows + 1] = { "table " .. one.name, good and "ok" or "bad", text }
end

local function rows_of(path, found)
  local text = size(found.bytes)
  if found.pages > 0 then text = ("%s, %d pages of %d bytes"):format(text, found.pages, found.page_bytes) end
  if found.log_bytes > 0 then text = ("%s, and a log of %s"):format(text, size(found.log_bytes)) end
  if found.in_use then text = text .. "; another process has it open" end
  local rows = { { "store", "note", path .. ": " .. text } }
  if found.schema > 0 then rows[#rows + 1] = { "schema", "note", tostring(found.schema) } end
  for _, complaint in ipairs(found.complaints) do rows[#rows + 1] = { "pages", "bad", complaint } end
  if #found.tables > 0 and #found.complaints == 0 then rows[#rows + 1] = { "pages", "ok", "nothing wrong" } end
  for _, one in ipairs(found.tables) do
    if one.rows + one.refused > 0 or one.failed then table_row(rows, one) end
  end
  kind_row(rows, "contents", found.contents)
  kind_row(rows, "runs", found.runs, " (with all that belongs to them)")
  kind_row(rows, "cells", found.cells)
  kind_row(rows, "journals", found.journals)
  if found.orphans > 0 then
    rows[#rows + 1] = { "lost", "bad", ("%d rows belong to what cannot be read"):format(found.orphans) }
  end
  return rows
end

-- Is anything there, and is anything between it that cannot be read?
local function readable(found)
  local rows, damaged = 0, #found.complaints > 0
  for _, one in ipairs(found.tables) do
    rows = rows + one.rows
    damaged = damaged or one.failed ~= nil or one.refused > 0
  end
  return rows > 0, damaged
end

local function advice(path, found, save)
  local some, damaged = readable(found)
  if not found.problem then return nil end
  if save and #found.tables > 0 then return "what can be read was written to " .. save end
  if found.newer and not damaged then return "nothing is wrong with it but its age: use the han that wrote it" end
  if not some then return "nothing of it can be saved; move it away, or name another with --db" end
  if not damaged then return "nothing more can be read than what is there" end
  return ("han doctor --db %s --save NEW.db writes what can be read into a new store"):format(path)
end

local function print_rows(ui, rows, state)
  local paint = { ok = "green", bad = "red", note = "yellow" }
  local printed = {}
  for i, one in ipairs(rows) do
    printed[i] = { one[1], ui:paint(paint[one[2]], one[2]), ui.safe(one[3]) }
  end
  ui:table(printed)
  ui:out("%s", state)
end

--- Looks at the store `path`; save: a new file for what can be read, or nil. The exit status: 0 whole, 65 not.
function M.run(path, save, ui)
  local found = problem.check(require("han.db").examine { path = path, save = save })
  local hint = advice(path, found, save)
  local state = found.problem and ("%s: %s"):format(found.code, ui.safe(found.problem)) or "whole"
  if hint then state = state .. "\n" .. ui.safe(hint) end
  print_rows(ui, rows_of(path, found), state)
  ui:object {
    schema = 1, ok = found.problem == nil, path = path, code = found.code, problem = found.problem,
    bytes = found.bytes, log_bytes = found.log_bytes, pages = found.pages, page_bytes = found.page_bytes,
    store_schema = found.schema, in_use = found.in_use, complaints = json.array(found.complaints),
    tables = json.array(found.tables), contents = found.contents, runs = found.runs, cells = found.cells,
    journals = found.journals, orphans = found.orphans, saved = save and #found.tables > 0 and save or nil,
  }
  return found.problem and problem.status(found.code) or 0
end

return M
