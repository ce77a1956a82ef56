# What `cmake --install` installs: headers, both libraries, the files for find_package and
# pkg-config. All of it may be moved afterwards.
include(CMakePackageConfigHelpers)

set(frameseal_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/frameseal")

install(DIRECTORY "${frameseal_headers}/" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")
install(FILES "${frameseal_archive}" DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(TARGETS frameseal_shared EXPORT frameseal-shared
  RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}"
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}"
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(EXPORT frameseal-shared NAMESPACE frameseal:: DESTINATION "${frameseal_package_dir}")

set(frameseal_include_dir "${CMAKE_INSTALL_INCLUDEDIR}")
set(frameseal_installed_archive "${CMAKE_INSTALL_LIBDIR}/${frameseal_file_name}")
configure_package_config_file(cmake/frameseal-config.cmake.in frameseal-config.cmake
  INSTALL_DESTINATION "${frameseal_package_dir}"
  PATH_VARS frameseal_include_dir frameseal_installed_archive)
# As with the soname: before 1.0, another minor version is another library.
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(frameseal_compatibility SameMinorVersion)
else()
  set(frameseal_compatibility SameMajorVersion)
endif()
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/frameseal-config-version.cmake"
  COMPATIBILITY "${frameseal_compatibility}")
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/frameseal-config.cmake"
  "${CMAKE_CURRENT_BINARY_DIR}/frameseal-config-version.cmake"
  DESTINATION "${frameseal_package_dir}")

# pkg-config's file finds everything from where it lies itself.
file(RELATIVE_PATH frameseal_prefix_from_pc
  "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" frameseal_prefix_from_pc "${frameseal_prefix_from_pc}")
file(RELATIVE_PATH frameseal_pc_libdir "${CMAKE_INSTALL_PREFIX}" "${CMAKE_INSTALL_FULL_LIBDIR}")
file(RELATIVE_PATH frameseal_pc_includedir
  "${CMAKE_INSTALL_PREFIX}" "${CMAKE_INSTALL_FULL_INCLUDEDIR}")
configure_file(cmake/frameseal.pc.in frameseal.pc @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/frameseal.pc"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
