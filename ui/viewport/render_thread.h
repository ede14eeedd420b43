#pragma once

#include "ui/viewport/viewport_drawing.h"

#include <QImage>
#include <QOffscreenSurface>
#include <QThread>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace body4d::ui {

/// Draws the scene into pictures, one after the other, in a context that no window has.
class RenderThread : public QThread {
public:
    /// Nothing where the platform has no OpenGL, or none that a second thread may use. On the GUI thread.
    [[nodiscard]] static std::unique_ptr<RenderThread> create();
    ~RenderThread() override;

    /// Takes the context over; until then nothing is drawn.
    void begin();
    /// Known from the beginning.
    [[nodiscard]] const QString& rendererName() const { return rendererName_; }
    /// Any thread; done before the next picture.
    void post(std::function<void(ViewportScene&)> change);
    /// Any thread; one picture at a time: the next one is asked for when done was called. done is called on
    /// the thread.
    void draw(ViewRequest request, std::function<void(QImage, ViewResult)> done);

protected:
    void run() override;

private:
    RenderThread(std::unique_ptr<QOpenGLContext> context, std::unique_ptr<QOffscreenSurface> surface,
                 QString name);
    struct Job {
        ViewRequest request;
        std::function<void(QImage, ViewResult)> done;
    };

    std::unique_ptr<QOffscreenSurface> surface_;
    std::unique_ptr<QOpenGLContext> context_;
    QString rendererName_;
    ViewportDrawing drawing_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<std::function<void(ViewportScene&)>> changes_;
    std::optional<Job> job_;
    bool ending_ = false;
};

} // namespace body4d::ui
