#pragma once

#include "ui/viewport/render_surface.h"

#include <QOpenGLWidget>

namespace body4d::ui {

/// Drawn into the window by the GUI thread: for graphics cards.
class WindowSurface : public QOpenGLWidget, public RenderSurface {
public:
    WindowSurface(Client client, QWidget* parent);
    ~WindowSurface() override;

    [[nodiscard]] QWidget* widget() override { return this; }
    void post(std::function<void(ViewportScene&)> change) override { change(drawing_.scene()); }
    void redraw() override;
    [[nodiscard]] bool pending() const override { return pending_ && isVisible(); }
    [[nodiscard]] QImage grab() override { return grabFramebuffer(); }
    [[nodiscard]] QString rendererName() const override { return drawing_.rendererName(); }
    [[nodiscard]] bool software() const override { return drawing_.software(); }
    void setBackground(const QColor&) override {}

protected:
    void initializeGL() override;
    void paintGL() override;

private:
    void releaseGl();

    Client client_;
    ViewportDrawing drawing_;
    QMetaObject::Connection contextGone_;
    bool pending_ = false;
};

} // namespace body4d::ui
