// A target of CMake's has a source; this one is there for its headers: ../precompiled.cmake.
