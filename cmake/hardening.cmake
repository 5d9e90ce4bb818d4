# What makes a mistake in the programs an end and not a way in.
#
#   linked so       always: position-independent, no relocations left that can be written, no stack that can be executed
#   compiled so     with TOWL_HARDEN, as in the preset `package`: checks of buffers (_FORTIFY_SOURCE), of the standard
#                   library's preconditions (_GLIBCXX_ASSERTIONS), of stacks and of indirect jumps
#
# tests/deploy/check-hardening looks at the programs.
option(TOWL_HARDEN "Compile with run-time checks of buffers, the standard library, stacks and jumps" OFF)

if(TOWL_HARDEN)
  target_compile_options(towl_flags INTERFACE
    # The compiler may define it at a lower level; unoptimised code cannot have it.
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE>
    $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=$<IF:$<CXX_COMPILER_ID:GNU>,3,2>>
    -D_GLIBCXX_ASSERTIONS
    -fstack-protector-strong -fstack-clash-protection
    $<$<STREQUAL:${CMAKE_SYSTEM_PROCESSOR},x86_64>:-fcf-protection>)
  # Debian's compiler makes such code anyway; others are told.
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  include(CheckPIESupported)
  check_pie_supported()
endif()

# towl_harden(TARGET): a program, or a module that one loads.
function(towl_harden target)
  target_link_options(${target} PRIVATE LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack)
endfunction()
