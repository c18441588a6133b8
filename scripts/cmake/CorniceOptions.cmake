# Compiler settings of our own code: one interface target that every area and test links.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(CORNICE_CCACHE ccache)
  if(CORNICE_CCACHE)
    set(CMAKE_C_COMPILER_LAUNCHER "${CORNICE_CCACHE}")
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CORNICE_CCACHE}")
  endif()
endif()

# -g1 keeps line numbers for backtraces at a third of the object size and link time of -g.
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")

add_library(cornice_options INTERFACE)
target_include_directories(cornice_options INTERFACE "${PROJECT_SOURCE_DIR}/include")
target_compile_options(cornice_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wnull-dereference -Wdouble-promotion -Wformat=2)
# Who installs Cornice with a compiler that is newer than the tests should not fail over a new warning.
option(CORNICE_WERROR "Warnings of our own code are errors (always so in Debug builds)" OFF)
target_compile_options(cornice_options INTERFACE
  $<$<OR:$<CONFIG:Debug>,$<BOOL:${CORNICE_WERROR}>>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Coroutine frames and inlined containers make these report code that is not ours and not wrong.
  target_compile_options(cornice_options INTERFACE -Wno-null-dereference -Wno-maybe-uninitialized
    -Wno-dangling-reference -Wno-mismatched-new-delete -Wno-error=tsan)
  target_compile_options(cornice_options INTERFACE -fcoroutines)
endif()
target_compile_definitions(cornice_options INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  SPDLOG_FMT_EXTERNAL)

if(CORNICE_SANITIZE)
  add_compile_options(-fsanitize=${CORNICE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${CORNICE_SANITIZE})
endif()

# bfd takes several times as long as lld on the larger test programs.
find_program(CORNICE_LLD ld.lld)
if(CORNICE_LLD)
  add_link_options(-fuse-ld=lld)
endif()
