--- han.cli.deployed: the champion of a line as an arm: @LINE is the one that stands when the command begins,
-- @LINE:DIGEST a version that passed a gate or was champion. A run names it by its whole digest, so that it is gone on
-- with as it was begun, whatever was promoted meanwhile.

local arms_of = require "han.improve.arms"
local plan_of = require "han.improve.plan"
local problem = require "han.cli.problem"
local profile = require "han.author.profile"
local recorder = require "han.cli.recorder"
local registry = require "han.registry"

local M = {}

--- Does the word name a version of a line?
function M.is(word) return word:sub(1, 1) == "@" end

local function parse(word)
  local line, digest = word:match "^@(.-):(%x+)$"
  return line or word:sub(2), digest and digest:lower()
end

local NEWEST = "SELECT kind, lower(hex(digest)) AS digest, digest AS content, id FROM champion WHERE line = ?1 "
  .. "ORDER BY id DESC LIMIT 1"
local NAMED = "SELECT kind, lower(hex(digest)) AS digest, max(digest) AS content FROM (SELECT kind, digest FROM "
  .. "champion WHERE line = ?1 UNION SELECT kind, digest FROM learnt WHERE line = ?1 AND status = 'promoted') "
  .. "WHERE substr(lower(hex(digest)), 1, length(?2)) = ?2 GROUP BY 1, 2 LIMIT 2"

--- The version that a word names: { line=, kind=, digest=, text= }. db: open.
function M.find(db, word)
  local line, digest = parse(word)
  local rows = digest and problem.check(db:query(NAMED, { line, digest })) or problem.check(db:query(NEWEST, { line }))
  if #rows == 0 then
    problem.raise("UNKNOWN", digest and ("line %s has no version %s that passed a gate; han lineage %s lists them")
      :format(line, digest, line) or ("line %s has no champion; han lineage lists the lines"):format(line))
  end
  if #rows > 1 then problem.usage("%s begins more than one version of %s", digest, line) end
  return { line = line, kind = rows[1].kind, digest = rows[1].digest, named = digest ~= nil,
    text = problem.check(db:content(rows[1].content)) }
end

--- A text that differs whenever a line has another champion, or nil when it has none. db: open.
function M.stamp(db, word)
  local row = problem.check(db:query(NEWEST, { (parse(word)) }))[1]
  return row and tostring(row.id)
end

--- An arm that runs a version on an adapter's tasks; see cells.run.
function M.arm(version, adapter)
  if version.line:find("@author", 1, true) then
    problem.raise("INVALID", ("%s is what an author has learnt, no program that runs"):format(version.line))
  end
  local family = version.line:match "^[^/]*"
  if version.kind ~= "strategy" and family ~= adapter.name then
    problem.raise("INVALID", ("@%s was learnt on %s; only a strategy goes from one family to another"):format(
      version.line, family))
  end
  local plan = problem.check(plan_of.of(adapter, { adapter = adapter.name, seed = 1, what = version.kind }))
  plan.read_profile = function(text) return problem.check(profile.load(text, adapter.worker.backend)) end
  local learnt = version.kind == "profile" and plan.read_profile(version.text)
  local controller = learnt and learnt.zoom and "zoom" or nil -- a head is one of that strategy
  local name = "@" .. version.line:gsub("/", ".") .. (version.named and ":" .. version.digest:sub(1, 8) or "")
  local arm = arms_of.of(name, version.text, { strategy = controller }, plan)
  arm.deployed, arm.digest = ("@%s:%s"):format(version.line, version.digest), version.digest
  return arm
end

--- The arm that a word names in the store at a path, for an adapter by name. untrusted: its controller is, too.
function M.read(word, path, adapter_name, untrusted)
  local adapter = problem.check(registry.load("adapter", adapter_name))
  local db = recorder.open_to_read(path)
  local ok, version = pcall(M.find, db, word)
  db:close()
  if not ok then error(version, 0) end
  local arm = M.arm(version, adapter)
  arm.untrusted = arm.untrusted or untrusted
  return arm
end

return M
