-- Writes the Lua half of the engine into one C file, so that an installed program needs no files
-- of its own. Usage: lua5.4 tools/embed.lua OUT.c ENGINE_DIR FILE... (files below ENGINE_DIR).
-- A file that does not parse stops the build with its own file and line. A file lua/a/b.js (css, txt) is
-- the module han.a.b_js, whose value is its text.

local out_path, engine_dir = arg[1], arg[2]
assert(out_path and engine_dir, "usage: embed.lua OUT.c ENGINE_DIR FILE...")

local function fail(message)
  io.stderr:write("embed: ", message, "\n")
  os.exit(1)
end

local function read_file(path)
  local file, why = io.open(path, "rb")
  if not file then fail(why) end
  local text = file:read("a")
  file:close()
  return text
end

local texts = { js = true, css = true, txt = true }

-- engine/lua/a/b.lua is module han.a.b, engine/cli/x.lua is han.cli.x; init.lua names its folder.
local function names_of(path)
  local relative = path:sub(1, #engine_dir + 1) == engine_dir .. "/" and path:sub(#engine_dir + 2)
  local room, rest, kind = (relative or ""):match("^(%l+)/(.+)%.(%l+)$")
  if kind ~= "lua" and not (texts[kind] and room == "lua") then room = nil end
  if kind ~= "lua" then rest = ("%s_%s"):format(rest, kind) end
  if room ~= "lua" and room ~= "cli" then fail(path .. " is neither in lua/ nor in cli/") end
  local name = (room == "cli" and "han/cli/" or "han/") .. rest
  if name:find("[^%w_/]") then fail(path .. ": only letters, digits and _ in module file names") end
  local module = name:gsub("/init$", ""):gsub("/", ".")
  return module, name .. ".lua"
end

-- '?' is escaped because -std=c11 still reads trigraphs.
local function c_string(text)
  local escapes = { ["\n"] = "\\n", ["\t"] = "\\t", ['"'] = '\\"', ["\\"] = "\\\\", ["?"] = "\\?" }
  local lines = {}
  for line in text:gmatch("[^\n]*\n?") do
    if line ~= "" then
      local escaped = line:gsub('[%c"\\?\127-\255]', function(c)
        return escapes[c] or ("\\%03o"):format(c:byte())
      end)
      lines[#lines + 1] = '        "' .. escaped .. '"'
    end
  end
  if #lines == 0 then lines[1] = '        ""' end
  return table.concat(lines, "\n")
end

local entries, seen = {}, {}
for i = 3, #arg do
  local module, chunk = names_of(arg[i])
  if seen[module] then fail(arg[i] .. " and " .. seen[module] .. " are both module " .. module) end
  seen[module] = arg[i]
  local text = read_file(arg[i])
  if not arg[i]:find("%.lua$") then text = ("return %q\n"):format(text) end
  local parsed, why = load(text, "@" .. arg[i], "t")
  if not parsed then fail(why) end
  entries[#entries + 1] = { module = module, chunk = chunk, text = text }
end
table.sort(entries, function(a, b) return a.module < b.module end)

local parts = {
  "/* Written by tools/embed.lua; do not edit. */\n",
  '#include "script/embedded.h"\n\n',
  "const han__embedded han__embedded_lua[] = {\n",
}
for _, entry in ipairs(entries) do
  parts[#parts + 1] = ('    {"%s", "%s", (const unsigned char *)\n%s,\n        0, %d},\n'):format(
    entry.module, entry.chunk, c_string(entry.text), #entry.text)
end
parts[#parts + 1] = "    {NULL, NULL, NULL, 0, 0},\n};\n"
parts[#parts + 1] = ("const size_t han__embedded_lua_count = %d;\n"):format(#entries)

local file, why = io.open(out_path, "wb")
if not file then fail(why) end
if not (file:write(table.concat(parts)) and file:close()) then fail("cannot write " .. out_path) end
