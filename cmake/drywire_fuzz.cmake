# drywire_fuzz(<name> <source>... LINK <target>... [SEEDS <name>]): one fuzz target,
# LLVMFuzzerTestOneInput in <source>.
#
# With DRYWIRE_BUILD_FUZZERS (clang) it becomes fuzz_<name>, run by `./dev fuzz <name>`; the rest of
# the tree has to be compiled with -fsanitize=fuzzer-no-link then, as the preset `fuzz` does. With
# DRYWIRE_BUILD_TESTS the same source and fuzz/replay.cpp become replay_<name>, and ctest runs it
# over the seeds in fuzz/corpus/<name>/, with any compiler; with SEEDS, over those of that target,
# too. fuzz/<name>.dict is the dictionary, if there is one.
function(drywire_fuzz name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "SEEDS" "LINK")
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
    set(seeds ${name} ${arg_SEEDS})
    list(TRANSFORM seeds PREPEND "${PROJECT_SOURCE_DIR}/fuzz/corpus/")
    add_test(NAME "fuzz: ${name} over its seeds" COMMAND replay_${name} ${seeds})
    set_tests_properties("fuzz: ${name} over its seeds" PROPERTIES TIMEOUT 120)
  endif()
endfunction()
