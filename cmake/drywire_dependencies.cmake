# Finds what the components need, here at the top: imported targets are visible only in and below the
# folder that finds them. An installed package comes first, .deps (made by `./dev setup`) second.
foreach(component IN ITEMS protocol loop asio uv adapters)
  if("all" IN_LIST DRYWIRE_COMPONENTS OR component IN_LIST DRYWIRE_COMPONENTS)
    set(drywire_has_${component} ON)
  else()
    set(drywire_has_${component} OFF)
  endif()
endforeach()

set(drywire_deps "${PROJECT_SOURCE_DIR}/.deps/usr")
if(EXISTS "${drywire_deps}")
  list(APPEND CMAKE_PREFIX_PATH "${drywire_deps}")
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND PROJECT_IS_TOP_LEVEL AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

if(drywire_has_protocol)
  find_package(llhttp 9.2.1 REQUIRED MODULE)
endif()
find_package(Threads REQUIRED)
if(DRYWIRE_BUILD_TESTS OR DRYWIRE_BUILD_BENCH)
  find_package(Catch2 3.4 REQUIRED CONFIG)
endif()
