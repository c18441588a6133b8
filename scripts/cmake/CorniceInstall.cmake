# What `cmake --install` and the .deb put where: programs, migrations, settings, systemd unit, documents.
include(GNUInstallDirs)

set(cornice_data_dir "${CMAKE_INSTALL_DATADIR}/cornice")
set(cornice_settings_dir "${CMAKE_INSTALL_FULL_SYSCONFDIR}/cornice")

# The unit names the daemon by its full path. The copy for the test names the one in the build tree, because
# systemd-analyze insists that it is there.
set(cornice_executable "${CMAKE_INSTALL_FULL_BINDIR}/cornice")
configure_file("${PROJECT_SOURCE_DIR}/config/cornice.service" "${PROJECT_BINARY_DIR}/install/cornice.service" @ONLY)
configure_file("${PROJECT_SOURCE_DIR}/config/cornice.tmpfiles.conf" "${PROJECT_BINARY_DIR}/install/cornice.tmpfiles.conf"
  @ONLY)
configure_file("${PROJECT_SOURCE_DIR}/config/production.json" "${PROJECT_BINARY_DIR}/install/cornice.json" @ONLY)

foreach(program cornice cornice-sim)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
  endif()
endforeach()
install(DIRECTORY "${PROJECT_SOURCE_DIR}/migrations/" DESTINATION "${cornice_data_dir}/migrations"
  FILES_MATCHING PATTERN "*.sql")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/config/" DESTINATION "${cornice_data_dir}/examples"
  FILES_MATCHING PATTERN "*.json" PATTERN "production.json" EXCLUDE PATTERN "deb" EXCLUDE)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/docs/" DESTINATION "${CMAKE_INSTALL_DOCDIR}"
  FILES_MATCHING PATTERN "*.md" PATTERN "*.yaml")
install(FILES "${PROJECT_BINARY_DIR}/install/cornice.service" DESTINATION "lib/systemd/system")
install(FILES "${PROJECT_SOURCE_DIR}/config/cornice.sysusers.conf" DESTINATION "lib/sysusers.d" RENAME cornice.conf)
install(FILES "${PROJECT_BINARY_DIR}/install/cornice.tmpfiles.conf" DESTINATION "lib/tmpfiles.d" RENAME cornice.conf)

# Settings that are there already are the administrator's. file(INSTALL) puts DESTDIR in front by itself.
install(CODE "
  set(settings \"\$ENV{DESTDIR}${cornice_settings_dir}/cornice.json\")
  if(NOT EXISTS \"\${settings}\")
    file(INSTALL \"${PROJECT_BINARY_DIR}/install/cornice.json\" DESTINATION \"${cornice_settings_dir}\")
  else()
    message(STATUS \"Kept: \${settings}\")
  endif()")

if(CORNICE_BUILD_TESTS)
  set(cornice_executable "${PROJECT_BINARY_DIR}/bin/cornice")
  configure_file("${PROJECT_SOURCE_DIR}/config/cornice.service" "${PROJECT_BINARY_DIR}/install/test/cornice.service"
    @ONLY)
  add_test(NAME systemd.unit
    COMMAND "${PROJECT_SOURCE_DIR}/scripts/lib/check-unit" "${PROJECT_BINARY_DIR}/install/test/cornice.service" 2.0)
  set_tests_properties(systemd.unit PROPERTIES LABELS unit TIMEOUT 60 SKIP_RETURN_CODE 77)
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME cornice)
set(CPACK_PACKAGE_CONTACT "The Cornice authors")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "postgresql, rabbitmq-server")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${PROJECT_SOURCE_DIR}/config/deb/postinst;${PROJECT_SOURCE_DIR}/config/deb/prerm"
  "${PROJECT_SOURCE_DIR}/config/deb/conffiles")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
