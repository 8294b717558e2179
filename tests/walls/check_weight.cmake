# Fails if one of HEADERS includes a forbidden header of std, or is too long once preprocessed by
# CXX with the include options SEE.
cmake_minimum_required(VERSION 3.25)
set(forbidden chrono memory vector functional system_error iostream string)
set(lines_max 20000)

foreach(header IN LISTS HEADERS)
  cmake_path(GET header FILENAME name)
  file(STRINGS "${header}" includes REGEX "^#include <[a-z_]+>")
  foreach(include IN LISTS includes)
    string(REGEX REPLACE "^#include <([a-z_]+)>.*" "\\1" include "${include}")
    if(include IN_LIST forbidden)
      message(SEND_ERROR "${name} includes <${include}>")
    endif()
  endforeach()

  execute_process(COMMAND "${CXX}" -std=c++20 ${SEE} -x c++ -E -P "${header}"
    OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX REPLACE "[^\n]+" "" newlines "${text}")
  string(LENGTH "${newlines}" lines)
  if(lines GREATER lines_max)
    message(SEND_ERROR "${name} is ${lines} lines, once preprocessed; at most ${lines_max}")
  endif()
  message(STATUS "${name}: ${lines} lines")
endforeach()
