# Where things go when installed, and the target `programs` (what a user runs, without the tests).
# A part that does not exist yet is left out.
add_custom_target(programs)
foreach(program han_program han_job han-job han_runner han-runner)
  if(TARGET ${program})
    add_dependencies(programs ${program})
    if(program STREQUAL "han_program")
      install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    else()
      install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/han)
    endif()
  endif()
endforeach()

# For hosts: one shared library that exports what han.h declares and nothing else.
if(TARGET han)
  add_library(han_shared SHARED ${CMAKE_SOURCE_DIR}/engine/api.c ${CMAKE_SOURCE_DIR}/engine/engine.c)
  target_link_libraries(han_shared PRIVATE han_flags han_script)
  set_target_properties(han_shared PROPERTIES OUTPUT_NAME han VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR})
  install(TARGETS han_shared LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()
install(FILES ${CMAKE_SOURCE_DIR}/engine/han.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(EXISTS ${CMAKE_SOURCE_DIR}/scripts)
  install(DIRECTORY ${CMAKE_SOURCE_DIR}/scripts/ DESTINATION ${CMAKE_INSTALL_DATADIR}/han/scripts)
endif()
# the prefix as seen from the file itself, so that an installed tree may be moved
file(RELATIVE_PATH HAN_PC_UP "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" HAN_PC_UP "${HAN_PC_UP}")
configure_file(${CMAKE_SOURCE_DIR}/cmake/han.pc.in ${CMAKE_BINARY_DIR}/han.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/han.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
