# frameseal::shared: all of the static library, linked with only frameseal_* to be seen.

# What a program asks for when it is loaded: before 1.0 a minor version may break, so the soname
# names it as well, libframeseal.so.0.1; from 1.0 on it is libframeseal.so.1.
if(PROJECT_VERSION_MAJOR EQUAL 0)
  set(FRAMESEAL_ABI_VERSION "0.${PROJECT_VERSION_MINOR}")
else()
  set(FRAMESEAL_ABI_VERSION "${PROJECT_VERSION_MAJOR}")
endif()

set(frameseal_shared_sources cmake/shared.c)
if(WIN32)
  # Windows has no patterns for what is seen: the list of the functions is the committed one.
  file(STRINGS abi/symbols.txt frameseal_exports REGEX "frameseal_[a-z0-9_]+\\(")
  list(TRANSFORM frameseal_exports REPLACE "^.*(frameseal_[a-z0-9_]+)\\(.*$" "    \\1")
  string(REPLACE ";" "\n" frameseal_exports "EXPORTS;${frameseal_exports};")
  file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/frameseal.def" "${frameseal_exports}")
  list(APPEND frameseal_shared_sources "${CMAKE_CURRENT_BINARY_DIR}/frameseal.def")
else()
  configure_file(cmake/exports.map.in frameseal.map @ONLY)
endif()

add_library(frameseal_shared SHARED ${frameseal_shared_sources})
add_library(frameseal::shared ALIAS frameseal_shared)
add_dependencies(frameseal_shared frameseal_cargo)
set_target_properties(frameseal_shared PROPERTIES
  OUTPUT_NAME frameseal
  EXPORT_NAME shared
  VERSION "${PROJECT_VERSION}"
  SOVERSION "${FRAMESEAL_ABI_VERSION}"
  LINK_DEPENDS "${frameseal_archive}")
target_include_directories(frameseal_shared INTERFACE
  "$<BUILD_INTERFACE:${frameseal_headers}>" "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
target_link_libraries(frameseal_shared PRIVATE ${frameseal_native})

if(MSVC)
  target_link_options(frameseal_shared PRIVATE "LINKER:/WHOLEARCHIVE:${frameseal_archive}")
  # The static library has the name frameseal.lib.
  set_target_properties(frameseal_shared PROPERTIES ARCHIVE_OUTPUT_NAME frameseal.dll)
elseif(APPLE)
  target_link_options(frameseal_shared PRIVATE "LINKER:-force_load,${frameseal_archive}"
    "LINKER:-exported_symbol,_frameseal_*" "LINKER:-dead_strip")
else()
  target_link_options(frameseal_shared PRIVATE
    "LINKER:--whole-archive,${frameseal_archive},--no-whole-archive"
    # Without the debug information of Rust's own library, unless it is asked for. Never in a DLL,
    # where GNU ld would place parts of it below the image.
    "$<$<OR:$<BOOL:${WIN32}>,$<NOT:$<CONFIG:Debug,RelWithDebInfo>>>:LINKER:--strip-debug>")
  if(NOT WIN32)
    target_link_options(frameseal_shared PRIVATE
      "LINKER:--version-script=${CMAKE_CURRENT_BINARY_DIR}/frameseal.map"
      "LINKER:--gc-sections" "LINKER:--no-undefined" "LINKER:-z,relro,-z,now")
  endif()
endif()

# An application that has the sources in its tree builds it only when it links with it.
if(NOT FRAMESEAL_INSTALL)
  set_target_properties(frameseal_shared PROPERTIES EXCLUDE_FROM_ALL ON)
endif()
