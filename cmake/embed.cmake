# han_embed_lua(TARGET): compile engine/lua/**/*.{lua,js,css,txt} and engine/cli/*.lua into TARGET as the table
# of script/embedded.h, packed by a program of the build's own. Editing a Lua file writes and compiles
# two C files again, nothing else.
function(han_embed_lua target)
  file(GLOB_RECURSE lua_files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/engine/lua/*.lua
    ${CMAKE_SOURCE_DIR}/engine/lua/*.js ${CMAKE_SOURCE_DIR}/engine/lua/*.css ${CMAKE_SOURCE_DIR}/engine/lua/*.txt)
  file(GLOB cli_files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/engine/cli/*.lua)
  set(text ${CMAKE_BINARY_DIR}/generated/embedded_text.c)
  set(out ${CMAKE_BINARY_DIR}/generated/embedded_lua.c)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/generated)
  add_custom_command(OUTPUT ${text}
    COMMAND ${LUA_PROGRAM} ${CMAKE_SOURCE_DIR}/tools/embed.lua ${text} ${CMAKE_SOURCE_DIR}/engine
      ${lua_files} ${cli_files}
    DEPENDS ${CMAKE_SOURCE_DIR}/tools/embed.lua ${lua_files} ${cli_files}
    COMMENT "Embedding Lua" VERBATIM)
  add_executable(embed_pack ${CMAKE_SOURCE_DIR}/tools/embed_pack.c ${text})
  target_include_directories(embed_pack PRIVATE ${CMAKE_SOURCE_DIR}/engine)
  target_link_libraries(embed_pack PRIVATE PkgConfig::ZSTD)
  set_target_properties(embed_pack PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/generated)
  add_custom_command(OUTPUT ${out} COMMAND embed_pack ${out} DEPENDS embed_pack COMMENT "Packing Lua" VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()
