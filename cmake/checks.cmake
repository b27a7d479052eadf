# The checks of the source tree and the Lua specs, as tests. What is not installed is left out
# here; tools/test.sh installs it first and fails when it is still missing.
find_program(BUSTED_PROGRAM NAMES busted)
find_program(LUACHECK_PROGRAM NAMES luacheck)
find_program(CLANG_FORMAT_PROGRAM NAMES clang-format)

function(han_check name)
  add_test(NAME check_${name} COMMAND ${ARGN} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(check_${name} PROPERTIES TIMEOUT 600 LABELS check SKIP_RETURN_CODE 77)
endfunction()

han_check(layers_self ${LUA_PROGRAM} tests/check_layers.lua --self-test)
han_check(layers ${LUA_PROGRAM} tests/check_layers.lua)
han_check(style_self ${LUA_PROGRAM} tests/check_style.lua --self-test)
han_check(style ${LUA_PROGRAM} tests/check_style.lua)
han_check(types_self ${LUA_PROGRAM} tests/check_types.lua --self-test)
han_check(types ${LUA_PROGRAM} tests/check_types.lua)
han_check(count_self ${LUA_PROGRAM} tests/count_tests.lua --self-test)
han_check(api_docs ${LUA_PROGRAM} tools/api_docs.lua --check)
han_check(scripts sh tests/check_scripts.sh)
han_check(exports sh tests/check_exports.sh ${CMAKE_BINARY_DIR})
if(CLANG_FORMAT_PROGRAM)
  han_check(format sh tests/check_format.sh)
endif()
if(LUACHECK_PROGRAM)
  set(lua_folders)
  foreach(folder engine scripts tests tools examples)
    if(EXISTS ${CMAKE_SOURCE_DIR}/${folder})
      list(APPEND lua_folders ${folder})
    endif()
  endforeach()
  han_check(luacheck ${LUACHECK_PROGRAM} -q --no-color ${lua_folders})
endif()

# One test per spec file: a crash or a hang of one loses no other.
if(BUSTED_PROGRAM)
  file(GLOB specs CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/tests/lua/*_spec.lua)
  foreach(spec IN LISTS specs)
    get_filename_component(name ${spec} NAME_WE)
    # a sanitized module cannot be loaded into the system's Lua
    file(STRINGS ${CMAKE_SOURCE_DIR}/${spec} loads_module REGEX "package\\.(cpath|loadlib)")
    if(HAN_SANITIZE AND loads_module)
      continue()
    endif()
    add_test(NAME ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
      COMMAND ${BUSTED_PROGRAM} --lua=${LUA_PROGRAM} --helper=tests/lua/helper.lua -o TAP ${spec})
    set_tests_properties(${name} PROPERTIES TIMEOUT 900 LABELS spec
      ENVIRONMENT "HAN_BUILD=${CMAKE_BINARY_DIR}")
  endforeach()
endif()

# The installed package as a stranger uses it.
if(NOT HAN_SANITIZE)
  add_test(NAME embed_package COMMAND sh tests/embed/run.sh ${CMAKE_BINARY_DIR}
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(embed_package PROPERTIES TIMEOUT 300)
  add_test(NAME embed_rock COMMAND sh tests/embed/rock.sh WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(embed_rock PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
endif()

# Fuzz targets of the model room, one test each; 60 seconds each, in the long form.
if(NOT HAN_SANITIZE)
  foreach(target sse reply body)
    add_test(NAME fuzz_${target} COMMAND sh tests/fuzz/run.sh 60 ${target} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(fuzz_${target} PROPERTIES TIMEOUT 400 LABELS check SKIP_RETURN_CODE 77)
  endforeach()
endif()

# Statistics against other programs, where they are installed (tools/test.sh --full installs them).
if(TARGET han_stats_lua AND NOT HAN_SANITIZE)
  foreach(peer scipy r)
    add_test(NAME peer_${peer} COMMAND sh tests/peers/run.sh ${peer} ${CMAKE_BINARY_DIR}
      WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(peer_${peer} PROPERTIES TIMEOUT 300 LABELS peer SKIP_RETURN_CODE 77)
  endforeach()
endif()
