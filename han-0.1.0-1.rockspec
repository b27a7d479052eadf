package = "han"
version = "0.1.0-1"
source = {
  url = "git+file://.", -- built from a checkout: luarocks make
}
description = {
  summary = "Recursive agents under a conserved budget, inside your own Lua",
  detailed = [[
    The engine of han as a module: open an engine, start programs written in Lua on tasks, step it from your own
    loop. Needs the development files of lua5.4, libuv, SQLite, jansson, zstd and libcurl.
  ]],
  license = "MIT",
}
dependencies = { "lua >= 5.4, < 5.5" }
external_dependencies = {
  UV = { header = "uv.h" },
  SQLITE = { header = "sqlite3.h" },
  JANSSON = { header = "jansson.h" },
  ZSTD = { header = "zstd.h" },
}
build = {
  type = "command",
  build_command = "cmake -S . -B build-rock -DCMAKE_BUILD_TYPE=Release -DHAN_TESTS=OFF "
    .. "&& cmake --build build-rock --target han_module",
  install = { lib = { han = "build-rock/module/han.so" } },
}
