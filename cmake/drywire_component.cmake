# One component = one library with its alias drywire::<name>, its headers and its install rules.
#
#   drywire_component(<name> HEADERS <h>... [SOURCES <cpp>...] [DEPENDS <target>...]
#                     [PRIVATE_DEPENDS <target>...])
#
# Headers are relative to <component>/include, sources to <component>. Without sources the library
# is header-only. Each component has an include root of its own, so that an include across a wall
# that DEPENDS doesn't open does not compile.
set(drywire_warnings
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Wcast-align -Wformat=2)

# Our own rules for a target of ours: the language level, and warnings as errors
# (`cmake --compile-no-warning-as-error` lifts that for a compiler we have not met).
function(drywire_compile_rules target)
  set_target_properties(${target} PROPERTIES
    CXX_EXTENSIONS OFF COMPILE_WARNING_AS_ERROR ${PROJECT_IS_TOP_LEVEL})
  target_compile_features(${target} PRIVATE cxx_std_20)
  if(PROJECT_IS_TOP_LEVEL)
    target_compile_options(${target} PRIVATE ${drywire_warnings})
  endif()
endfunction()

add_custom_target(drywire_libraries)

function(drywire_component name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS;SOURCES;DEPENDS;PRIVATE_DEPENDS")
  set(target drywire_${name})
  if(arg_SOURCES)
    add_library(${target} ${arg_SOURCES})
    set(scope PUBLIC)
    drywire_compile_rules(${target})
    target_link_libraries(${target} PRIVATE ${arg_PRIVATE_DEPENDS})
    add_dependencies(drywire_libraries ${target})
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(drywire::${name} ALIAS ${target})
  list(TRANSFORM arg_HEADERS PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/include/")
  target_sources(${target} ${scope} FILE_SET HEADERS BASE_DIRS include FILES ${arg_HEADERS})
  target_compile_features(${target} ${scope} cxx_std_20)
  target_link_libraries(${target} ${scope} ${arg_DEPENDS})
  set_target_properties(${target} PROPERTIES
    EXPORT_NAME ${name}
    VERIFY_INTERFACE_HEADER_SETS ${PROJECT_IS_TOP_LEVEL}
    POSITION_INDEPENDENT_CODE ON)
  drywire_install_component(${name} ${arg_DEPENDS} ${arg_PRIVATE_DEPENDS})
endfunction()

# Also notes, for the package file, all that the component links, the deepest first.
function(drywire_install_component name)
  if(NOT DRYWIRE_INSTALL)
    return()
  endif()
  set(needs)
  foreach(target IN LISTS ARGN)
    string(REGEX REPLACE "^drywire::" "" component "${target}")
    get_property(inherited GLOBAL PROPERTY drywire_needs_${component})
    list(APPEND needs ${inherited} ${target})
  endforeach()
  list(REMOVE_DUPLICATES needs)
  set_property(GLOBAL PROPERTY drywire_needs_${name} "${needs}")
  set_property(GLOBAL APPEND PROPERTY drywire_installed ${name})
  install(TARGETS drywire_${name} EXPORT drywire_${name}
    FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  install(EXPORT drywire_${name} NAMESPACE drywire:: FILE drywire_${name}.cmake
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/drywire")
endfunction()

# The package file of find_package(drywire CONFIG COMPONENTS ...).
function(drywire_install_package)
  include(CMakePackageConfigHelpers)
  set(where "${CMAKE_INSTALL_LIBDIR}/cmake/drywire")
  get_property(drywire_installed GLOBAL PROPERTY drywire_installed)
  set(drywire_needs)
  foreach(component IN LISTS drywire_installed)
    get_property(needs GLOBAL PROPERTY drywire_needs_${component})
    string(APPEND drywire_needs "set(drywire_needs_${component} \"${needs}\")\n")
  endforeach()
  configure_package_config_file(cmake/drywireConfig.cmake.in
    "${PROJECT_BINARY_DIR}/drywireConfig.cmake" INSTALL_DESTINATION "${where}")
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/drywireConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
  install(FILES
    "${PROJECT_BINARY_DIR}/drywireConfig.cmake" "${PROJECT_BINARY_DIR}/drywireConfigVersion.cmake"
    cmake/Findllhttp.cmake cmake/Finduv.cmake cmake/FindAsioHeaders.cmake DESTINATION "${where}")
endfunction()
