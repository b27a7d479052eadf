-- han.improve.lineage: what was learnt on a line as a tree of versions, from the rows that the store keeps. Pure.

local M = {}

local rank = { start = 1, promoted = 2, gated = 3, candidate = 4, refused = 5 }

local function before(a, b)
  if a.round ~= b.round then return a.round < b.round end
  if a.status ~= b.status then return rank[a.status] < rank[b.status] end
  return a.digest < b.digest
end

--- Versions of one run, line and learner as a forest: each gets children = { versions }, and the roots are returned,
-- all in the order of rounds. A version hangs below its first parent that is known; one without is a root.
-- versions: { { digest=, parents = { digests }, round=, status=, ... } ... }
function M.tree(versions)
  local by_digest, roots, sorted = {}, {}, table.move(versions, 1, #versions, 1, {})
  table.sort(sorted, before)
  for _, version in ipairs(sorted) do
    by_digest[version.digest], version.children = version, {}
  end
  local placed = {}
  for _, version in ipairs(sorted) do
    local home
    for _, parent in ipairs(version.parents) do
      local found = by_digest[parent]
      if not home and found and found ~= version and placed[found] then home = found end
    end
    table.insert(home and home.children or roots, version)
    placed[version] = true
  end
  return roots
end

--- The promoted chain: the versions that were champion, in order, the start first.
function M.chain(versions)
  local list = {}
  for _, version in ipairs(versions) do
    if version.status == "start" or version.status == "promoted" then list[#list + 1] = version end
  end
  table.sort(list, before)
  return list
end

--- Those that met a gate, the start, and whatever they came from; in the order given.
function M.met_a_gate(versions)
  local by_digest, wanted, out = {}, {}, {}
  for _, version in ipairs(versions) do by_digest[version.digest] = version end
  local function want(version)
    if not version or wanted[version] then return end
    wanted[version] = true
    for _, parent in ipairs(version.parents) do want(by_digest[parent]) end
  end
  for _, version in ipairs(versions) do
    if version.status ~= "refused" and version.status ~= "candidate" then want(version) end
  end
  for _, version in ipairs(versions) do
    if wanted[version] then out[#out + 1] = version end
  end
  return out
end

local stages = { { "parse", "parse" }, { "lint", "lint" }, { "audit", "audit" }, { "identical", "known already" },
  { "dry", "dry run" }, { "dev", "dev" }, { "gate", "gate" } }

--- Where candidates went no further, "dry run 2, dev 40, gate 3", in the order of the stages; nil where none did.
-- refusals: { [stage] = how many } of han.improve.learner, or nil.
function M.refusals(refusals)
  local words = {}
  for _, stage in ipairs(stages) do
    local n = (refusals or {})[stage[1]]
    if n then words[#words + 1] = ("%s %d"):format(stage[2], n) end
  end
  return #words > 0 and table.concat(words, ", ") or nil
end

--- How many have each status.
function M.count(versions)
  local count = {}
  for _, version in ipairs(versions) do count[version.status] = (count[version.status] or 0) + 1 end
  return count
end

return M
