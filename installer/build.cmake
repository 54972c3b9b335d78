# Everything about how this project compiles that no single folder owns. Included once, by the top CMakeLists.txt.

find_program(SIGNALBOX_CCACHE ccache)
if(SIGNALBOX_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Precompiled headers need these two, or every file counts as changed.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime "${SIGNALBOX_CCACHE}")
endif()
find_program(SIGNALBOX_MOLD mold)
if(SIGNALBOX_MOLD AND CMAKE_SYSTEM_NAME STREQUAL "Linux" AND NOT SIGNALBOX_SANITIZE)
  add_link_options(-fuse-ld=mold)
endif()

# signalbox::options: warnings, Qt strictness and sanitizers for our own code, never for what we link.
add_library(signalbox_options INTERFACE)
add_library(signalbox::options ALIAS signalbox_options)
target_compile_definitions(signalbox_options INTERFACE
  QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_URL_CAST_FROM_STRING QT_NO_FOREACH
  QT_DISABLE_DEPRECATED_BEFORE=0x060400 QT_MESSAGELOGCONTEXT
  SIGNALBOX_VERSION="${PROJECT_VERSION}")
if(MSVC)
  target_compile_options(signalbox_options INTERFACE /W4 /permissive- /utf-8 /Zc:__cplusplus)
  target_compile_definitions(signalbox_options INTERFACE NOMINMAX WIN32_LEAN_AND_MEAN)
  if(SIGNALBOX_WERROR)
    target_compile_options(signalbox_options INTERFACE /WX)
  endif()
else()
  target_compile_options(signalbox_options INTERFACE
    -Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual -Wundef)
  if(NOT SIGNALBOX_UNITY) # short names of one file are in nobody's way in another
    target_compile_options(signalbox_options INTERFACE -Wshadow)
  endif()
  if(SIGNALBOX_WERROR)
    target_compile_options(signalbox_options INTERFACE -Werror)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # The compiler's own garbage collection, begun at 128 MB, is an eighth of a build's time.
    target_compile_options(signalbox_options INTERFACE -fpch-preprocess --param=ggc-min-heapsize=524288)
  endif()
endif()
if(SIGNALBOX_SANITIZE)
  target_compile_options(signalbox_options INTERFACE -fsanitize=${SIGNALBOX_SANITIZE} -fno-omit-frame-pointer)
  if(SIGNALBOX_SANITIZE MATCHES "undefined")
    # These cost minutes a file where simdjson is inlined; what they find at our sizes the address sanitizer finds too.
    target_compile_options(signalbox_options INTERFACE -fno-sanitize=null,alignment,object-size,vptr)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # The compiler takes the sanitizers' own code for uninitialised reads.
    target_compile_options(signalbox_options INTERFACE -Wno-maybe-uninitialized)
  endif()
  target_link_options(signalbox_options INTERFACE -fsanitize=${SIGNALBOX_SANITIZE})
endif()

# Three precompiled headers serve everything: `core` for what links no GUI library, `ui` for what does, `json` for what is
# mostly about JSON. nlohmann's header makes every file that gets it 0.8 s slower, so it is not in the others. Making one
# takes as long as compiling a large file, so a target with an own one must gain more than that.
function(signalbox_precompile name)
  cmake_parse_arguments(arg "" "" "LINK;HEADERS" ${ARGN})
  set(target signalbox_pch_${name})
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/${target}.cpp" CONTENT "" @ONLY)
  add_library(${target} OBJECT "${PROJECT_BINARY_DIR}/${target}.cpp")
  set_target_properties(${target} PROPERTIES AUTOMOC OFF)
  target_link_libraries(${target} PRIVATE ${arg_LINK} signalbox::options)
  target_precompile_headers(${target} PRIVATE ${arg_HEADERS})
