#pragma once

#include "ui/viewport/surface_kind.h"
#include "ui/viewport/viewport_drawing.h"

#include <QColor>
#include <QImage>

#include <functional>
#include <memory>

class QWidget;

namespace body4d::ui {

/// Where the pictures of the 3D view are drawn and shown. A graphics card draws into the window itself. The
/// processor draws on a thread of its own into a picture that the window then paints: no event ever waits for
/// it, and the rest of the window need not pass through OpenGL each time that anything in it changes.
class RenderSurface {
public:
    /// Called on the GUI thread.
    struct Client {
        std::function<ViewRequest()> request;         ///< the picture that is wanted now
        std::function<void(const ViewResult&)> drawn; ///< one has been drawn
        std::function<void()> shown;                  ///< it is on the screen
    };
    virtual ~RenderSurface() = default;
    [[nodiscard]] virtual QWidget* widget() = 0;
    /// Changes the scene, at once or before the next picture is drawn. What a change holds on to stays until
    /// then.
    virtual void post(std::function<void(ViewportScene&)> change) = 0;
    /// Draws and shows what is wanted, soon.
    virtual void redraw() = 0;
    /// A picture is being drawn or about to be.
    [[nodiscard]] virtual bool pending() const = 0;
    /// Draws what is wanted and waits for it. Empty: there is no OpenGL.
    [[nodiscard]] virtual QImage grab() = 0;
    [[nodiscard]] virtual QString rendererName() const = 0;
    [[nodiscard]] virtual bool software() const = 0;
    /// Before the first picture is there.
    virtual void setBackground(const QColor& colour) = 0;
};

[[nodiscard]] std::unique_ptr<RenderSurface> makeRenderSurface(SurfaceKind kind, RenderSurface::Client client,
                                                               QWidget* parent);

} // namespace body4d::ui
