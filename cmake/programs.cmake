# Floors 5 and 6: the library, the han program, the job program. The scripts folder is linked into the
# build tree so that build/han finds it as an installed han would.
add_library(han STATIC ${CMAKE_SOURCE_DIR}/engine/api.c ${CMAKE_SOURCE_DIR}/engine/engine.c)
target_link_libraries(han PRIVATE han_flags PUBLIC han_script)
target_include_directories(han PUBLIC ${CMAKE_SOURCE_DIR}/engine)

add_executable(han_program ${CMAKE_SOURCE_DIR}/engine/cli/main.c)
target_link_libraries(han_program PRIVATE han_flags han)
set_target_properties(han_program PROPERTIES OUTPUT_NAME han ENABLE_EXPORTS ON
  RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

add_executable(han_job ${CMAKE_SOURCE_DIR}/engine/job/main.c)
target_link_libraries(han_job PRIVATE han_flags han_script)
set_target_properties(han_job PROPERTIES OUTPUT_NAME han-job
  RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/libexec)

file(CREATE_LINK ${CMAKE_SOURCE_DIR}/scripts ${CMAKE_BINARY_DIR}/scripts SYMBOLIC)
