# drywire_test(<name> <source>... LINK <target>... [LABELS <label>...]): one test program; each of
# its cases is a test of ctest, "<name>: <case>". Labels with a meaning:
#
#   clients   needs programs of `./dev setup --clients`; not in `./dev test`
#   threads   runs also under ThreadSanitizer
#   built_in  runs also with other sets of backends
#
# The target tests_<label> builds the programs with a label.
include(Catch)

function(drywire_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LINK;LABELS")
  add_executable(test_${name} ${arg_UNPARSED_ARGUMENTS})
  drywire_compile_rules(test_${name})
  target_link_libraries(test_${name} PRIVATE Catch2::Catch2WithMain ${arg_LINK})
  drywire_label_target(test_${name} ${arg_LABELS})
  # Without a label the property would be set to nothing, which catch_discover_tests can't pass on.
  if(arg_LABELS)
    list(JOIN arg_LABELS "\\;" labels)
    set(labels LABELS "${labels}")
  endif()
  catch_discover_tests(test_${name} TEST_PREFIX "${name}: " DISCOVERY_MODE PRE_TEST
    PROPERTIES TIMEOUT 120 SKIP_RETURN_CODE 4 ${labels})
endfunction()

# For a test that isn't a Catch2 program: `target` is built by tests_<label>.
function(drywire_label_target target)
  foreach(label IN LISTS ARGN)
    if(NOT TARGET tests_${label})
      add_custom_target(tests_${label})
    endif()
    add_dependencies(tests_${label} ${target})
  endforeach()
endfunction()
