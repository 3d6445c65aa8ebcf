# tidemark_room(NAME DEPS ...): the library room_NAME of src/NAME, every .cc of the folder in it but main.cc.
# A room may use only rooms of a lower row; tests/tidy checks the includes against the rows.
function(tidemark_room name)
  cmake_parse_arguments(ROOM "" "" "DEPS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cc)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  add_library(room_${name} STATIC ${sources})
  target_include_directories(room_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(room_${name} PUBLIC tidemark_options ${ROOM_DEPS})
endfunction()

# tidemark_test(NAME DEPS ...): one test binary of every *_test.cc in tests/NAME.
# LABEL is `fast` (default) or `full`; ENVIRONMENT adds variables. ALONE: the tests run one after the
# other in one process, which needs the machine for itself.
function(tidemark_test name)
  cmake_parse_arguments(TEST "ALONE" "LABEL" "DEPS;ENVIRONMENT" ${ARGN})
  if(NOT TEST_LABEL)
    set(TEST_LABEL fast)
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cc)
  add_executable(${name}_test ${sources})
  set_target_properties(${name}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_include_directories(${name}_test PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name}_test PRIVATE ${TEST_DEPS} GTest::gmock GTest::gtest_main)
  if(TIDEMARK_SANITIZER STREQUAL "thread")
    list(APPEND TEST_ENVIRONMENT
         "TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/tsan_suppressions.txt")
  endif()
  if(TEST_ALONE)
    add_test(NAME ${name}.all COMMAND ${name}_test)
    set_tests_properties(${name}.all PROPERTIES LABELS ${TEST_LABEL} TIMEOUT 600 RUN_SERIAL ON
                                                ENVIRONMENT "${TEST_ENVIRONMENT}")
    return()
  endif()
  gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60
                       PROPERTIES LABELS ${TEST_LABEL} TIMEOUT 300
                                  ENVIRONMENT "${TEST_ENVIRONMENT}")
endfunction()
