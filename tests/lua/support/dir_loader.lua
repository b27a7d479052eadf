-- The loader an adapter folder is called with, over plain files: dir(name) runs NAME.lua once and keeps
-- its result, dir.read(path) is a file's text, dir.list(folder) the sorted names in it without ".lua".
local M = {}

function M.new(root)
  local loaded = {}
  local dir = {}

  function dir.read(path)
    local file = assert(io.open(root .. "/" .. path, "rb"))
    local text = file:read "a"
    file:close()
    return text
  end

  function dir.list(folder)
    local names = {}
    local pipe = assert(io.popen("ls -1 '" .. root .. "/" .. folder .. "' 2>/dev/null"))
    for name in pipe:lines() do names[#names + 1] = (name:gsub("%.lua$", "")) end
    pipe:close()
    table.sort(names)
    return names
  end

  return setmetatable(dir, { __call = function(self, name)
    if loaded[name] == nil then
      loaded[name] = assert(load(self.read(name .. ".lua"), "@" .. root .. "/" .. name .. ".lua", "t"))(self)
    end
    return loaded[name]
  end })
end

return M
