# Finds Asio, standalone or Boost's, and gives one target, drywire_asio_headers. It carries which of
# the two it is as DRYWIRE_ASIO_STANDALONE or DRYWIRE_ASIO_BOOST, because their namespaces differ.
#
#   find_package(AsioHeaders MODULE COMPONENTS STANDALONE|BOOST ...): the first one that is there
find_path(ASIO_INCLUDE_DIR asio/io_context.hpp)
find_path(BOOST_ASIO_INCLUDE_DIR boost/asio/io_context.hpp)
mark_as_advanced(ASIO_INCLUDE_DIR BOOST_ASIO_INCLUDE_DIR)
set(AsioHeaders_flavour)
foreach(flavour IN LISTS AsioHeaders_FIND_COMPONENTS)
  if(flavour STREQUAL "STANDALONE" AND ASIO_INCLUDE_DIR)
    set(AsioHeaders_where "${ASIO_INCLUDE_DIR}")
    set(AsioHeaders_version_file "${ASIO_INCLUDE_DIR}/asio/version.hpp")
  elseif(flavour STREQUAL "BOOST" AND BOOST_ASIO_INCLUDE_DIR)
    set(AsioHeaders_where "${BOOST_ASIO_INCLUDE_DIR}")
    set(AsioHeaders_version_file "${BOOST_ASIO_INCLUDE_DIR}/boost/asio/version.hpp")
  else()
    continue()
  endif()
  set(AsioHeaders_flavour ${flavour})
  file(STRINGS "${AsioHeaders_version_file}" AsioHeaders_VERSION
    REGEX "define (BOOST_)?ASIO_VERSION")
  string(REGEX REPLACE ".*// *" "" AsioHeaders_VERSION "${AsioHeaders_VERSION}")
  break()
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(AsioHeaders
  REQUIRED_VARS AsioHeaders_flavour AsioHeaders_where VERSION_VAR AsioHeaders_VERSION)

if(AsioHeaders_FOUND AND NOT TARGET drywire_asio_headers)
  add_library(drywire_asio_headers INTERFACE IMPORTED)
  set_target_properties(drywire_asio_headers PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${AsioHeaders_where}"
    INTERFACE_COMPILE_DEFINITIONS "DRYWIRE_ASIO_${AsioHeaders_flavour}=1")
endif()
