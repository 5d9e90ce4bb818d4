# Several files of a target are compiled as one (CMake's unity build): even with precompiled headers, most of a file's
# time goes into what it includes, and its neighbours include the same. All is built in half of the time.
#
# For it, names in the unnamed namespaces of a target's files differ. After a change eight files are compiled, not one:
# the preset `debug` compiles each file alone, for daily work, and so does `plain`, which finds what a file forgot to
# include (scripts/nightly).
#
# libtowl's own files, and towlctl's that print entries, are compiled each alone in any case: in larger ones g++ inlines less
# (a function with more callers costs more copies), and searches took 4 to 14% more of a processor.
option(TOWL_UNITY "Compile up to eight files of a target as one" ON)
if(TOWL_UNITY)
  set(CMAKE_UNITY_BUILD ON)
  if(NOT DEFINED CMAKE_UNITY_BUILD_BATCH_SIZE)
    set(CMAKE_UNITY_BUILD_BATCH_SIZE 8)
  endif()
  # A type in an unnamed namespace is safe in a source, and g++ takes what a source includes for headers; and it guesses
  # wrongly of tl::expected in functions that it inlined. A build of each file alone has these warnings.
  target_compile_options(towl_flags INTERFACE
    $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage> $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()
