#pragma once

#include "ui/viewport/orbit_camera.h"
#include "ui/viewport/viewport_scene.h"

#include <QOpenGLContext>
#include <QSize>
#include <QString>
#include <vtkGenericOpenGLRenderWindow.h>
#include <vtkNew.h>

#include <functional>
#include <memory>

namespace body4d::ui {

/// One picture of the 3D view: what may change from picture to picture.
struct ViewRequest {
    std::shared_ptr<const FrameSnapshot> snapshot;
    OrbitCamera camera;
    QSize size; ///< device pixels
    double pixelRatio = 1;
    bool fine = false;       ///< nothing moves: with all lights
    bool busy = false;       ///< a job runs: software drawing leaves the cores to it
    bool shade = true;       ///< ambient occlusion, where the machine carries it
    bool everyPoint = false; ///< of clouds, however long it takes
};

/// What drawing it was like.
struct ViewResult {
    double milliseconds = 0;
    bool costly = false; ///< bodies were drawn with the effects of a still picture
};

/// VTK's render window and the scene inside an OpenGL context of somebody else's. One thread at a time, the
/// one that the context belongs to.
class ViewportDrawing {
public:
    /// @param makeCurrent makes the context current with the framebuffer of the picture
    explicit ViewportDrawing(std::function<void()> makeCurrent);
    ~ViewportDrawing();
    ViewportDrawing(const ViewportDrawing&) = delete;
    ViewportDrawing& operator=(const ViewportDrawing&) = delete;

    /// With the context current.
    void initialize(QOpenGLContext& context);
    /// With the context current, before it goes.
    void release();
    [[nodiscard]] bool ready() const { return context_ != nullptr; }
    /// With the context current. @param framebuffer receives the picture, opaque
    ViewResult draw(const ViewRequest& request, unsigned framebuffer);

    [[nodiscard]] ViewportScene& scene() { return scene_; }
    /// "llvmpipe (LLVM 15.0.6, 256 bits)"; empty before initialize().
    [[nodiscard]] const QString& rendererName() const { return rendererName_; }
    [[nodiscard]] bool software() const { return software_; }

private:
    std::function<void()> makeCurrent_;
    vtkNew<vtkGenericOpenGLRenderWindow> window_;
    ViewportScene scene_;
    QOpenGLContext* context_ = nullptr;
    QString rendererName_;
    QSize size_;
    double pixelRatio_ = 0;
    bool software_ = true;
};

/// What the driver of the current context calls itself.
[[nodiscard]] QString currentRendererName();
/// Whether a renderer of this name uses the processor.
[[nodiscard]] bool isSoftwareRenderer(const QString& name);

} // namespace body4d::ui
