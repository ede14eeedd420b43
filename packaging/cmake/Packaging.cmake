# `cmake --install` and the packages (`cpack --config build/release/CPackConfig.cmake`). Included last by the top level.
#
#   PREFIX/bin/body4d, body4d-studio
#   PREFIX/lib/body4d/              private libraries: OpenVINO; libbody4d_torch.so (component torch)
#   PREFIX/share/body4d/models/     networks and body
#   PREFIX/share/body4d/configs/
#
# The tree can be moved: executables find their libraries and data relative to themselves. TBB, Qt, VTK and FFmpeg stay
# the system's; LibTorch stays where the person has it.

include(GNUInstallDirs)
set(body4d_private lib/body4d)
set(body4d_data ${CMAKE_INSTALL_DATAROOTDIR}/body4d)
set(body4d_doc ${CMAKE_INSTALL_DATAROOTDIR}/doc/body4d)

foreach(program body4d body4d-studio)
  if(TARGET ${program})
    set_target_properties(${program} PROPERTIES INSTALL_RPATH "$ORIGIN/../${body4d_private}")
    install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
  endif()
endforeach()

# The files of OpenVINO that are needed: the library itself, the CPU plug-in and the readers of .tflite and .xml. It
# finds plug-ins beside itself. PROGRAMS keeps them as they are, RPATH ($ORIGIN) included.
if(BODY4D_OPENVINO_DIR)
  get_filename_component(body4d_openvino ${BODY4D_OPENVINO_DIR}/.. ABSOLUTE)
  file(GLOB body4d_openvino_libraries
    ${body4d_openvino}/libs/libopenvino.so.*
    ${body4d_openvino}/libs/libopenvino_intel_cpu_plugin.so
    ${body4d_openvino}/libs/libopenvino_ir_frontend.so.*
    ${body4d_openvino}/libs/libopenvino_tensorflow_lite_frontend.so.*)
  install(PROGRAMS ${body4d_openvino_libraries} DESTINATION ${body4d_private} COMPONENT program)
  file(GLOB body4d_openvino_texts ${body4d_openvino}/../openvino-*.dist-info/licenses/LICENSE
    ${body4d_openvino}/../openvino-*.dist-info/licenses/licensing/*.txt)
  install(FILES ${body4d_openvino_texts} DESTINATION ${body4d_doc}/openvino COMPONENT program)
  list(LENGTH body4d_openvino_libraries body4d_count)
  if(NOT body4d_count EQUAL 4)
    message(WARNING "Expected 4 run-time files in ${body4d_openvino}/libs, found ${body4d_count}: "
      "an installation needs an OpenVINO of the system then.")
  endif()
endif()

# Only the files that belong to the program: the folder may hold more.
file(GLOB body4d_models
  ${BODY4D_MODELS_DIR}/*.tflite ${BODY4D_MODELS_DIR}/anny.safetensors ${BODY4D_MODELS_DIR}/MODELS.json)
install(FILES ${body4d_models} DESTINATION ${body4d_data}/models COMPONENT program)
install(DIRECTORY ${BODY4D_MODELS_DIR}/licenses DESTINATION ${body4d_data}/models COMPONENT program OPTIONAL)
if(NOT body4d_models)
  message(STATUS "No model data in ${BODY4D_MODELS_DIR}: an installation would not have any (packaging/setup.sh fetches it)")
endif()
install(DIRECTORY ${CMAKE_SOURCE_DIR}/configs/ DESTINATION ${body4d_data}/configs COMPONENT program OPTIONAL)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/packaging/blender DESTINATION ${body4d_data} COMPONENT program)
install(FILES LICENSE NOTICE THIRD_PARTY.md README.md DESTINATION ${body4d_doc} COMPONENT program OPTIONAL)
install(FILES NOTICE DESTINATION ${body4d_doc} RENAME copyright COMPONENT program)
install(FILES packaging/linux/body4d.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/packaging/licenses/ DESTINATION ${body4d_doc}/licenses COMPONENT program)
if(TARGET body4d-studio)
  install(FILES packaging/linux/body4d-studio.desktop DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/applications
    COMPONENT program)
  install(FILES packaging/linux/body4d-studio.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
  install(FILES resources/icons/body4d-studio.svg OPTIONAL DESTINATION
    ${CMAKE_INSTALL_DATAROOTDIR}/icons/hicolor/scalable/apps COMPONENT program)
endif()

# The engines on LibTorch, apart: LibTorch itself is loaded by absolute path before them.
if(TARGET body4d_torch)
  set_target_properties(body4d_torch PROPERTIES INSTALL_RPATH "$ORIGIN")
  install(TARGETS body4d_torch LIBRARY DESTINATION ${body4d_private} COMPONENT torch)
  if(TARGET body4d_torch_cuda)
    install(TARGETS body4d_torch_cuda LIBRARY DESTINATION ${body4d_private} COMPONENT torch)
  endif()
  install(FILES NOTICE DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/body4d-torch RENAME copyright COMPONENT torch)
endif()

set(CPACK_PACKAGE_NAME body4d)
set(CPACK_PACKAGE_VENDOR "Body4D Studio")
set(CPACK_PACKAGE_CONTACT "Body4D Studio authors <maintainers@body4d.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Videos of people to moving 3D bodies")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_GENERATOR DEB)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program)
if(TARGET body4d_torch)
  list(APPEND CPACK_COMPONENTS_ALL torch)
endif()
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION graphics)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS OFF)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME body4d)
set(CPACK_DEBIAN_TORCH_PACKAGE_NAME body4d-torch)
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION
  "Tracks people in a video from a click and reconstructs their moving 3D bodies;\n command line and desktop application.")
set(CPACK_COMPONENT_TORCH_DESCRIPTION
  "Engines for Body4D Studio that run on LibTorch.\n LibTorch itself is not included: its folder is named in the settings.")
# What is loaded at run time without being linked. libtbb12 is found by dpkg-shlibdeps.
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS "libgl1-mesa-dri, libxcb-cursor0, libqt6svg6")
# Loaded when a camera is used. It has the major version of libavformat.
pkg_check_modules(body4d_avformat QUIET libavformat)
string(REGEX MATCH "^[0-9]+" body4d_avdevice "${body4d_avformat_VERSION}")
# Qt's own texts in the window's languages, and a small font with Chinese letters where there is none yet.
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS "qt6-translations-l10n, libavdevice${body4d_avdevice}")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS "fonts-wqy-microhei | fonts-noto-cjk")
set(CPACK_DEBIAN_TORCH_PACKAGE_DEPENDS "body4d (= ${PROJECT_VERSION})")
find_program(BODY4D_SHLIBDEPS dpkg-shlibdeps)
mark_as_advanced(BODY4D_SHLIBDEPS)
if(BODY4D_SHLIBDEPS)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${body4d_openvino}/libs)
  if(BODY4D_TORCH_ROOT)
    list(APPEND CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${BODY4D_TORCH_ROOT}/lib)
  endif()
else()
  message(STATUS "dpkg-shlibdeps is not there (package dpkg-dev): packages would lack their dependencies")
endif()
include(CPack)
