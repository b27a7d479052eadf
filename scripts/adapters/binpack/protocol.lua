-- The judge's packing: the online protocol of FunSearch (Romera-Paredes et al., Nature 625, 2024) taken
-- literally. There are as many bins as items, all of full capacity. An item may go where residual >= item;
-- it goes to the bin of highest priority, the first one on ties. All arithmetic is in doubles. The one
-- liberty: of the bins that nothing is in yet only the first is asked, since they are all alike and the
-- first wins among them. This file is also run beside the candidate.
local M = {}

local function no_number(p)
  error(type(p) == "number" and "the priority is not a number (NaN)" or "the priority is a " .. type(p), 0)
end

-- How many bins in use have each residual: what the state-aware league is told.
local function new_counts(capacity)
  local counts = {}
  for r = 0, capacity do counts[r] = 0 end
  return counts
end

-- Puts one item; the number of the bin it goes to.
local function place(residuals, used, item, priority, counts)
  local best, chosen
  for bin = 1, used + 1 do
    local before = residuals[bin]
    if before >= item then
      local p
      if counts then
        local opened = bin <= used and counts[before] or 0
        p = priority(item + 0.0, before + 0.0, before - item + 0.0, opened + 0.0, counts[before - item] + 0.0)
      else
        p = priority(item + 0.0, before + 0.0, before - item + 0.0)
      end
      if type(p) ~= "number" or p ~= p then no_number(p) end
      if not best or p > best then best, chosen = p, bin end
    end
  end
  return chosen
end

--- Packs the items in their order. `aware`: the league whose programs are told the counts.
-- Gives the bin of each item and the number of bins used. Raises what the priority raises, and on NaN.
function M.pack(items, capacity, priority, aware)
  local residuals, bins, used = { capacity }, {}, 0
  local counts = aware and new_counts(capacity) or nil
  for i, item in ipairs(items) do
    local bin = place(residuals, used, item, priority, counts)
    local before = residuals[bin]
    if counts and bin <= used then counts[before] = counts[before] - 1 end
    if bin > used then
      used = bin
      residuals[used + 1] = capacity
    end
    residuals[bin] = before - item
    if counts then counts[before - item] = counts[before - item] + 1 end
    bins[i] = bin
  end
  return bins, used
end

return M
