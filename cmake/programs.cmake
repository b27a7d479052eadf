# Floors 5 and 6: the library in its two forms, and the programs, which see of it what any host sees
# and share its code. The scripts folder is linked into the build tree so that build/han finds it as
# an installed han would.
set(han_sources ${CMAKE_SOURCE_DIR}/engine/api.c ${CMAKE_SOURCE_DIR}/engine/engine.c
  ${CMAKE_SOURCE_DIR}/engine/job/job.c)
add_library(han STATIC ${han_sources})
target_link_libraries(han PRIVATE han_flags PUBLIC han_script)
target_include_directories(han PUBLIC ${CMAKE_SOURCE_DIR}/engine)
add_library(han_shared SHARED ${han_sources})
target_link_libraries(han_shared PRIVATE han_flags han_script)
target_include_directories(han_shared PUBLIC $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/engine>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
set_target_properties(han_shared PROPERTIES OUTPUT_NAME han VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR} LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

function(han_executable name output folder source)
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE han_flags han_shared)
  target_compile_definitions(${name} PRIVATE _GNU_SOURCE) # it sees han.h only, not base/config.h
  set_target_properties(${name} PROPERTIES OUTPUT_NAME ${output} RUNTIME_OUTPUT_DIRECTORY ${folder})
endfunction()
han_executable(han_program han ${CMAKE_BINARY_DIR} ${CMAKE_SOURCE_DIR}/engine/cli/main.c)
han_executable(han_job han-job ${CMAKE_BINARY_DIR}/libexec ${CMAKE_SOURCE_DIR}/engine/job/main.c)
file(RELATIVE_PATH HAN_BIN_TO_LIB "/${CMAKE_INSTALL_BINDIR}" "/${CMAKE_INSTALL_LIBDIR}")
file(RELATIVE_PATH HAN_LIBEXEC_TO_LIB "/${CMAKE_INSTALL_LIBEXECDIR}/han" "/${CMAKE_INSTALL_LIBDIR}")
set_target_properties(han_program PROPERTIES INSTALL_RPATH "$ORIGIN/${HAN_BIN_TO_LIB}")
set_target_properties(han_job PROPERTIES INSTALL_RPATH "$ORIGIN/${HAN_LIBEXEC_TO_LIB}")

# The module that a plain lua5.4 requires as "han": the whole engine, in one file. The interpreter's own
# Lua functions are used, not another copy.
add_library(han_module MODULE ${CMAKE_SOURCE_DIR}/engine/module/module.c)
target_link_libraries(han_module PRIVATE han_flags han)
target_link_options(han_module PRIVATE -Wl,--exclude-libs,ALL)
set_target_properties(han_module PROPERTIES PREFIX "" OUTPUT_NAME han
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/module)

file(CREATE_LINK ${CMAKE_SOURCE_DIR}/scripts ${CMAKE_BINARY_DIR}/scripts SYMBOLIC)

# The examples see nothing but han.h; the tests run them.
foreach(example embed_minimal embed_frame_loop embed_allocator)
  add_executable(${example} ${CMAKE_SOURCE_DIR}/examples/${example}.c)
  target_link_libraries(${example} PRIVATE han_flags han)
  target_compile_definitions(${example} PRIVATE _GNU_SOURCE)
  set_target_properties(${example} PROPERTIES ENABLE_EXPORTS ON
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/examples)
  if(HAN_TESTS)
    add_test(NAME example_${example} COMMAND ${example})
    set_tests_properties(example_${example} PROPERTIES TIMEOUT 60)
  endif()
endforeach()
file(GLOB arena_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/examples/arena/*.c)
add_executable(arena ${arena_sources})
target_link_libraries(arena PRIVATE han_flags han)
target_compile_definitions(arena PRIVATE _GNU_SOURCE)
set_target_properties(arena PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/examples)
if(HAN_TESTS)
  set_tests_properties(example_embed_minimal PROPERTIES PASS_REGULAR_EXPRESSION "{\"sum\":385}")
endif()
