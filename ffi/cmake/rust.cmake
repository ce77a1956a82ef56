# frameseal::static: what cargo makes. Whether it is out of date, cargo is asked at every build.

find_program(FRAMESEAL_CARGO cargo HINTS "$ENV{HOME}/.cargo/bin" NO_CMAKE_FIND_ROOT_PATH)
find_program(FRAMESEAL_RUSTC rustc HINTS "$ENV{HOME}/.cargo/bin" NO_CMAKE_FIND_ROOT_PATH)
if(NOT FRAMESEAL_CARGO OR NOT FRAMESEAL_RUSTC)
  message(FATAL_ERROR "frameseal needs Rust: there is no cargo or no rustc on the PATH")
endif()

# A build for several ABIs of Android configures each with the same options.
set(frameseal_target "${FRAMESEAL_RUST_TARGET}")
if(NOT frameseal_target AND ANDROID)
  set(frameseal_android_arm64-v8a aarch64-linux-android)
  set(frameseal_android_armeabi-v7a armv7-linux-androideabi)
  set(frameseal_android_x86 i686-linux-android)
  set(frameseal_android_x86_64 x86_64-linux-android)
  set(frameseal_target "${frameseal_android_${CMAKE_ANDROID_ARCH_ABI}}")
endif()
if(NOT frameseal_target AND CMAKE_CROSSCOMPILING)
  message(FATAL_ERROR "frameseal is cross-compiled: set FRAMESEAL_RUST_TARGET to a Rust target triple")
endif()

set(frameseal_features "")
if(FRAMESEAL_AWS_LC)
  list(APPEND frameseal_features aws-lc)
endif()
if(FRAMESEAL_KERNEL)
  list(APPEND frameseal_features kernel)
endif()
# A folder for each set of features, and for debug information: cargo gives all of them one file name,
# and puts an older file there, by which no program is linked again, when it has built that before.
set(frameseal_cargo_dir "${FRAMESEAL_CARGO_TARGET_DIR}")
if(frameseal_features)
  list(JOIN frameseal_features "-" frameseal_folder)
  string(APPEND frameseal_cargo_dir "/${frameseal_folder}")
  list(JOIN frameseal_features "," frameseal_features)
  set(frameseal_features "--features=${frameseal_features}")
endif()

set(frameseal_info_dir "${frameseal_cargo_dir}/debug-info")

set(frameseal_target_option "")
set(frameseal_out "${frameseal_cargo_dir}")
set(frameseal_info_out "${frameseal_info_dir}")
if(frameseal_target)
  set(frameseal_target_option --target "${frameseal_target}")
  string(APPEND frameseal_out "/${frameseal_target}")
  string(APPEND frameseal_info_out "/${frameseal_target}")
endif()

# The libraries of the system that the static library needs are those that Rust's own library
# needs, so a library with nothing in it has the same. That also finds out whether rustc can
# compile for the target at all.
file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/nothing.rs" "")
execute_process(
  COMMAND "${FRAMESEAL_RUSTC}" --crate-type staticlib --print native-static-libs
    ${frameseal_target_option} -o "${CMAKE_CURRENT_BINARY_DIR}/nothing.a"
    "${CMAKE_CURRENT_BINARY_DIR}/nothing.rs"
  WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
  RESULT_VARIABLE frameseal_rustc_result ERROR_VARIABLE frameseal_rustc_said)
if(NOT frameseal_rustc_result EQUAL 0)
  message(FATAL_ERROR "rustc cannot compile for this target; with rustup: "
    "rustup target add ${frameseal_target}\n${frameseal_rustc_said}")
endif()
file(REMOVE "${CMAKE_CURRENT_BINARY_DIR}/nothing.a")
string(REGEX MATCH "native-static-libs: ([^\n]*)" frameseal_rustc_said "${frameseal_rustc_said}")
string(STRIP "${CMAKE_MATCH_1}" FRAMESEAL_NATIVE_LIBRARIES)
# As CMake wants them: names without -l. Which C runtime of Windows is taken, the application says.
string(REGEX REPLACE "-framework ([^ ]+)" "-framework@\\1" frameseal_native
  "${FRAMESEAL_NATIVE_LIBRARIES}")
