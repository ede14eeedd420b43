# Helpers for the project's own targets: one place for warnings, sanitizers, the linker and include rules.

find_program(BODY4D_CCACHE ccache)
if(BODY4D_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${BODY4D_CCACHE})
endif()
find_program(BODY4D_MOLD mold)
if(BODY4D_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

if(BODY4D_SANITIZE)
  add_compile_options(-fsanitize=${BODY4D_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${BODY4D_SANITIZE})
  if(BODY4D_SANITIZE MATCHES undefined)
    # What AddressSanitizer reports anyway is left to it: these checks make up a fifth of the compile time.
    add_compile_options(-fno-sanitize-recover=undefined -fno-sanitize=vptr,null,object-size)
  endif()
endif()

# Several sources of one target compiled as one: headers are read and templates instantiated once, which halves the time of
# a build from nothing. Names in unnamed namespaces are therefore shared among the sources of a target. Off, an edit
# rebuilds only its own file.
option(BODY4D_UNITY "Compile several sources at a time" ON)
function(body4d_unity target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${BODY4D_UNITY} UNITY_BUILD_BATCH_SIZE 8)
  if(BODY4D_UNITY)
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage) # takes a source for a header here
  endif()
endfunction()

# Code that is worth vectorising is compiled for AVX2 machines in clones chosen at run time where it matters;
# everything else stays at the distribution's baseline so that a package runs on any x86-64.
add_library(body4d_warnings INTERFACE)
target_compile_options(body4d_warnings INTERFACE -Wall -Wextra -Wshadow
  # GCC 12 warns about its own string and vector code (PR 105651 and kin).
  -Wno-restrict -Wno-stringop-overflow)

# body4d_module(NAME DIR SOURCES... PUBLIC_DEPS ... PRIVATE_DEPS ...): one static library per core folder,
# headers included as "DIR/file.h" from the core folder. Third parties go to PRIVATE_DEPS so that a header that
# leaks one fails to compile outside.
function(body4d_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC_DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(body4d_${name} STATIC ${ARG_SOURCES})
  add_library(body4d::${name} ALIAS body4d_${name})
  target_include_directories(body4d_${name} PUBLIC ${CMAKE_SOURCE_DIR}/core)
  target_link_libraries(body4d_${name} PUBLIC ${ARG_PUBLIC_DEPS} PRIVATE ${ARG_PRIVATE_DEPS} body4d_warnings)
  body4d_unity(body4d_${name})
endfunction()

# What every test finds in its environment. The sanitizers' options stand here, not in a script, because a test's own
# property wins over what ctest was started with:
# - TBB loads a library of its own in a way (RTLD_DEEPBIND) that no sanitizer survives, unless it is told.
# - Tests start other programs while threads run; Qt's children start threads before they become those programs.
# - Qt, VTK, OpenVINO, FFmpeg and Mesa are not instrumented: what ThreadSanitizer would say about them is guesswork.
set(BODY4D_TEST_ENVIRONMENT "BODY4D_MODELS=${BODY4D_MODELS_DIR}")
if(BODY4D_SANITIZE)
  # Qt ends a test function after five minutes, which ten killed runs may take here.
  list(APPEND BODY4D_TEST_ENVIRONMENT "QTEST_FUNCTION_TIMEOUT=1200000" "TBB_ENABLE_SANITIZERS=1" "UBSAN_OPTIONS=print_stacktrace=1"
    "TSAN_OPTIONS=die_after_fork=0:ignore_noninstrumented_modules=1:second_deadlock_stack=1"
    "LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/packaging/sanitizers/lsan.supp:print_suppressions=0")
endif()

set(BODY4D_GUI_TEST_ENVIRONMENT ${BODY4D_TEST_ENVIRONMENT})
if(BODY4D_SANITIZE MATCHES address)
  # Mesa's driver is unloaded at exit: what it keeps has no name that could be suppressed.
  list(APPEND BODY4D_GUI_TEST_ENVIRONMENT "ASAN_OPTIONS=detect_leaks=0")
endif()

# body4d_test(NAME SOURCES... DEPS ... [LABELS ...] [TIMEOUT seconds]): one Qt Test executable per file. Tests labelled
# `gui` or `gl` need a display (packaging/test.sh starts Xvfb).
function(body4d_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES AUTOMOC ON RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_compile_definitions(${name} PRIVATE QT_NO_KEYWORDS BODY4D_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
    BODY4D_SHARED_DATA="${CMAKE_SOURCE_DIR}/../shared/data")
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests/support)
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} Qt6::Test body4d_warnings)
  add_test(NAME ${name} COMMAND ${name})
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  if(BODY4D_SANITIZE)
    math(EXPR ARG_TIMEOUT "4 * ${ARG_TIMEOUT}")
  endif()
  if(ARG_LABELS MATCHES "gui|gl")
    set(environment "${BODY4D_GUI_TEST_ENVIRONMENT}")
  else()
    set(environment "${BODY4D_TEST_ENVIRONMENT}")
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT} ENVIRONMENT "${environment}")
endfunction()
