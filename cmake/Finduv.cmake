# Finds libuv, with or without the CMake and pkg-config files of its packages, and gives one target,
# uv.
find_path(UV_INCLUDE_DIR uv.h)
find_library(UV_LIBRARY NAMES uv)
mark_as_advanced(UV_INCLUDE_DIR UV_LIBRARY)
if(UV_INCLUDE_DIR)
  file(STRINGS "${UV_INCLUDE_DIR}/uv/version.h" uv_VERSION
    REGEX "#define UV_VERSION_(MAJOR|MINOR|PATCH) +[0-9]+")
  string(REGEX REPLACE "[^0-9;]+" "" uv_VERSION "${uv_VERSION}")
  string(REPLACE ";" "." uv_VERSION "${uv_VERSION}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(uv REQUIRED_VARS UV_LIBRARY UV_INCLUDE_DIR VERSION_VAR uv_VERSION)

if(uv_FOUND AND NOT TARGET uv)
  add_library(uv UNKNOWN IMPORTED)
  set_target_properties(uv PROPERTIES
    IMPORTED_LOCATION "${UV_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${UV_INCLUDE_DIR}")
endif()
