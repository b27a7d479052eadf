# han_embed_lua(TARGET): compile engine/lua/**/*.{lua,js,css,txt} and engine/cli/*.lua into TARGET as the table
# of script/embedded.h. Editing a Lua file writes and compiles one C file again, nothing else.
function(han_embed_lua target)
  file(GLOB_RECURSE lua_files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/engine/lua/*.lua
    ${CMAKE_SOURCE_DIR}/engine/lua/*.js ${CMAKE_SOURCE_DIR}/engine/lua/*.css ${CMAKE_SOURCE_DIR}/engine/lua/*.txt)
  file(GLOB cli_files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/engine/cli/*.lua)
  set(out ${CMAKE_BINARY_DIR}/generated/embedded_lua.c)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/generated)
  add_custom_command(OUTPUT ${out}
    COMMAND ${LUA_PROGRAM} ${CMAKE_SOURCE_DIR}/tools/embed.lua ${out} ${CMAKE_SOURCE_DIR}/engine
      ${lua_files} ${cli_files}
    DEPENDS ${CMAKE_SOURCE_DIR}/tools/embed.lua ${lua_files} ${cli_files}
    COMMENT "Embedding Lua" VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()