endfunction()
function(signalbox_precompiled_headers)
  if(NOT SIGNALBOX_PCH)
    return()
  endif()
  set(core <algorithm> <chrono> <functional> <memory> <optional> <string> <variant> <vector>
    <QDateTime> <QFuture> <QFutureWatcher> <QHash> <QList> <QMap> <QObject> <QPromise> <QSet> <QString> <QStringList>
    <QTimer> <QUrl> <QVariant>)
  signalbox_precompile(core LINK Qt6::Core HEADERS ${core})
  signalbox_precompile(json LINK Qt6::Core nlohmann_json::nlohmann_json HEADERS ${core} <nlohmann/json.hpp>)
  signalbox_precompile(ui LINK Qt6::Widgets HEADERS ${core} <QAbstractItemModel> <QApplication> <QColor> <QHBoxLayout>
    <QLabel> <QPainter> <QPushButton> <QVBoxLayout> <QWidget>)
endfunction()

# With SIGNALBOX_UNITY (the presets release and ci) a target's files are compiled some at a time, which takes a third of
# the time from nothing. Names in unnamed namespaces must therefore differ within a target.
function(signalbox_unity target)
  if(NOT SIGNALBOX_UNITY)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 16)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # A Private in one of the files is no part of a header, though the compiler takes it so.
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
endfunction()

