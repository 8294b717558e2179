# Finds what the components need, here at the top: imported targets are visible only in and below
# the folder that finds them. Leaves drywire_has_<component> for each component: wanted, and
# possible.

# What `./dev setup` unpacked comes before the system's own, which was too old.
set(drywire_deps "${PROJECT_SOURCE_DIR}/.deps/usr")
if(EXISTS "${drywire_deps}")
  list(PREPEND CMAKE_PREFIX_PATH "${drywire_deps}")
  # Linked statically, an installed `drywire` doesn't depend on this folder.
  find_library(LLHTTP_LIBRARY NAMES libllhttp.a
    PATHS "${drywire_deps}/lib/${CMAKE_LIBRARY_ARCHITECTURE}" NO_DEFAULT_PATH)
endif()

find_program(CCACHE_PROGRAM ccache)
mark_as_advanced(CCACHE_PROGRAM)
if(CCACHE_PROGRAM AND PROJECT_IS_TOP_LEVEL AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

# --- which components ---

set(drywire_components protocol deflate websocket loop asio uv adapters)
foreach(component IN LISTS DRYWIRE_COMPONENTS)
  if(NOT component STREQUAL "all" AND NOT component IN_LIST drywire_components)
    message(FATAL_ERROR 
      "DRYWIRE_COMPONENTS: no component '${component}' (all, ${drywire_components})")
  endif()
endforeach()
foreach(component IN LISTS drywire_components)
  set(drywire_has_${component} OFF)
  if("all" IN_LIST DRYWIRE_COMPONENTS OR component IN_LIST DRYWIRE_COMPONENTS)
    set(drywire_has_${component} ON)
  endif()
endforeach()
if(drywire_has_adapters)
  set(drywire_has_websocket ON)
endif()
if(drywire_has_websocket)
  set(drywire_has_protocol ON)
  set(drywire_has_deflate ON)
endif()
if(drywire_has_asio OR drywire_has_uv OR drywire_has_adapters)
  set(drywire_has_loop ON)
endif()

# --- what they need ---

# drywire_fetch(<name> <url>): the pinned release, from its author. Not exercised by our own tests.
function(drywire_fetch name url)
  include(FetchContent)
  message(STATUS "drywire: downloading ${url}")
  FetchContent_Declare(${name} URL "${url}" DOWNLOAD_EXTRACT_TIMESTAMP OFF)
  FetchContent_MakeAvailable(${name})
  set(${name}_SOURCE_DIR "${${name}_SOURCE_DIR}" PARENT_SCOPE)
endfunction()

# drywire_require(<name> <version> <MODULE|CONFIG> <url>): an installed package, or else the pinned
# one.
macro(drywire_require name version mode url)
  if(DRYWIRE_FETCH)
    find_package(${name} ${version} ${mode} QUIET)
  else()
    find_package(${name} ${version} ${mode})
  endif()
  if(NOT ${name}_FOUND AND DRYWIRE_FETCH)
    drywire_fetch(${name} ${url})
  elseif(NOT ${name}_FOUND)
    message(FATAL_ERROR
      "drywire needs ${name} >= ${version}: on Debian run `./dev setup`, elsewhere install it or "
      "configure with -DDRYWIRE_FETCH=ON (README.md, 'Building elsewhere')")
  endif()
endmacro()

set(drywire_fetched_llhttp OFF)
if(drywire_has_protocol AND NOT TARGET llhttp::llhttp)
  if(DRYWIRE_FETCH)  # 9.3.1 is the first release whose options have names of their own.
    set(LLHTTP_BUILD_SHARED_LIBS OFF CACHE BOOL "" FORCE)
    set(LLHTTP_BUILD_STATIC_LIBS ON CACHE BOOL "" FORCE)
  endif()
  drywire_require(llhttp 9.2.1 MODULE
    https://github.com/nodejs/llhttp/archive/refs/tags/release/v9.3.1.tar.gz)
  if(TARGET llhttp_static)
    set(drywire_fetched_llhttp ON)
  endif()
endif()

# Part of every system, and its own build has no targets that others could install: not downloaded.
if(drywire_has_deflate)
  find_package(ZLIB 1.2.11 REQUIRED MODULE)
endif()

if(drywire_has_loop OR DRYWIRE_BUILD_TESTS)
  set(THREADS_PREFER_PTHREAD_FLAG ON)
  find_package(Threads REQUIRED)
endif()

set(drywire_asio_choices AUTO BOOST STANDALONE OFF)
if(NOT DRYWIRE_ASIO IN_LIST drywire_asio_choices)
  message(FATAL_ERROR "DRYWIRE_ASIO is '${DRYWIRE_ASIO}', not one of ${drywire_asio_choices}")
endif()
if(drywire_has_asio AND DRYWIRE_ASIO STREQUAL "AUTO")
  # Standalone first: it takes half the time to compile.
  find_package(AsioHeaders 1.18 MODULE COMPONENTS STANDALONE BOOST)
elseif(drywire_has_asio AND DRYWIRE_ASIO)
  find_package(AsioHeaders 1.18 REQUIRED MODULE COMPONENTS ${DRYWIRE_ASIO})
endif()
if(NOT TARGET drywire_asio_headers)
  set(drywire_has_asio OFF)
endif()

if(drywire_has_uv AND DRYWIRE_UV STREQUAL "AUTO")
  find_package(uv 1.44 MODULE)
elseif(drywire_has_uv AND DRYWIRE_UV)
  find_package(uv 1.44 REQUIRED MODULE)
endif()
if(NOT TARGET uv OR NOT DRYWIRE_UV)
  set(drywire_has_uv OFF)
endif()

if(DRYWIRE_BUILD_TOOLS AND drywire_has_adapters)
  drywire_require(CLI11 2.1 CONFIG
    https://github.com/CLIUtils/CLI11/archive/refs/tags/v2.4.2.tar.gz)
  drywire_require(tomlplusplus 3.3 CONFIG
    https://github.com/marzer/tomlplusplus/archive/refs/tags/v3.4.0.tar.gz)
endif()
if(DRYWIRE_BUILD_TESTS)
  drywire_require(Catch2 3.4 CONFIG
    https://github.com/catchorg/Catch2/archive/refs/tags/v3.7.1.tar.gz)
  if(Catch2_SOURCE_DIR)
    list(APPEND CMAKE_MODULE_PATH "${Catch2_SOURCE_DIR}/extras")
  endif()
endif()
