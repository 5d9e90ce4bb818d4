# Installs each sample configuration that is not there yet: what the administrator made of it is left alone.
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr" AND NOT IS_ABSOLUTE "${towl_etc}")
  set(towl_etc "/${towl_etc}")  # As GNUInstallDirs has it.
elseif(NOT IS_ABSOLUTE "${towl_etc}")
  set(towl_etc "${CMAKE_INSTALL_PREFIX}/${towl_etc}")
endif()
foreach(name towld.yaml agent.yaml)
  if(NOT EXISTS "$ENV{DESTDIR}${towl_etc}/towl/${name}")
    file(INSTALL DESTINATION "${towl_etc}/towl" TYPE FILE FILES "${towl_configurations}/${name}")
  endif()
endforeach()
