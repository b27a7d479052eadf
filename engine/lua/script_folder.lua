-- han.script_folder: the files of a script that is a folder (an adapter's init.lua and what it loads), who may write
-- to them, and their digest. A folder NAME may be installed as one file NAME.bundle, which holds what the folder
-- held: the same paths, the same digest (tools/bundle.c says how it is laid out).

local sys = require "han.sys"

local M = {}

local FILE_MAX = 4 << 20     -- bytes of one script file
local FILES_MAX = 4096       -- files in the folder of one script
local DEPTH_MAX = 8          -- of folders in it
local BUNDLE_MAX = 16 << 20  -- bytes of all the files in a bundle

-- The group may write where it is the owner's own (user private groups have the user's number).
local function writable_by_others(stat)
  if stat.kind == "directory" and stat.mode & 512 ~= 0 then return false end -- sticky: /tmp
  return stat.mode & 2 ~= 0 or (stat.mode & 16 ~= 0 and stat.gid ~= stat.uid)
end

local function folder_of(path)
  local folder = path:match("^(.*)/[^/]*$")
  if folder == nil then return "." end
  return folder == "" and "/" or folder
end

--- true; or nil, message, code when others may write to a script or to the folder that it is in.
function M.refuse_writable(path)
  for _, place in ipairs { path, folder_of(path) } do
    local stat, why = sys.stat(place)
    if not stat then return nil, why, "UNKNOWN" end
    if writable_by_others(stat) then
      return nil, ("%s can be written by other users, so it is not run; take that away: chmod go-w '%s'"):format(
        place, place), "ENVIRONMENT"
    end
  end
  return true
end

local function add(files, path, text, root)
  if files[path] then return nil, ("%s holds %s twice, as a file and in a bundle"):format(root, path), "INVALID" end
  files[#files + 1] = { path = path, sha256 = sys.sha256(text) }
  files[path] = files[#files].sha256
  if #files > FILES_MAX then return nil, ("%s holds more than %d files"):format(root, FILES_MAX), "LIMIT" end
  return true
end

local function is_plain(path)
  for part in (path .. "/"):gmatch("([^/]*)/") do
    if part == "" or part:find("^%.") then return false end
  end
  return true
end

-- The next file of an unpacked bundle: its path, its text, and where the one behind it begins.
local function next_file(bytes, at)
  local _, head, path, size = bytes:find("^([^\n%z]+)\n(%d%d?%d?%d?%d?%d?%d?%d?)\n", at)
  size = tonumber(size)
  if not size or head + size > #bytes or not is_plain(path) then return nil end
  return path, bytes:sub(head + 1, head + size), head + size + 1
end

local function add_bundle(root, name, out)
  local place, under = root .. "/" .. name, name:gsub("%.bundle$", "")
  local packed, why, code = sys.read_file(place, BUNDLE_MAX)
  if not packed then return nil, why, code end
  local bytes = sys.inflate(packed, BUNDLE_MAX)
  local at = 1
  while bytes and at <= #bytes do
    local path, text
    path, text, at = next_file(bytes, at)
    if not path then bytes = nil break end
    path = under .. "/" .. path
    local ok, message, status = add(out, path, text, root)
    if not ok then return nil, message, status end
    out.bundled[path] = text
  end
  if not bytes then return nil, place .. " is no bundle, or it is damaged; install han again", "CORRUPT" end
  return true
end

-- Hidden files and editors' copies (NAME~) are no part of it.
local function collect(root, under, depth, out)
  if depth > DEPTH_MAX then
    return nil, ("%s/%s is deeper than %d folders"):format(root, under, DEPTH_MAX), "LIMIT"
  end
  local names, why = sys.list_dir(root .. "/" .. under)
  if not names then return nil, why, "UNKNOWN" end
  for _, name in ipairs(names) do
    local inside = under == "" and name or under .. "/" .. name
    local stat = not name:find("^%.") and not name:find("~$") and sys.stat(root .. "/" .. inside)
    local ok, message, code = true, nil, nil
    if stat and stat.kind == "directory" then
      ok, message, code = collect(root, inside, depth + 1, out)
    elseif stat and stat.kind == "file" and writable_by_others(stat) then
      ok, message, code = M.refuse_writable(root .. "/" .. inside)
    elseif stat and stat.kind == "file" and name:find("%.bundle$") then
      ok, message, code = add_bundle(root, inside, out)
    elseif stat and stat.kind == "file" then
      local text
      text, message, code = sys.read_file(root .. "/" .. inside, FILE_MAX)
      ok = text
      if text then ok, message, code = add(out, inside, text, root) end
    end
    if not ok then return nil, message, code end
  end
  return true
end

--- All files below a folder, { path=, sha256= } each and by path their digests, so that the digest of a script does not
--- depend on when it reads which; nil, message, code.
function M.files(root)
  local out = { bundled = {} }
  local ok, why, code = collect(root, "", 1, out)
  if not ok then return nil, why, code end
  return out
end

--- The digest of them all.
function M.digest(files)
  table.sort(files, function(a, b) return a.path < b.path end)
  local lines = {}
  for i, file in ipairs(files) do lines[i] = file.path .. "\0" .. file.sha256 .. "\n" end
  return sys.sha256(table.concat(lines))
end

-- A path inside the folder: plain components only. Links that lead out are found by realpath.
local function inside(root, name, what)
  if type(name) ~= "string" then error(what .. " takes a name in the script's folder", 3) end
  if not is_plain(name) then error(("%s: '%s' is not a plain name in the script's folder"):format(what, name), 3) end
  local path = root .. "/" .. name
  local real, real_root = sys.realpath(path), sys.realpath(root)
  if real and real_root and real:sub(1, #real_root + 1) ~= real_root .. "/" then
    error(("%s: '%s' leads out of the script's folder"):format(what, name), 3)
  end
  return path
end

-- The sorted names of what a bundle has directly in a folder; nil when it has none.
local function bundled_names(files, folder)
  local names, seen = {}, {}
  for path in pairs(files.bundled) do
    local name = path:sub(1, #folder + 1) == folder .. "/" and path:match("^[^/]+", #folder + 2)
    if name and not seen[name] then
      seen[name] = true
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return #names > 0 and names or nil
end

--- What a file of a folder script gets as `...`: loader(name) loads the sibling NAME.lua once, loader.read(path) gives
--- a text, loader.list(path) the sorted names in a folder.
function M.loader(root, files, env)
  local loader, loaded = {}, {}
  function loader.read(name)
    local path = inside(root, name, "loader.read")
    if files.bundled[name] then return files.bundled[name] end
    local text, why = sys.read_file(path, FILE_MAX)
    if not text then error(why, 2) end
    if files[name] ~= sys.sha256(text) then error(path .. " has changed since the script was loaded", 2) end
    return text
  end
  function loader.list(name)
    local path = inside(root, name, "loader.list")
    local names, why = bundled_names(files, name), nil
    if not names then names, why = sys.list_dir(path) end
    if not names then error(why, 2) end
    return names
  end
  local function load_sibling(_, name)
    if loaded[name] == nil then
      inside(root, name, "loader")
      local chunk, why = load(loader.read(name .. ".lua"), ("@%s/%s.lua"):format(root, name), "t", env)
      if not chunk then error(why, 0) end
      loaded[name] = { (chunk(loader)) }
    end
    return loaded[name][1]
  end
  return setmetatable(loader, { __call = load_sibling })
end

return M
