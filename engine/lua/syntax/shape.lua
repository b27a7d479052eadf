--- The structure of code apart from its layout: equality, hashes, differences.
local M = {}

function M.hash() error("not built yet") end

return M
