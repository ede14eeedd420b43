#include "ui/timeline/film_strip.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace body4d::ui {
namespace {
constexpr int kMostKept = 1200;
} // namespace

QImage thumbnailOf(FrameProvider& frames, std::int64_t frame, int width, const std::stop_token& stop) {
    auto image = frames.cached(frame);
    if (!image && !stop.stop_requested()) {
        image = frames.frame(frame);
    }
    if (!image || stop.stop_requested()) {
        return {};
    }
    const Image small = resized(*image, width, std::max(1, width * image->height / std::max(1, image->width)));
    const QImage view(small.rgb.data(), small.width, small.height, 3 * small.width, QImage::Format_RGB888);
    return view.convertToFormat(QImage::Format_RGB32);
}

FilmStrip::FilmStrip(QObject* parent) : QObject(parent) {}

void FilmStrip::setFrames(std::shared_ptr<FrameProvider> frames) {
    ++session_;
    queue_.cancelAll();
    frames_ = std::move(frames);
    known_.clear();
    wanted_.clear();
    loading_.clear();
    Q_EMIT changed();
}

void FilmStrip::setPaused(bool paused) {
    if (std::exchange(paused_, paused) == paused) {
        return;
    }
    if (paused) {
        queue_.cancelAll();
        loading_.clear();
    } else {
        load();
    }
}

double FilmStrip::aspect() const {
    return frames_ && frames_->info().height > 0 ? static_cast<double>(frames_->info().width) / frames_->info().height : 0;
}

void FilmStrip::want(const std::vector<std::int64_t>& frames, int height, double devicePixelRatio) {
    const int width = static_cast<int>(std::lround(height * aspect() * devicePixelRatio));
    if (width != width_ || ratio_ != devicePixelRatio) {
        width_ = width;
        ratio_ = devicePixelRatio;
        known_.clear();
    }
    wanted_ = frames;
    if (!paused_) {
        load();
    }
}

QPixmap FilmStrip::picture(std::int64_t frame, std::int64_t slack) const {
    for (std::int64_t d = 0; d <= slack; ++d) {
        for (const auto near : {frame - d, frame + d}) {
            if (const auto it = known_.constFind(near); it != known_.constEnd()) {
                return *it;
            }
        }
    }
    return {};
}

void FilmStrip::load() {
    std::vector<std::int64_t> missing;
    for (const auto frame : wanted_) {
        if (!known_.contains(frame)) {
            missing.push_back(frame);
        }
    }
    if (!frames_ || width_ <= 0 || missing.empty() || missing == loading_) {
        return;
    }
    loading_ = missing;
    queue_.restart("strip", [this, missing, frames = frames_, width = width_, ratio = ratio_,
                             session = session_](const std::stop_token& stop) {
        for (const auto frame : missing) {
            if (stop.stop_requested()) {
                return;
            }
            try {
                QImage small = thumbnailOf(*frames, frame, width, stop);
                if (small.isNull()) {
                    return;
                }
                small.setDevicePixelRatio(ratio);
                postTo(this, [this, small, frame, session, width] {
                    if (session != session_ || width != width_) {
                        return;
                    }
                    if (known_.size() >= kMostKept) {
                        known_.clear();
                    }
                    known_.insert(frame, QPixmap::fromImage(small));
                    std::erase(loading_, frame);
                    Q_EMIT changed();
                });
            } catch (const std::exception&) {
                // The strip stays empty there; going to the frame says what is wrong with it.
            }
        }
    });
}

} // namespace body4d::ui
