# Writes a header with a hash of everything that two separately built parts of the program must agree on: the headers of
# their interface with all that these include, and what else decides how its types lie in memory.
#   cmake -DROOT=core -DHEADERS=a.h,b.h -DSALT=TEXT -DNAME=kName -DOUT=FILE -P InterfaceHash.cmake
cmake_minimum_required(VERSION 3.25)
string(REPLACE "," ";" open "${HEADERS}")
set(seen ${open})
set(text "${SALT}")
while(open)
  list(POP_FRONT open header)
  file(READ ${ROOT}/${header} content)
  string(APPEND text "\n${header}\n${content}")
  string(REGEX MATCHALL "#include \"[^\"]+\"" lines "${content}")
  foreach(line ${lines})
    string(REGEX REPLACE "#include \"([^\"]+)\"" "\\1" included "${line}")
    if(EXISTS ${ROOT}/${included} AND NOT included IN_LIST seen)
      list(APPEND seen ${included})
      list(APPEND open ${included})
    endif()
  endforeach()
endwhile()
string(SHA256 hash "${text}")
file(CONFIGURE OUTPUT ${OUT} @ONLY CONTENT "#pragma once

/// Of @HEADERS@ and all that they include.
#define @NAME@ \"@hash@\"
")
