#pragma once

#include "ui/viewport/render_surface.h"

#include <QTimer>
#include <QWidget>

namespace body4d::ui {

class RenderThread;

/// Drawn by a thread of its own into pictures that the window paints: for drawing by the processor.
class ThreadSurface : public QWidget, public RenderSurface {
public:
    /// @param thread has a context that works
    ThreadSurface(std::unique_ptr<RenderThread> thread, Client client, QWidget* parent);
    ~ThreadSurface() override;

    [[nodiscard]] QWidget* widget() override { return this; }
    void post(std::function<void(ViewportScene&)> change) override;
    void redraw() override;
    [[nodiscard]] bool pending() const override { return isVisible() && (wanted_ || drawing_ || fresh_); }
    [[nodiscard]] QImage grab() override;
    [[nodiscard]] QString rendererName() const override;
    [[nodiscard]] bool software() const override { return true; }
    void setBackground(const QColor& colour) override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void start();
    void arrived(const QImage& picture, const ViewResult& result, double rest);

    std::unique_ptr<RenderThread> thread_;
    Client client_;
    QImage picture_;
    QColor background_;
    QTimer rest_;
    bool wanted_ = true;   ///< a newer picture than the one that is being drawn
    bool drawing_ = false; ///< the thread is at work
    bool fresh_ = false;   ///< picture_ has not been painted yet
};

} // namespace body4d::ui
