# Writes a header with a kernel's text, the text of what it includes, and what nvcc made of them, as arrays of bytes.
#   cmake -DROOT=core -DFILES=a.cu,b.h [-DBINARY=FILE] -DNAMESPACE=body4d::x -DNAME=kCrop -DOUT=FILE -P EmbedKernel.cmake
# The first of FILES is the kernel, the others are the headers that it includes by their names from ROOT.
cmake_minimum_required(VERSION 3.25)

function(bytes_of file result)
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
  set(${result} "${hex}" PARENT_SCOPE)
endfunction()

string(REPLACE "," ";" files "${FILES}")
set(arrays "")
set(texts "")
set(index 0)
foreach(file ${files})
  bytes_of(${ROOT}/${file} hex)
  string(APPEND arrays "inline constexpr char ${NAME}Text${index}[] = {${hex}0};\n")
  string(APPEND texts "    {\"${file}\", {${NAME}Text${index}, sizeof ${NAME}Text${index} - 1}},\n")
  math(EXPR index "${index} + 1")
endforeach()
if(BINARY)
  bytes_of(${BINARY} hex)
  string(APPEND arrays "alignas(64) inline constexpr unsigned char ${NAME}Bytes[] = {${hex}};\n"
    "inline constexpr std::span<const unsigned char> ${NAME}Binary(${NAME}Bytes);\n")
else()
  string(APPEND arrays "inline constexpr std::span<const unsigned char> ${NAME}Binary; // built without nvcc\n")
endif()
file(CONFIGURE OUTPUT ${OUT} @ONLY CONTENT "#pragma once

#include <span>
#include <string_view>

#include \"nn/device_kernel.h\"

namespace @NAMESPACE@ {

@arrays@
/// The kernel, then what it includes.
inline constexpr nn::KernelProgram::Text @NAME@Texts[] = {
@texts@};

} // namespace @NAMESPACE@
")
