# Simulated histories: a short run always, a long one with HAN_FULL=1; and that the harness notices
# each way in which it is made wrong.
add_executable(sim ${CMAKE_SOURCE_DIR}/tests/sim/sim.c ${CMAKE_SOURCE_DIR}/tests/sim/life.c)
target_link_libraries(sim PRIVATE han_flags han_script han_store)
target_include_directories(sim PRIVATE ${CMAKE_SOURCE_DIR}/tests/sim)
set_target_properties(sim PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_test(NAME sim COMMAND sh ${CMAKE_SOURCE_DIR}/tests/sim/run.sh $<TARGET_FILE:sim>)
set_tests_properties(sim PROPERTIES TIMEOUT 900)
