#pragma once

#include "ui/controllers/task_queue.h"
#include "ui/controllers/user_message.h"

#include <QImage>
#include <QObject>

#include <filesystem>
#include <memory>

namespace body4d {
class VideoWriter;
}

namespace body4d::ui {

/// Pictures become an MP4 on a worker thread, in the order in which they come.
class MoviePacker : public QObject {
    Q_OBJECT
public:
    explicit MoviePacker(QObject* parent = nullptr);
    ~MoviePacker() override;
    /// @param total pictures that will come
    void start(const std::filesystem::path& file, double fps, int total);
    /// Pictures of another size than the first are scaled to it. The last of them finishes the file.
    void add(const QImage& picture);
    /// Throws away what was written.
    void cancel();
    [[nodiscard]] bool active() const { return added_ < total_; }
    /// Whether so many pictures wait that the next one should, too.
    [[nodiscard]] bool behind() const;
    [[nodiscard]] int added() const { return added_; }
    [[nodiscard]] int total() const { return total_; }

Q_SIGNALS:
    void progressed(int done, int total);
    void finished(const QString& file);
    /// Nothing is left of the file; active() is false.
    void failed(const body4d::ui::UserMessage& message);

private:
    struct Job; ///< of the worker
    std::shared_ptr<Job> job_;
    int total_ = 0, added_ = 0, packed_ = 0;
    TaskQueue queue_; // last: joined first
};

} // namespace body4d::ui
