# Build options. Presets in CMakePresets.json set them; see docs/building.md.
option(TIDEMARK_BUILD_TESTS "build the tests" ON)
option(TIDEMARK_TINY_LIMITS "make all limits small, so that small tests cross every boundary" OFF)
option(TIDEMARK_PLANTED_BUGS "compile the planted bugs that the simulator must find" OFF)
option(TIDEMARK_UNITY "compile the files of a room together, a batch at a time" OFF)
option(TIDEMARK_COVERAGE "count branches, for ./dev coverage" OFF)
option(TIDEMARK_FUZZERS "programs of libFuzzer, with clang: ./dev fuzz" OFF)
set(TIDEMARK_PROFILE "" CACHE STRING "write: count how often each branch is taken; read: use it")
set(TIDEMARK_SANITIZER "" CACHE STRING "address (with undefined) or thread")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "build type" FORCE)
endif()

add_library(tidemark_options INTERFACE)
target_compile_options(tidemark_options INTERFACE -Wall -Wextra -Werror -Wno-missing-field-initializers)
if(TIDEMARK_TINY_LIMITS)
  target_compile_definitions(tidemark_options INTERFACE TIDEMARK_TINY_LIMITS=1)
endif()
if(TIDEMARK_PLANTED_BUGS)
  target_compile_definitions(tidemark_options INTERFACE TIDEMARK_PLANTED_BUGS=1)
endif()
if(TIDEMARK_SANITIZER STREQUAL "address")
  # The check of vptrs asks the system for a descriptor and takes "none left" for a bad object.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=undefined
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(TIDEMARK_SANITIZER STREQUAL "thread")
  # Boost's fences are beside atomics that the sanitizer follows.
  add_compile_options(-fsanitize=thread -Wno-tsan -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
endif()

# What libFuzzer has to see; gcc's is the compiler whose warnings count.
if(TIDEMARK_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link -Wno-error -Wno-everything)
endif()

# The headers of a batch are read once. Presets without it show that every file stands on its own.
# gcc takes every file of a batch for a header and warns of classes that use anonymous namespaces.
if(TIDEMARK_UNITY)
  set(CMAKE_UNITY_BUILD ON)
  set(CMAKE_UNITY_BUILD_BATCH_SIZE 16)
  target_compile_options(tidemark_options INTERFACE -Wno-subobject-linkage)
endif()

if(TIDEMARK_COVERAGE)
  add_compile_options(--coverage -fprofile-update=prefer-atomic)
  add_link_options(--coverage)
endif()

# The two builds of `./dev optimize` have the same sources and definitions: else the counts of one
# are not those of the other. What the training has not reached is compiled as without any counts.
if(TIDEMARK_PROFILE)
  set(counts ${CMAKE_SOURCE_DIR}/build/profile/counts)
  add_compile_options(-fprofile-prefix-path=${CMAKE_BINARY_DIR})
  # Warnings depend on what is inlined, and that on the counts.
  target_compile_options(tidemark_options INTERFACE -Wno-error)
  if(TIDEMARK_PROFILE STREQUAL "write")
    add_compile_options(-fprofile-generate=${counts} -fprofile-update=prefer-atomic)
    add_link_options(-fprofile-generate)
  else()
    file(GLOB_RECURSE some_counts ${counts}/*.gcda)
    if(NOT some_counts)
      message(FATAL_ERROR "there are no counts in ${counts}; run ./dev optimize")
    endif()
    add_compile_options(-fprofile-use=${counts} -fprofile-partial-training -Wno-missing-profile
                        -Wno-coverage-mismatch)
    add_link_options(-fprofile-use=${counts})
  endif()
endif()

find_program(TIDEMARK_MOLD mold)
if(TIDEMARK_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
find_program(TIDEMARK_CCACHE ccache)
if(TIDEMARK_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${TIDEMARK_CCACHE})
endif()
# What every file costs, for the test tidy.build_cost.
if(TIDEMARK_UNITY)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_SOURCE_DIR}/cmake/timed.sh
                                  ${CMAKE_BINARY_DIR}/compile_seconds.txt
                                  ${CMAKE_CXX_COMPILER_LAUNCHER})
endif()
