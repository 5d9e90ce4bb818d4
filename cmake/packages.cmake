# Debian packages by CPack, one a component: client (towl), collector (towld), library (libtowl1: the C library, which is the
# one that keeps its ABI), development (libtowl-dev: headers and static libraries), python (python3-towl). scripts/package
# makes them. Copyright and change logs are where Debian wants them.
set(CPACK_PACKAGE_VENDOR "towl")
# Whoever makes packages for others says who they are, as Debian's tools have it.
set(towl_maintainer "The towl authors <towl@example.org>")
if(DEFINED ENV{DEBFULLNAME} AND DEFINED ENV{DEBEMAIL})
  set(towl_maintainer "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>")
endif()
set(CPACK_PACKAGE_CONTACT ${towl_maintainer})
set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL client collector library development python)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR ON)  # For /etc.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_SOURCE_DIR}/cmake/package_summaries.cmake)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(towl_control ${PROJECT_SOURCE_DIR}/deploy/debian)
set(CPACK_DEBIAN_CLIENT_PACKAGE_NAME towl)
set(CPACK_DEBIAN_CLIENT_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_CLIENT_DESCRIPTION "mirror, read and search the log files of a towl collector
towlctl pulls what it lacks of a collector's log files, and then reads,
searches and verifies them locally: offline, with no load on the server.")
set(CPACK_DEBIAN_COLLECTOR_PACKAGE_NAME towld)
set(CPACK_DEBIAN_COLLECTOR_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_COLLECTOR_PACKAGE_DEPENDS adduser)
set(CPACK_DEBIAN_COLLECTOR_PACKAGE_SUGGESTS towl)
set(CPACK_DEBIAN_COLLECTOR_PACKAGE_CONTROL_EXTRA
    ${towl_control}/postinst ${towl_control}/prerm ${towl_control}/postrm ${towl_control}/conffiles)
set(CPACK_DEBIAN_COLLECTOR_DESCRIPTION "log collector and agent that keeps entries in towl files
towld collects files, the journal, syslog and HTTP, stores entries durably in
append-only files, and serves them to towlctl. As an agent it forwards them to
a central towld. Installing it starts nothing: enable towld or towld-agent.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libtowl-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)  # Static libraries alone, and a link.
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "libtowl1 (= ${PROJECT_VERSION}-1), libexpected-dev, libre2-dev, libsimdjson-dev, libzstd-dev")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "library that reads and writes towl files: development files
Headers, static libraries, CMake and pkg-config files of libtowl: append-only
log files with checksums, stores of them, and copies of stores; and what
programs in C link with.")
# The ABI that it promises: libtowl/c/towl_c.map.
set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libtowl1)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA
    ${towl_control}/libtowl1/shlibs ${towl_control}/libtowl1/symbols ${towl_control}/libtowl1/triggers)
set(CPACK_DEBIAN_LIBRARY_DESCRIPTION "library that reads towl files: C interface
libtowl_c.so.1 searches towl files and stores of log entries, and gives what
it finds as Arrow batches, which data frames take without a copy.")
set(CPACK_DEBIAN_PYTHON_PACKAGE_NAME python3-towl)
set(CPACK_DEBIAN_PYTHON_PACKAGE_SECTION python)
set(CPACK_DEBIAN_PYTHON_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_PYTHON_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_PYTHON_PACKAGE_DEPENDS "python3 (>= 3.9), libtowl1 (>= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_PYTHON_PACKAGE_SUGGESTS "python3-pandas")
set(CPACK_DEBIAN_PYTHON_PACKAGE_CONTROL_EXTRA
    ${towl_control}/python3-towl/postinst ${towl_control}/python3-towl/prerm)
set(CPACK_DEBIAN_PYTHON_DESCRIPTION "Python module that reads towl files
Entries of towl files and stores as Python objects, and, with pyarrow, pandas
or polars, as tables and data frames.")

# Under the same names in each package's own folder.
find_program(TOWL_GZIP gzip REQUIRED)
string(TIMESTAMP towl_date "%a, %d %b %Y %H:%M:%S +0000" UTC)  # SOURCE_DATE_EPOCH, if that is set.
function(towl_package_documents component package)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/packages/${package})
  configure_file(${towl_control}/changelog.in ${folder}/changelog.Debian @ONLY)
  configure_file(${PROJECT_SOURCE_DIR}/CHANGELOG.md ${folder}/changelog COPYONLY)
  execute_process(COMMAND ${TOWL_GZIP} -9nf ${folder}/changelog.Debian ${folder}/changelog COMMAND_ERROR_IS_FATAL ANY)
  install(FILES ${folder}/changelog.Debian.gz ${folder}/changelog.gz ${towl_control}/copyright
          DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} COMPONENT ${component})
endfunction()
towl_package_documents(client towl)
towl_package_documents(collector towld)
towl_package_documents(library libtowl1)
towl_package_documents(development libtowl-dev)
towl_package_documents(python python3-towl)
# Where Debian's Python looks, whatever the prefix: not part of an ordinary installation, for which pip is.
install(FILES ${PROJECT_SOURCE_DIR}/python/towl/__init__.py ${PROJECT_SOURCE_DIR}/python/towl/_library.py
              ${PROJECT_SOURCE_DIR}/python/towl/py.typed
        DESTINATION lib/python3/dist-packages/towl COMPONENT python EXCLUDE_FROM_ALL)
include(CPack)