string(REPLACE " " ";" frameseal_native "${frameseal_native}")
list(FILTER frameseal_native EXCLUDE REGEX "^/defaultlib:")
list(TRANSFORM frameseal_native REPLACE "^-l([^:])" "\\1")
list(TRANSFORM frameseal_native REPLACE "^-framework@" "-framework ")

# The build type chooses the profile; all but Debug is the release profile, no build type too.
if(MSVC)
  set(frameseal_file_name frameseal.lib)
else()
  set(frameseal_file_name libframeseal.a)
endif()
set(frameseal_debug_archive "${frameseal_out}/debug/${frameseal_file_name}")
set(frameseal_release_archive "${frameseal_out}/release/${frameseal_file_name}")
set(frameseal_info_archive "${frameseal_info_out}/release/${frameseal_file_name}")
set(frameseal_archive "$<IF:$<CONFIG:RelWithDebInfo>,${frameseal_info_archive},$<IF:$<CONFIG:Debug>,${frameseal_debug_archive},${frameseal_release_archive}>>")
get_property(frameseal_multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
if(frameseal_multi_config)
  set(frameseal_archives "${frameseal_debug_archive}" "${frameseal_release_archive}"
    "${frameseal_info_archive}")
elseif(CMAKE_BUILD_TYPE STREQUAL Debug)
  set(frameseal_archives "${frameseal_debug_archive}")
elseif(CMAKE_BUILD_TYPE STREQUAL RelWithDebInfo)
  set(frameseal_archives "${frameseal_info_archive}")
else()
  set(frameseal_archives "${frameseal_release_archive}")
endif()

# The C code of AWS-LC is compiled by cargo.
set(frameseal_environment "")
if(FRAMESEAL_AWS_LC AND CMAKE_CROSSCOMPILING)
  string(REPLACE "-" "_" frameseal_cc "CC_${frameseal_target}")
  set(frameseal_environment "${CMAKE_COMMAND}" -E env "${frameseal_cc}=${CMAKE_C_COMPILER}")
endif()

add_custom_target(frameseal_cargo
  COMMAND ${frameseal_environment} "${FRAMESEAL_CARGO}" rustc --locked
    --manifest-path "${CMAKE_CURRENT_SOURCE_DIR}/Cargo.toml" --lib --crate-type staticlib
    --profile "$<IF:$<CONFIG:Debug>,dev,release>"
    "$<$<CONFIG:RelWithDebInfo>:--config;profile.release.debug=true>"
    --target-dir "$<IF:$<CONFIG:RelWithDebInfo>,${frameseal_info_dir},${frameseal_cargo_dir}>"
    ${frameseal_target_option} ${frameseal_features}
  WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
  BYPRODUCTS ${frameseal_archives}
  COMMENT "cargo: frameseal"
  COMMAND_EXPAND_LISTS USES_TERMINAL VERBATIM)

get_filename_component(frameseal_headers "${CMAKE_CURRENT_SOURCE_DIR}/../include" ABSOLUTE)
add_library(frameseal::static STATIC IMPORTED GLOBAL)
add_dependencies(frameseal::static frameseal_cargo)
set_target_properties(frameseal::static PROPERTIES
  IMPORTED_LOCATION "${frameseal_release_archive}"
  IMPORTED_LINK_INTERFACE_LANGUAGES C
  INTERFACE_INCLUDE_DIRECTORIES "${frameseal_headers}"
  INTERFACE_LINK_LIBRARIES "${frameseal_native}")
if(frameseal_multi_config OR CMAKE_BUILD_TYPE STREQUAL RelWithDebInfo)
  set_target_properties(frameseal::static PROPERTIES
    IMPORTED_LOCATION_RELWITHDEBINFO "${frameseal_info_archive}")
endif()
if(frameseal_multi_config OR CMAKE_BUILD_TYPE STREQUAL Debug)
  set_target_properties(frameseal::static PROPERTIES
    IMPORTED_LOCATION_DEBUG "${frameseal_debug_archive}")
endif()
