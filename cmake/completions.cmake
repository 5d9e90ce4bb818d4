# What shells read to complete towlctl's command lines: `towlctl completion SHELL`.
set(completions_folder ${CMAKE_CURRENT_BINARY_DIR}/completions)
foreach(file IN ITEMS bash-completion/completions/towlctl zsh/vendor-completions/_towlctl
        fish/vendor_completions.d/towlctl.fish)
  string(REGEX MATCH "^[a-z]+" shell ${file})
  get_filename_component(folder ${file} DIRECTORY)
  file(MAKE_DIRECTORY ${completions_folder}/${folder})
  add_custom_command(OUTPUT ${completions_folder}/${file}
    COMMAND towlctl completion ${shell} > ${completions_folder}/${file} DEPENDS towlctl VERBATIM)
  list(APPEND completions ${completions_folder}/${file})
  install(FILES ${completions_folder}/${file} DESTINATION ${CMAKE_INSTALL_DATADIR}/${folder} COMPONENT client)
endforeach()
add_custom_target(completions ALL DEPENDS ${completions})
