# The plain-value codec and the ordered iteration, which both the script room and the runner use, and
# the runner itself: small, without curl, SQLite, libuv or anything of the script room but the modules
# that are pure: json, stats, value, chunk.
file(GLOB runner_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/engine/runner/*.c)
file(GLOB value_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/engine/value/*.c)
add_library(han_value STATIC ${value_sources})
target_link_libraries(han_value PRIVATE han_flags PUBLIC han_base PkgConfig::LUA m)

set(pure_sources)
foreach(file bind_json bind_stats bind_value chunk fail json_write push stats_args stats_plans)
  list(APPEND pure_sources ${CMAKE_SOURCE_DIR}/engine/script/${file}.c)
endforeach()
add_library(han_pure STATIC ${pure_sources})
target_link_libraries(han_pure PRIVATE han_flags PUBLIC han_value han_stats han_base PkgConfig::JANSSON)

# All of the runner but its main, for the program and for the tests.
list(REMOVE_ITEM runner_sources ${CMAKE_SOURCE_DIR}/engine/runner/main.c)
add_library(han_sandbox STATIC ${runner_sources})
target_link_libraries(han_sandbox PRIVATE han_flags PUBLIC han_pure han_value han_wire han_base)
if(HAN_SANITIZE)
  target_compile_definitions(han_sandbox PUBLIC HAN__SANITIZED=1)
endif()

# Lua and jansson are linked into it where the archives are there: few libraries make a fork cheap, and an
# evaluation is one. The C library is not: 12 % more evaluations are not worth 0.9 MB in every installation.
add_executable(han-runner ${CMAKE_SOURCE_DIR}/engine/runner/main.c)
find_library(LUA_ARCHIVE NAMES liblua5.4.a)
find_library(JANSSON_ARCHIVE NAMES libjansson.a)
target_include_directories(han-runner PRIVATE ${LUA_INCLUDE_DIRS})
if(LUA_ARCHIVE AND JANSSON_ARCHIVE AND NOT HAN_SANITIZE)
  target_link_options(han-runner PRIVATE -Wl,-z,now)
  target_link_libraries(han-runner PRIVATE han_flags -Wl,--start-group $<TARGET_FILE:han_sandbox>
    $<TARGET_FILE:han_pure> $<TARGET_FILE:han_value> $<TARGET_FILE:han_stats> $<TARGET_FILE:han_wire>
    $<TARGET_FILE:han_base> ${LUA_ARCHIVE} ${JANSSON_ARCHIVE}
    -Wl,--end-group m)
  add_dependencies(han-runner han_sandbox)
else()
  target_link_libraries(han-runner PRIVATE han_flags han_sandbox)
endif()
set_target_properties(han-runner PROPERTIES
  RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/libexec)