# What moc makes of a library's headers, in one source file that is compiled with the others. AUTOMOC takes a second a
# library to find out which they are, and compiles a file of their own that includes all headers once more: a sixth of a
# build from nothing. It is left on where no time counts: after adding the first Q_OBJECT to a header cmake must run again.
function(signalbox_moc_of_library target)
  if(NOT SIGNALBOX_UNITY)
    return()
  endif()
  set(includes "")
  foreach(source IN LISTS ARGN)
    cmake_path(ABSOLUTE_PATH source)
    cmake_path(GET source EXTENSION LAST_ONLY extension)
    if(NOT extension STREQUAL ".h")
      continue()
    endif()
    file(STRINGS "${source}" object REGEX "^ *Q_(OBJECT|GADGET|NAMESPACE)" LIMIT_COUNT 1)
    if(object)
      cmake_path(RELATIVE_PATH source BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" OUTPUT_VARIABLE name)
      string(MAKE_C_IDENTIFIER "${name}" name)
      set(made "${PROJECT_BINARY_DIR}/moc/${target}/${name}.cpp")
      add_custom_command(OUTPUT "${made}" DEPENDS "${source}" COMMENT "moc of ${source}"
        COMMAND Qt6::moc "${source}" -o "${made}" VERBATIM)
      string(APPEND includes "#include \"${made}\"\n")
      set_property(SOURCE "${PROJECT_BINARY_DIR}/moc/${target}.cpp" APPEND PROPERTY OBJECT_DEPENDS "${made}")
    endif()
  endforeach()
  set_target_properties(${target} PROPERTIES AUTOMOC OFF)
  if(includes)
    file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/moc/${target}.cpp" CONTENT "${includes}" @ONLY)
    target_sources(${target} PRIVATE "${PROJECT_BINARY_DIR}/moc/${target}.cpp")
  endif()
endfunction()

# signalbox_library(NAME [GLUE] SOURCES... [LINK targets...] [PCH ui | json | none | headers...])
# A static library `signalbox_NAME` with alias `signalbox::NAME`. Include paths start at the root of the project.
# GLUE: it waits for servers, disks and people, and computes little. Optimising that took a third of its compile time.
function(signalbox_library name)
  cmake_parse_arguments(arg "GLUE" "" "SOURCES;LINK;PCH" ${ARGN})
  set(target signalbox_${name})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(signalbox::${name} ALIAS ${target})
  target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PUBLIC ${arg_LINK} PRIVATE signalbox::options)
  signalbox_unity(${target})
  signalbox_moc_of_library(${target} ${arg_SOURCES})
  if(arg_GLUE AND NOT MSVC AND CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(${target} PRIVATE -O1)
  endif()
  if(NOT arg_PCH)
    set(arg_PCH core)
  endif()
  if(SIGNALBOX_PCH AND arg_PCH MATCHES "^(core|json|ui)$")
    target_precompile_headers(${target} REUSE_FROM signalbox_pch_${arg_PCH})
  elseif(SIGNALBOX_PCH AND NOT arg_PCH STREQUAL "none")
    target_precompile_headers(${target} PRIVATE ${arg_PCH})
  endif()
endfunction()

# A program of one or a few files, which include their moc files: the file of the others is empty, or short.
function(signalbox_reuse_headers name pch)
  target_precompile_headers(${name} REUSE_FROM signalbox_pch_${pch})
  set_source_files_properties("${CMAKE_CURRENT_BINARY_DIR}/${name}_autogen/mocs_compilation.cpp"
    PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
endfunction()

# A test's slots are made into code by moc at once: CMake's AUTOMOC takes half a second a program to find out that it has
# one file, and compiles a second, empty one. It is left on where moc would have to know macros or more files. The files
# are read while cmake runs: after adding an #include of a .moc, or an #if, it must run again.
function(signalbox_moc_by_hand yes)
  set(${yes} ON PARENT_SCOPE)
  foreach(source IN LISTS ARGN)
    file(STRINGS "${source}" condition REGEX "^#if" LIMIT_COUNT 1)
    file(STRINGS "${source}" object REGEX "^ *Q_OBJECT" LIMIT_COUNT 1)
    cmake_path(GET source EXTENSION extension)
    if(condition OR (object AND NOT extension STREQUAL ".cpp"))
      set(${yes} OFF PARENT_SCOPE)
    endif()
  endforeach()
endfunction()
function(signalbox_moc_of_test name)
  signalbox_moc_by_hand(by_hand ${ARGN})
  if(NOT by_hand)
    return()
  endif()
  set_target_properties(${name} PROPERTIES AUTOMOC OFF)
  set(folder "${PROJECT_BINARY_DIR}/moc/${name}")
  target_include_directories(${name} PRIVATE "${folder}")
  foreach(source IN LISTS ARGN)
    file(STRINGS "${source}" moc REGEX "^#include \"[A-Za-z0-9_]+\\.moc\"" LIMIT_COUNT 1)
    if(moc)
      cmake_path(GET source STEM stem)
      set(made "${folder}/${stem}.moc")
      add_custom_command(OUTPUT "${made}" DEPENDS "${source}" COMMENT "moc of ${stem}"
        COMMAND Qt6::moc "${source}" -o "${made}" VERBATIM)
      target_sources(${name} PRIVATE "${made}")
    endif()
  endforeach()
endfunction()

# With SIGNALBOX_UNITY tests are compiled some at a time, too: two of them share nearly all they include, and that is most
# of a test's compile time (four of services/promotions: 47 s together, 126 s one by one). Each is in a namespace of its own
# there, after the includes of all; the program's first argument says which test runs. Alone stays what has several
# source files, conditions, or something that must be outside of every namespace, and what says ALONE.
set(SIGNALBOX_TESTS_AT_ONCE 6)
function(signalbox_is_alone yes)
  set(${yes} ON PARENT_SCOPE)
  signalbox_moc_by_hand(by_hand ${ARGN})
  list(FILTER ARGN INCLUDE REGEX "\\.cpp$")
  list(LENGTH ARGN count)
  if(NOT SIGNALBOX_UNITY OR NOT by_hand OR NOT count EQUAL 1)
    return()
  endif()
  file(STRINGS "${ARGN}" outside REGEX "^(Q_DECLARE_METATYPE|namespace [A-Za-z_:]+ *$|extern )" LIMIT_COUNT 1)
  if(NOT outside)
    set(${yes} OFF PARENT_SCOPE)
  endif()
endfunction()
# Notes the test for the program that it belongs to. Those are made when all tests are known.
function(signalbox_group_test name program)
  cmake_parse_arguments(arg "" "PCH" "SOURCES;LINK;RUNS" ${ARGN})
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY "${PROJECT_SOURCE_DIR}/tests" OUTPUT_VARIABLE place)
  string(REGEX REPLACE "^([^/]+(/[^/]+)?).*" "\\1" place "${place}")
  string(REPLACE "/" "_" place "tests_${place}_${arg_PCH}")
  get_property(number GLOBAL PROPERTY ${place})
  if(NOT number)
    set(number 0)
  endif()
  math(EXPR batch "${number} / ${SIGNALBOX_TESTS_AT_ONCE}")
  math(EXPR number "${number} + 1")
  set_property(GLOBAL PROPERTY ${place} ${number})
  set(group ${place}_${batch})
  set(${program} ${group} PARENT_SCOPE)
  set(source ${arg_SOURCES})
  list(FILTER source INCLUDE REGEX "\\.cpp$")
  set_property(GLOBAL APPEND PROPERTY signalbox_groups ${group})
  set_property(GLOBAL PROPERTY signalbox_pch_of_${group} ${arg_PCH})
  set_property(GLOBAL APPEND PROPERTY signalbox_tests_of_${group} ${name})
  set_property(GLOBAL APPEND PROPERTY signalbox_sources_of_${group} "${source}")
  set_property(GLOBAL APPEND PROPERTY signalbox_links_of_${group} ${arg_LINK})
  set_property(GLOBAL APPEND PROPERTY signalbox_runs_of_${group} ${arg_RUNS})
  add_custom_target(${name})
endfunction()
function(signalbox_write_group group tests sources)
  set(includes "#include <cstdio>" "#include <cstring>")
  set(bodies "")
  set(rows "")
  foreach(test source IN ZIP_LISTS tests sources)
    cmake_path(GET source PARENT_PATH folder)
    file(STRINGS "${source}" lines REGEX "^#include ")
    foreach(line IN LISTS lines)
      string(REGEX REPLACE "^#include [<\"]([^>\"]+)[>\"].*" "\\1" header "${line}")
      if(line MATCHES "\"" AND EXISTS "${folder}/${header}")
        list(APPEND includes "#include \"${folder}/${header}\"")
      elseif(NOT header MATCHES "\\.moc$")
        list(APPEND includes "${line}")
      endif()
    endforeach()
    string(APPEND bodies "namespace ${test} {\n#include \"${source}\"\n}\n")
    string(APPEND rows "    {\"${test}\", ${test}::main},\n")
  endforeach()
  list(REMOVE_DUPLICATES includes)
  list(JOIN includes "\n" includes)
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/grouped/${group}.cpp" CONTENT "${includes}\n${bodies}
int main(int argc, char *argv[])
{
    const struct { const char *name; int (*run)(int, char **); } tests[] = {
${rows}    };
    for (const auto &test : tests) {
        if (argc > 1 && std::strcmp(argv[1], test.name) == 0) {
            argv[1] = argv[0];
            return test.run(argc - 1, argv + 1);
        }
    }
    std::fprintf(stderr, \"usage: %s TEST [arguments of QtTest]; TEST is one of\\n\", argv[0]);
    for (const auto &test : tests)
        std::fprintf(stderr, \"  %s\\n\", test.name);
    return 2;
}
" @ONLY)
endfunction()
function(signalbox_make_groups)
  get_property(groups GLOBAL PROPERTY signalbox_groups)
  list(REMOVE_DUPLICATES groups)
  foreach(group IN LISTS groups)
    foreach(what pch tests sources links runs)
      get_property(${what} GLOBAL PROPERTY signalbox_${what}_of_${group})
    endforeach()
    signalbox_write_group(${group} "${tests}" "${sources}")
    add_executable(${group} "${PROJECT_BINARY_DIR}/grouped/${group}.cpp")
    signalbox_moc_of_test(${group} ${sources})
    signalbox_test_program(${group} ${pch} "${links}" "${runs}")
    foreach(test IN LISTS tests)
      add_dependencies(${test} ${group})
    endforeach()
  endforeach()
endfunction()

# A third of a test's compile time is optimising what runs once.
function(signalbox_optimise_little name)
  if(NOT MSVC AND CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(${name} PRIVATE -O1)
  endif()
endfunction()

# All tests labelled `threads`: what the thread sanitizer runs. `sanitized`: those for the address sanitizer, which are all
# quick ones that need no window.
add_custom_target(threads)
add_custom_target(sanitized)

function(signalbox_test_program name pch links runs)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${links} Qt6::Test signalbox::options)
  target_compile_definitions(${name} PRIVATE SIGNALBOX_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data"
    SIGNALBOX_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(runs)
    add_dependencies(${name} ${runs})
  endif()
  if("signalbox" IN_LIST runs)
    target_compile_definitions(${name} PRIVATE SIGNALBOX_PROGRAM="$<TARGET_FILE:signalbox>")
  endif()
  if(SIGNALBOX_PCH)
    signalbox_reuse_headers(${name} ${pch})
  endif()
  signalbox_optimise_little(${name})
endfunction()

# signalbox_test(NAME [ALONE] SOURCES... [LINK targets...] [RUNS programs...] [LABELS labels...] [TIMEOUT seconds] [KUBERNETES])
# One test of QtTest. Label `quick` puts it into `./test --quick`; label `lab` means that it needs the real servers; with
# it and KUBERNETES the test shares the run's control plane (tests/support/lab.h, LabCluster::shared()). RUNS names targets
# that it starts; with `signalbox` among them SIGNALBOX_PROGRAM is its path. ALONE: it has a program of its own also where
# tests are compiled some at a time, and more can be said of its target.
function(signalbox_test name)
  cmake_parse_arguments(arg "ALONE;KUBERNETES" "TIMEOUT" "SOURCES;LINK;LABELS;ENVIRONMENT;RUNS" ${ARGN})
  if(arg_KUBERNETES)
    list(APPEND arg_ENVIRONMENT "SIGNALBOX_LAB_DIR=${PROJECT_BINARY_DIR}/lab/kubernetes")
  endif()
  list(TRANSFORM arg_SOURCES PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
  # What links widgets shows it by its label; a test without one may link them all the same and does without.
  set(pch core)
  if("gui" IN_LIST arg_LABELS)
    set(pch ui)
  else()
    list(GET arg_SOURCES 0 first)
    file(STRINGS "${first}" json REGEX "#include [<\"](nlohmann/json.hpp|.*/(opslab|jsonschema|world/json|planflow).h)"
      LIMIT_COUNT 1)
    if(json)
      set(pch json)
    endif()
  endif()
  signalbox_is_alone(alone ${arg_SOURCES})
  if(arg_ALONE OR alone)
    set(command ${name})
    add_executable(${name} ${arg_SOURCES})
    signalbox_unity(${name})
    signalbox_moc_of_test(${name} ${arg_SOURCES})
    signalbox_test_program(${name} ${pch} "${arg_LINK}" "${arg_RUNS}")
  else()
    signalbox_group_test(${name} program PCH ${pch} SOURCES ${arg_SOURCES} LINK ${arg_LINK} RUNS ${arg_RUNS})
    set(command ${program} ${name})
  endif()
  set_property(GLOBAL PROPERTY signalbox_command_of_${name} ${command})
  add_test(NAME ${name} COMMAND ${command})
  if("threads" IN_LIST arg_LABELS)
    add_dependencies(threads ${name})
  endif()
  if("quick" IN_LIST arg_LABELS AND NOT "gui" IN_LIST arg_LABELS)
    add_dependencies(sanitized ${name})
    list(APPEND arg_LABELS sanitized)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 180)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}" SKIP_RETURN_CODE 77
    ENVIRONMENT "LC_ALL=C.UTF-8;TZ=UTC;QT_QPA_PLATFORM=offscreen;${arg_ENVIRONMENT}")
  if(arg_KUBERNETES)
    set_tests_properties(${name} PROPERTIES FIXTURES_REQUIRED lab_kubernetes)
  endif()
endfunction()
# The same test once more, on the practice world: NAME_sandbox.
function(signalbox_test_on_sandbox name)
  cmake_parse_arguments(arg "" "TIMEOUT" "" ${ARGN})
  get_property(command GLOBAL PROPERTY signalbox_command_of_${name})
  add_test(NAME ${name}_sandbox COMMAND ${command})
  set_tests_properties(${name}_sandbox PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS sandbox
    ENVIRONMENT "LC_ALL=C.UTF-8;TZ=UTC;SIGNALBOX_LAB_TARGET=sandbox;SIGNALBOX_PROGRAM=$<TARGET_FILE:signalbox>")
endfunction()

# signalbox_bench(NAME SOURCES... [LINK targets...] [PCH core | ui | json])
# One benchmark: built by the target `benchmarks` only, run by tests/bench/run.sh. It prints its figures beside a peer or a
# limit and never fails because of them. PCH ui for what links widgets.
add_custom_target(benchmarks)
function(signalbox_bench name)
  cmake_parse_arguments(arg "" "PCH" "SOURCES;LINK" ${ARGN})
  list(TRANSFORM arg_SOURCES PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
  add_executable(${name} EXCLUDE_FROM_ALL ${arg_SOURCES})
  signalbox_moc_of_test(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE ${arg_LINK} signalbox::options)
  target_compile_definitions(${name} PRIVATE SIGNALBOX_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data"
    SIGNALBOX_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(SIGNALBOX_PCH)
    if(NOT arg_PCH)
      set(arg_PCH core)
    endif()
    signalbox_reuse_headers(${name} ${arg_PCH})
  endif()
  signalbox_optimise_little(${name}) # what is measured is in the libraries, optimised as in the product
  add_dependencies(benchmarks ${name})
endfunction()

# libgit2 has a CMake package in vcpkg and only a pkg-config file in Debian.
function(signalbox_find_libgit2)
  find_package(libgit2 CONFIG QUIET)
  if(TARGET libgit2::libgit2package)
    add_library(signalbox_libgit2 INTERFACE)
    target_link_libraries(signalbox_libgit2 INTERFACE libgit2::libgit2package)
    add_library(signalbox::libgit2 ALIAS signalbox_libgit2)
    return()
  endif()
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(LIBGIT2 REQUIRED IMPORTED_TARGET libgit2>=1.5)
  add_library(signalbox_libgit2 INTERFACE)
  target_link_libraries(signalbox_libgit2 INTERFACE PkgConfig::LIBGIT2)
  add_library(signalbox::libgit2 ALIAS signalbox_libgit2)
endfunction()

# libical has a CMake package in vcpkg and Debian, elsewhere at least a pkg-config file.
function(signalbox_find_libical)
  add_library(signalbox_libical INTERFACE)
  add_library(signalbox::libical ALIAS signalbox_libical)
  find_package(LibIcal CONFIG QUIET)
  if(TARGET ical)
    target_link_libraries(signalbox_libical INTERFACE ical)
    return()
  endif()
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(LIBICAL REQUIRED IMPORTED_TARGET libical>=3.0)
  target_link_libraries(signalbox_libical INTERFACE PkgConfig::LIBICAL)
endfunction()

# RE2, as libgit2.
function(signalbox_find_re2)
  find_package(re2 CONFIG QUIET)
  if(TARGET re2::re2)
    add_library(signalbox::re2 ALIAS re2::re2)
    return()
  endif()
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
  add_library(signalbox_re2 INTERFACE)
  target_link_libraries(signalbox_re2 INTERFACE PkgConfig::RE2)
  add_library(signalbox::re2 ALIAS signalbox_re2)
endfunction()

# cpp-httplib has a CMake package in vcpkg and only a pkg-config file, for a compiled library, in Debian.
function(signalbox_find_httplib)
  add_library(signalbox_httplib INTERFACE)
  add_library(signalbox::httplib ALIAS signalbox_httplib)
  find_package(httplib CONFIG QUIET)
  if(TARGET httplib::httplib)
    target_link_libraries(signalbox_httplib INTERFACE httplib::httplib)
    return()
  endif()
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib>=0.11)
  target_link_libraries(signalbox_httplib INTERFACE PkgConfig::HTTPLIB)
endfunction()
