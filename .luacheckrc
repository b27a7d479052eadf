-- luacheck settings for all Lua in the tree.
std = "lua54"
max_line_length = 120
exclude_files = { "build*/", "tests/data/", "docs/types/" }
files["tests/lua/"] = { std = "lua54+busted" }
-- Run states and candidate programs are given fewer names than a plain Lua 5.4; the linter of
-- han itself (han lint) knows them. Here only unknown names matter.
files["tests/lua/helper.lua"] = { std = "lua54" }
files["tests/lua/support/"] = { max_line_length = 140 }
