# Floor 4: the script room, with the Lua half of the engine embedded.
include(cmake/embed.cmake)
file(GLOB script_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/engine/script/*.c)
add_library(han_script STATIC ${script_sources})
target_link_libraries(han_script PRIVATE han_flags
  PUBLIC han_value han_tree han_loop han_wire han_stats han_store han_base
  PkgConfig::LUA PkgConfig::JANSSON)
target_link_libraries(han_script PUBLIC han_model)
if(TARGET han_exec)
  target_link_libraries(han_script PUBLIC han_exec)
endif()
han_embed_lua(han_script)
