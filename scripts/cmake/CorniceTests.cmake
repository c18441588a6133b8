include(GoogleTest)

# Test programs find the areas they test through this list; `app` is the daemon's own library.
function(cornice_test_program target area)
  add_executable(${target} ${ARGN})
  target_link_libraries(${target} PRIVATE cornice_options cornice::${area} cornice_test_support GTest::gtest_main
    nlohmann_json::nlohmann_json)
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/tests/support")
  target_compile_definitions(${target} PRIVATE
    CORNICE_SOURCE_DIR="${PROJECT_SOURCE_DIR}" CORNICE_BINARY_DIR="${PROJECT_BINARY_DIR}")
  if(area MATCHES "^(base|model|venue|strategy)$")
    cornice_use_pch(${target} test_standard)
  else()
    cornice_use_pch(${target} test_asio)
  endif()
endfunction()

function(cornice_unit_tests area)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/unit/${area}/*.cpp")
  if(sources)
    cornice_test_program(unit_${area} ${area} ${sources})
    gtest_discover_tests(unit_${area} TEST_PREFIX "unit.${area}." DISCOVERY_TIMEOUT 60
      PROPERTIES LABELS unit TIMEOUT 120)
  endif()
endfunction()

# Integration tests run against a PostgreSQL and a RabbitMQ of their own on loopback; the `services` fixture starts them
# once for the whole ctest run and stops them by process id.
function(cornice_integration_tests area)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/integration/${area}/*.cpp")
  if(sources)
    cornice_test_program(integration_${area} ${area} ${sources})
    gtest_discover_tests(integration_${area} TEST_PREFIX "integration.${area}." DISCOVERY_TIMEOUT 60
      PROPERTIES LABELS integration TIMEOUT 180 FIXTURES_REQUIRED services
        ENVIRONMENT "CORNICE_SERVICES=${PROJECT_BINARY_DIR}/services/env.json")
  endif()
endfunction()

if(CORNICE_BUILD_TESTS AND NOT CORNICE_FUZZ)
  add_test(NAME services.start
    COMMAND "${PROJECT_SOURCE_DIR}/scripts/services" start --state "${PROJECT_BINARY_DIR}/services")
  set_tests_properties(services.start PROPERTIES FIXTURES_SETUP services TIMEOUT 120 LABELS "integration;e2e")
  add_test(NAME services.stop
    COMMAND "${PROJECT_SOURCE_DIR}/scripts/services" stop --state "${PROJECT_BINARY_DIR}/services")
  set_tests_properties(services.stop PROPERTIES FIXTURES_CLEANUP services TIMEOUT 60 LABELS "integration;e2e")
endif()
