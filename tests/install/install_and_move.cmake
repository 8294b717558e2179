# Installs BUILD into FIRST and moves that to MOVED. Fails if a file of the package remembers where
# it was built or installed.
file(REMOVE_RECURSE "${FIRST}" "${MOVED}")
execute_process(COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${FIRST}"
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(RENAME "${FIRST}" "${MOVED}")

file(GLOB_RECURSE package "${MOVED}/*.cmake")
if(NOT package)
  message(FATAL_ERROR "no package file was installed")
endif()
foreach(file IN LISTS package)
  file(READ "${file}" text)
  foreach(place IN ITEMS "${FIRST}" "${BUILD}" "${SOURCE}")
    string(FIND "${text}" "${place}" found)
    if(NOT found EQUAL -1)
      message(FATAL_ERROR "${file} names ${place}")
    endif()
  endforeach()
endforeach()
