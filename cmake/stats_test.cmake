# han.stats as a loadable module for tests/lua/stats_spec.lua and tests/stats.
add_library(han_stats_lua MODULE tests/stats/module.c engine/script/bind_stats.c
  engine/script/stats_args.c engine/script/stats_plans.c)
target_include_directories(han_stats_lua PRIVATE ${LUA_INCLUDE_DIRS})
target_link_libraries(han_stats_lua PRIVATE han_flags han_stats han_base)
set_target_properties(han_stats_lua PROPERTIES PREFIX "" OUTPUT_NAME han_stats
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
