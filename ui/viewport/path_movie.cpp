#include "ui/viewport/path_movie.h"

#include "ui/viewport/viewport_widget.h"

namespace body4d::ui {
namespace {
constexpr int kLookAgainMs = 15;
} // namespace

PathMovie::PathMovie(ViewportWidget& view, QObject* parent) : QObject(parent), view_(view) {
    waiting_.setInterval(kLookAgainMs);
    waiting_.setSingleShot(true);
    connect(&waiting_, &QTimer::timeout, this, &PathMovie::take);
    connect(&packer_, &MoviePacker::progressed, this, &PathMovie::progressed);
    connect(&packer_, &MoviePacker::finished, this, &PathMovie::finished);
    connect(&packer_, &MoviePacker::failed, this, [this](const UserMessage& message) {
        waiting_.stop();
        Q_EMIT failed(message);
    });
}

PathMovie::~PathMovie() = default;

void PathMovie::start(const std::filesystem::path& file, std::int64_t begin, std::int64_t end, double fps, const CameraFlight& path) {
    if (recording() || end <= begin) {
        return;
    }
    path_ = path;
    next_ = begin;
    packer_.start(file, fps, static_cast<int>(end - begin));
    Q_EMIT frameWanted(next_);
}

void PathMovie::cancel() {
    waiting_.stop();
    packer_.cancel();
}

void PathMovie::frameShown(std::int64_t frame) {
    if (recording() && frame == next_ && !waiting_.isActive()) {
        take();
    }
}

void PathMovie::take() {
    if (!recording()) {
        return;
    }
    if (packer_.behind()) {
        waiting_.start();
        return;
    }
    if (!path_.empty()) {
        path_.apply(static_cast<double>(next_), view_.camera());
        view_.cameraChanged();
    }
    packer_.add(view_.grabPicture(false));
    ++next_;
    if (recording()) {
        Q_EMIT frameWanted(next_);
    }
}

} // namespace body4d::ui
