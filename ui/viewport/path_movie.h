#pragma once

#include "ui/viewport/camera_flight.h"
#include "ui/viewport/movie_packer.h"

#include <QTimer>

namespace body4d::ui {

class ViewportWidget;

/// A movie of the view while time passes: every frame of a range once, the camera on its flight. Frames are asked for
/// and taken when they are shown, however long that takes.
class PathMovie : public QObject {
    Q_OBJECT
public:
    PathMovie(ViewportWidget& view, QObject* parent = nullptr);
    ~PathMovie() override;
    /// @param path without keys the camera stays as it is, also looking through the video's
    void start(const std::filesystem::path& file, std::int64_t begin, std::int64_t end, double fps, const CameraFlight& path);
    void cancel();
    [[nodiscard]] bool recording() const { return packer_.active(); }
    /// The view shows this frame.
    void frameShown(std::int64_t frame);

Q_SIGNALS:
    void frameWanted(qint64 frame);
    void progressed(int done, int total);
    void finished(const QString& file);
    void failed(const body4d::ui::UserMessage& message);

private:
    void take();
    ViewportWidget& view_;
    CameraFlight path_;
    std::int64_t next_ = 0;
    QTimer waiting_; ///< for the encoder
    MoviePacker packer_;
};

} // namespace body4d::ui
