# han-box, the first process of every box: linked statically where the archives are there, since each
# run begins with a copy of it. Never instrumented: it lives between clone, vfork and exec.
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
find_library(SECCOMP_ARCHIVE NAMES libseccomp.a)
file(GLOB box_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/engine/box/*.c)
add_executable(han-box ${box_sources} ${CMAKE_SOURCE_DIR}/engine/base/io.c ${CMAKE_SOURCE_DIR}/engine/base/mem.c)
target_link_libraries(han-box PRIVATE han_flags)
if(HAN_SANITIZE) # a library of its own, so that the option comes after what han_flags asks for
  add_library(han_unsanitized INTERFACE)
  target_compile_options(han_unsanitized INTERFACE -fno-sanitize=all)
  target_link_libraries(han-box PRIVATE han_unsanitized)
endif()
if(SECCOMP_ARCHIVE)
  target_link_options(han-box PRIVATE -static)
  target_link_libraries(han-box PRIVATE ${SECCOMP_ARCHIVE})
else()
  target_link_libraries(han-box PRIVATE PkgConfig::SECCOMP)
endif()
if(HAN_SANITIZE)
  target_link_libraries(han-box PRIVATE -fno-sanitize=all) # a library, so that it comes after what han_flags asks for
endif()
set_target_properties(han-box PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/libexec)
