# Precompiled headers: more than half of a unit's time went into reading the same headers of others again.
#
# Only headers of the standard library and of other projects, never our own: a change of ours rebuilds what includes it,
# no more. Each file still includes what it uses; -D TOWL_PCH=OFF builds without, and scripts/nightly does so.
# g++ alone: it takes no header that was made with other macros than the unit's (-Winvalid-pch says so), clang none that
# was made with another command line.
#
#   std < collector < network       the programs, by what a room knows
#   std < rpc
#   std < client < command_line
#   std < tests < tests_towld, tests_rpc        the tests' own code, with the tests' flags
option(TOWL_PCH "Precompile the headers of others" ON)
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(TOWL_PCH OFF)
endif()

set(towl_precompiled_std
  <algorithm> <array> <atomic> <charconv> <chrono> <condition_variable> <cstdint> <cstring> <deque> <filesystem>
  <functional> <map> <memory> <mutex> <optional> <random> <set> <span> <string> <string_view> <thread> <unordered_map>
  <utility> <variant> <vector> <tl/expected.hpp>)

# towl_precompiled(KIND HEADERS headers… LINKS libraries… FLAGS target): what targets of KIND share.
function(towl_precompiled kind)
  if(NOT TOWL_PCH)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 kind "" "FLAGS" "HEADERS;LINKS")
  if(NOT kind_FLAGS)
    set(kind_FLAGS towl_flags)
  endif()
  add_library(towl_pch_${kind} OBJECT ${PROJECT_SOURCE_DIR}/cmake/precompiled/nothing.cpp)
  target_link_libraries(towl_pch_${kind} PUBLIC ${kind_LINKS} PRIVATE ${kind_FLAGS})
  target_precompile_headers(towl_pch_${kind} PRIVATE ${towl_precompiled_std} ${kind_HEADERS})
endfunction()

# What g++ 12 sees in inlined functions of std::string, and tells: it no longer knows that they are the system's.
# A build without precompiled headers has these warnings.
set(towl_precompiled_options -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds)

# towl_precompile(TARGET KIND): TARGET's units start with the headers of KIND.
function(towl_precompile target kind)
  if(NOT TOWL_PCH)
    return()
  endif()
  target_precompile_headers(${target} REUSE_FROM towl_pch_${kind})
  # As libtowl's own, for libtowl_c.so.
  if(kind STREQUAL std AND TOWL_BUILD_C)
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_compile_options(${target} PRIVATE -fno-semantic-interposition)
  endif()
  # The macros that the headers were made with; a target may link less than its kind.
  target_compile_definitions(${target} PRIVATE $<TARGET_PROPERTY:towl_pch_${kind},COMPILE_DEFINITIONS>)
  target_compile_options(${target} PRIVATE ${towl_precompiled_options})
endfunction()

# towl_precompile_alone(TARGET headers…): the same, with headers and flags that TARGET shares with nobody. Not where its
# few files are compiled as one: they read the headers once in any case.
function(towl_precompile_alone target)
  if(TOWL_PCH AND NOT TOWL_UNITY)
    target_precompile_headers(${target} PRIVATE ${towl_precompiled_std} ${ARGN})
    target_compile_options(${target} PRIVATE ${towl_precompiled_options})
  endif()
endfunction()
