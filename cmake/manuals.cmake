# Manual pages, gzipped, into manuals/ of the build tree. Those of towld and of each command of towlctl are the programs'
# own --help, by help2man; towld.yaml(5) and towl(7) come from Markdown, by pandoc: what towld/README.md says of inputs,
# parsers and outputs is towld.yaml(5)'s too.
find_program(TOWL_HELP2MAN help2man REQUIRED)
find_program(TOWL_PANDOC pandoc REQUIRED)
set(manuals_folder ${CMAKE_CURRENT_BINARY_DIR}/manuals)
set(manuals_texts ${PROJECT_SOURCE_DIR}/docs/manual/towl.7.md ${PROJECT_SOURCE_DIR}/docs/manual/towld.yaml.5.md
    ${PROJECT_SOURCE_DIR}/towld/README.md)
add_custom_command(OUTPUT ${manuals_folder}/made
  COMMAND ${PROJECT_SOURCE_DIR}/cmake/make-manuals ${manuals_folder} $<TARGET_FILE:towlctl> $<TARGET_FILE:towld>
          ${manuals_texts}
  DEPENDS towlctl towld ${manuals_texts} ${PROJECT_SOURCE_DIR}/cmake/make-manuals VERBATIM)
add_custom_target(manuals ALL DEPENDS ${manuals_folder}/made)
install(DIRECTORY ${manuals_folder}/client/ DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT client)
install(DIRECTORY ${manuals_folder}/collector/ DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT collector)
