# Where things go when installed, and the target `programs` (what a user runs, without the tests). Two
# components: `engine`, what runs, and `devel`, what a host is built with.
add_custom_target(programs)
add_dependencies(programs han_program han_job han-runner han-box)

# llvm-strip refuses static programs of glibc (han-box), whose .rela.plt names a section that is no symbol table.
if(CMAKE_STRIP MATCHES "llvm-strip")
  find_program(HAN_STRIP strip)
  mark_as_advanced(HAN_STRIP)
  if(HAN_STRIP)
    set(CMAKE_STRIP ${HAN_STRIP})
  endif()
endif()

install(TARGETS han_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT engine)
install(TARGETS han_job han-runner han-box RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/han COMPONENT engine)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/scripts/ DESTINATION ${CMAKE_INSTALL_DATADIR}/han/scripts
  COMPONENT engine PATTERN "repair/programs" EXCLUDE)

# The base programs of the repair family are data, nine tenths of a megabyte of it: installed as one bundle.
set(programs ${CMAKE_SOURCE_DIR}/scripts/adapters/repair/programs)
file(GLOB_RECURSE program_files CONFIGURE_DEPENDS ${programs}/*.lua)
add_executable(bundle ${CMAKE_SOURCE_DIR}/tools/bundle.c)
target_link_libraries(bundle PRIVATE PkgConfig::ZSTD)
set_target_properties(bundle PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/generated)
add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/generated/programs.bundle
  COMMAND bundle ${CMAKE_BINARY_DIR}/generated/programs.bundle ${programs} ${program_files}
  DEPENDS bundle ${program_files} COMMENT "Bundling the base programs" VERBATIM)
add_custom_target(programs_bundle ALL DEPENDS ${CMAKE_BINARY_DIR}/generated/programs.bundle)
add_dependencies(programs programs_bundle)
install(FILES ${CMAKE_BINARY_DIR}/generated/programs.bundle
  DESTINATION ${CMAKE_INSTALL_DATADIR}/han/scripts/adapters/repair COMPONENT engine)
install(TARGETS han_shared EXPORT hanTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  COMPONENT engine NAMELINK_COMPONENT devel)

# One archive of all rooms, so that a host links libhan.a and not our rooms one by one.
set(room_objects)
foreach(room base stats wire loop tree store exec model value script)
  list(APPEND room_objects $<TARGET_OBJECTS:han_${room}>)
endforeach()
add_library(han_archive STATIC $<TARGET_OBJECTS:han> ${room_objects})
set_target_properties(han_archive PROPERTIES OUTPUT_NAME han LINKER_LANGUAGE C EXPORT_NAME static
  ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/devel)
target_link_libraries(han_archive INTERFACE $<INSTALL_INTERFACE:PkgConfig::HAN_NEEDS>
  $<INSTALL_INTERFACE:Threads::Threads> $<INSTALL_INTERFACE:m>)
target_include_directories(han_archive INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
install(TARGETS han_archive EXPORT hanStaticTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  COMPONENT devel)

install(FILES ${CMAKE_SOURCE_DIR}/engine/han.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT devel)
# the prefix as seen from the file itself, so that an installed tree may be moved
file(RELATIVE_PATH HAN_PC_UP "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" HAN_PC_UP "${HAN_PC_UP}")
configure_file(${CMAKE_SOURCE_DIR}/cmake/package/han.pc.in ${CMAKE_BINARY_DIR}/han.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/han.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT devel)

include(CMakePackageConfigHelpers)
set(HAN_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/han)
set_target_properties(han_shared PROPERTIES EXPORT_NAME han)
install(EXPORT hanTargets NAMESPACE han:: DESTINATION ${HAN_PACKAGE_DIR} COMPONENT devel)
install(EXPORT hanStaticTargets NAMESPACE han:: DESTINATION ${HAN_PACKAGE_DIR} COMPONENT devel)
configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/package/hanConfig.cmake.in
  ${CMAKE_BINARY_DIR}/hanConfig.cmake INSTALL_DESTINATION ${HAN_PACKAGE_DIR})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/hanConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/hanConfig.cmake ${CMAKE_BINARY_DIR}/hanConfigVersion.cmake
  DESTINATION ${HAN_PACKAGE_DIR} COMPONENT devel)
