-- han.improve.diff: how one text became another, line by line (longest common subsequence: Hunt and McIlroy, 1976).
-- Pure.

local M = {}

M.MOST = 2000 -- lines of one text; a longer one is replaced whole

local function lines_of(text)
  local list = {}
  for line in (text:sub(-1) == "\n" and text or text .. "\n"):gmatch "(.-)\n" do list[#list + 1] = line end
  return list
end

-- length[i][k]: of the longest common subsequence of a from line i and b from line k.
local function table_of(a, b)
  local length = {}
  for i = #a + 1, 1, -1 do
    length[i] = {}
    for k = #b + 1, 1, -1 do
      if i > #a or k > #b then length[i][k] = 0
      elseif a[i] == b[k] then length[i][k] = length[i + 1][k + 1] + 1
      else length[i][k] = math.max(length[i + 1][k], length[i][k + 1]) end
    end
  end
  return length
end

--- { { " " | "-" | "+", line } ... } from one list of lines to another.
function M.steps(a, b)
  local out = {}
  local i, k = 1, 1
  if #a <= M.MOST and #b <= M.MOST then
    local length = table_of(a, b)
    while i <= #a and k <= #b do
      if a[i] == b[k] then
        out[#out + 1] = { " ", a[i] }
        i, k = i + 1, k + 1
      elseif length[i + 1][k] >= length[i][k + 1] then
        out[#out + 1] = { "-", a[i] }
        i = i + 1
      else
        out[#out + 1] = { "+", b[k] }
        k = k + 1
      end
    end
  end
  for n = i, #a do out[#out + 1] = { "-", a[n] } end
  for n = k, #b do out[#out + 1] = { "+", b[n] } end
  return out
end

--- The same from one text to another.
function M.lines(from, to) return M.steps(lines_of(from), lines_of(to)) end

return M
