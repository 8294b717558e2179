# drywire_fuzz(<name> <source>... LINK <target>...): one fuzz target, LLVMFuzzerTestOneInput in
# <source>.
#
# With DRYWIRE_BUILD_FUZZERS (clang) it becomes fuzz_<name>, run by `./dev fuzz <name>`; the rest of
# the tree has to be compiled with -fsanitize=fuzzer-no-link then, as the preset `fuzz` does. With
# DRYWIRE_BUILD_TESTS the same source and fuzz/replay.cpp become replay_<name>, and ctest runs it
# over the seeds in fuzz/corpus/<name>/, with any compiler. fuzz/<name>.dict is the dictionary, if
# there is one. <name>_split and <name>_differential have the seeds and the dictionary of <name>,
# too.
function(drywire_fuzz name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LINK")
  if(DRYWIRE_BUILD_FUZZERS)
    add_executable(fuzz_${name} ${arg_UNPARSED_ARGUMENTS})
    drywire_compile_rules(fuzz_${name})
    target_link_libraries(fuzz_${name} PRIVATE ${arg_LINK})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    set_property(GLOBAL APPEND PROPERTY drywire_fuzzers ${name})
  endif()
  if(DRYWIRE_BUILD_TESTS)
    add_executable(replay_${name} ${arg_UNPARSED_ARGUMENTS} "${PROJECT_SOURCE_DIR}/fuzz/replay.cpp")
    drywire_compile_rules(replay_${name})
    target_link_libraries(replay_${name} PRIVATE ${arg_LINK})
    string(REGEX REPLACE "_(split|differential)$" "" compared ${name})
    set(seeds)
    foreach(owner IN ITEMS ${name} ${compared})
      if(EXISTS "${PROJECT_SOURCE_DIR}/fuzz/corpus/${owner}")
        list(APPEND seeds "${PROJECT_SOURCE_DIR}/fuzz/corpus/${owner}")
      endif()
    endforeach()
    list(REMOVE_DUPLICATES seeds)
    add_test(NAME "fuzz: ${name} over its seeds" COMMAND replay_${name} ${seeds})
    set_tests_properties("fuzz: ${name} over its seeds" PROPERTIES TIMEOUT 120)
  endif()
endfunction()
