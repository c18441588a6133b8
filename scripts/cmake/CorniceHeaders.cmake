# Precompiled headers. Three quarters of a small file's compile time went into the standard library, Asio and gtest, so
# each of those is parsed once. No source relies on it: tests/headers compiles every public header without any.
option(CORNICE_PCH "Precompile the large headers of the libraries" ON)

set(CORNICE_PCH_STANDARD
  <algorithm> <array> <charconv> <chrono> <compare> <cstdint> <cstring> <deque> <functional> <limits> <list> <map>
  <memory> <optional> <random> <set> <span> <stdexcept> <string> <string_view> <unordered_map> <utility> <variant>
  <vector> <boost/system/result.hpp> <nlohmann/json.hpp>)
set(CORNICE_PCH_ASIO
  ${CORNICE_PCH_STANDARD}
  <boost/asio/any_io_executor.hpp> <boost/asio/as_tuple.hpp> <boost/asio/awaitable.hpp> <boost/asio/buffer.hpp>
  <boost/asio/co_spawn.hpp> <boost/asio/io_context.hpp> <boost/asio/ip/tcp.hpp> <boost/asio/post.hpp>
  <boost/asio/redirect_error.hpp> <boost/asio/steady_timer.hpp> <boost/asio/this_coro.hpp>
  <boost/asio/use_awaitable.hpp>)
set(CORNICE_PCH_TEST <gmock/gmock.h> <gtest/gtest.h> <rapidcheck/gtest.h>)

# One library per set carries the precompiled header; every other target of that set reuses it.
function(cornice_pch_set name)
  cmake_parse_arguments(arg "" "" "HEADERS;LINKS" ${ARGN})
  set(source "${CMAKE_CURRENT_BINARY_DIR}/pch_${name}.cpp")
  file(GENERATE OUTPUT "${source}" CONTENT "")
  add_library(cornice_pch_${name} OBJECT EXCLUDE_FROM_ALL "${source}")
  target_link_libraries(cornice_pch_${name} PRIVATE cornice_options Boost::headers nlohmann_json::nlohmann_json ${arg_LINKS})
  target_precompile_headers(cornice_pch_${name} PRIVATE ${arg_HEADERS})
endfunction()

function(cornice_use_pch target name)
  if(CORNICE_PCH)
    target_precompile_headers(${target} REUSE_FROM cornice_pch_${name})
  endif()
endfunction()

if(CORNICE_PCH)
  cornice_pch_set(standard HEADERS ${CORNICE_PCH_STANDARD})
  if(NOT CORNICE_FUZZ)
    cornice_pch_set(asio HEADERS ${CORNICE_PCH_ASIO})
    if(CORNICE_BUILD_TESTS)
      # Whoever sees Asio must link infra, which holds its compiled part.
      foreach(set standard asio)
        string(TOUPPER ${set} headers)
        cornice_pch_set(test_${set} HEADERS ${CORNICE_PCH_${headers}} ${CORNICE_PCH_TEST}
          LINKS GTest::gtest GTest::gmock rapidcheck)
      endforeach()
    endif()
  endif()
endif()
