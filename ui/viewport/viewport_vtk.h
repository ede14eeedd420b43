#pragma once

#include "ui/viewport/viewport_scene.h"
#include "ui/viewport/viewport_widget.h"

#include <vtkGenericOpenGLRenderWindow.h>
#include <vtkNew.h>

namespace body4d::ui {

/// The widget's VTK side, for its own source files only.
struct ViewportWidget::Vtk {
    vtkNew<vtkGenericOpenGLRenderWindow> window;
    ViewportScene scene;
};

} // namespace body4d::ui
