function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT code EQUAL 0)
    list(JOIN ARGV " " command)
    message(FATAL_ERROR "${command}\nfailed with ${code}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(READ ${README} readme)
foreach(example write read)
  file(READ ${SOURCE_DIR}/${example}.cpp code)
  string(FIND "${readme}" "${code}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "README.md does not show tests/package/${example}.cpp as it is")
  endif()
endforeach()

file(REMOVE_RECURSE ${WORK_DIR})
file(MAKE_DIRECTORY ${WORK_DIR}/run)
run(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${WORK_DIR}/prefix)
# Built by what built towl: there need be no other build program on this machine.
run(${CMAKE_COMMAND} -G ${GENERATOR} -D CMAKE_MAKE_PROGRAM=${MAKE_PROGRAM}
    -S ${SOURCE_DIR}/project -B ${WORK_DIR}/build -D SOURCES=${SOURCE_DIR}
    -D CMAKE_PREFIX_PATH=${WORK_DIR}/prefix -D CMAKE_CXX_COMPILER=${CXX} -D CMAKE_BUILD_TYPE=Debug
    "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror" )
run(${CMAKE_COMMAND} --build ${WORK_DIR}/build)
run(${CMAKE_COMMAND} -E chdir ${WORK_DIR}/run ${WORK_DIR}/build/write)
run(${CMAKE_COMMAND} -E chdir ${WORK_DIR}/run ${WORK_DIR}/build/read)
set(read_output "${output}")
run(${CMAKE_COMMAND} -E chdir ${WORK_DIR}/run ${WORK_DIR}/build/level)
if(NOT output STREQUAL "err: order 17 failed\n")
  message(FATAL_ERROR "level printed:\n${output}")
endif()
set(output "${read_output}")
if(NOT output MATCHES "Z order 17 accepted\n.*Z order 17 shipped\n$")
  message(FATAL_ERROR "read printed:\n${output}")
endif()

# The client loads what talks to collectors from the installation, wherever that was moved.
if(EXISTS ${WORK_DIR}/prefix/${BINDIR}/towlctl)
  file(RENAME ${WORK_DIR}/prefix ${WORK_DIR}/moved)
  execute_process(COMMAND ${WORK_DIR}/moved/${BINDIR}/towlctl stat --server 127.0.0.1:1
                  RESULT_VARIABLE code ERROR_VARIABLE said)
  if(NOT code EQUAL 2 OR NOT said MATCHES "cannot reach a collector")
    message(FATAL_ERROR "the installed towlctl says:\n${said}")
  endif()
endif()
