# Floors 5 and 6: the library, the han program, the job program. The scripts folder is linked into the
# build tree so that build/han finds it as an installed han would.
add_library(han STATIC ${CMAKE_SOURCE_DIR}/engine/api.c ${CMAKE_SOURCE_DIR}/engine/engine.c)
target_link_libraries(han PRIVATE han_flags PUBLIC han_script)
target_include_directories(han PUBLIC ${CMAKE_SOURCE_DIR}/engine)

add_executable(han_program ${CMAKE_SOURCE_DIR}/engine/cli/main.c)
target_link_libraries(han_program PRIVATE han_flags han)
target_compile_definitions(han_program PRIVATE _GNU_SOURCE) # it sees han.h only, not base/config.h
set_target_properties(han_program PROPERTIES OUTPUT_NAME han ENABLE_EXPORTS ON
  RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

add_executable(han_job ${CMAKE_SOURCE_DIR}/engine/job/main.c)
target_link_libraries(han_job PRIVATE han_flags han_script)
set_target_properties(han_job PROPERTIES OUTPUT_NAME han-job
  RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/libexec)

file(CREATE_LINK ${CMAKE_SOURCE_DIR}/scripts ${CMAKE_BINARY_DIR}/scripts SYMBOLIC)

# The examples see nothing but han.h; the tests run them.
foreach(example embed_minimal embed_frame_loop)
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
if(HAN_TESTS)
  set_tests_properties(example_embed_minimal PROPERTIES PASS_REGULAR_EXPRESSION "{\"sum\":385}")
endif()
