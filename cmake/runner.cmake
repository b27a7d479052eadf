# The plain-value codec and the ordered iteration, which both the script room and the runner use, and
# the runner itself: small, without curl, SQLite, libuv or anything of the script room.
file(GLOB runner_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/engine/runner/*.c)
set(value_sources order.c value.c value_copy.c value_decode.c pairs.c pairs_sort.c pairs_text.c)
list(TRANSFORM value_sources PREPEND ${CMAKE_SOURCE_DIR}/engine/script/)
add_library(han_value STATIC ${value_sources})
target_link_libraries(han_value PRIVATE han_flags PUBLIC han_base PkgConfig::LUA m)
