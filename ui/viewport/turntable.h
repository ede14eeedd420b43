#pragma once

#include "ui/controllers/task_queue.h"
#include "ui/controllers/user_message.h"

#include <QImage>
#include <QObject>
#include <QTimer>

#include <filesystem>
#include <memory>

namespace body4d {
class VideoWriter;
}

namespace body4d::ui {

class ViewportWidget;

/// A movie of the view turning once around what it looks at: one frame an event here, packed on a worker.
class Turntable : public QObject {
    Q_OBJECT
public:
    Turntable(ViewportWidget& view, QObject* parent = nullptr);
    ~Turntable() override;
    /// @param frames of one turn, shown at 30 a second
    void start(const std::filesystem::path& file, int frames = 180);
    void cancel();
    [[nodiscard]] bool recording() const { return left_ > 0; }

Q_SIGNALS:
    void progressed(int done, int total);
    void finished(const QString& file);
    void failed(const body4d::ui::UserMessage& message);

private:
    void step();
    void end();
    ViewportWidget& view_;
    std::filesystem::path file_;
    int total_ = 0, left_ = 0, packed_ = 0;
    double startYaw_ = 0;
    QTimer timer_;
    std::shared_ptr<VideoWriter> writer_; ///< used by the worker only
    TaskQueue queue_;                     // last: joined first
};

} // namespace body4d::ui
