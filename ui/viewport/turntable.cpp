#include "ui/viewport/turntable.h"

#include "ui/viewport/viewport_widget.h"
#include "video/video_writer.h"

#include <algorithm>
#include <cmath>

namespace body4d::ui {
namespace {
constexpr double kFps = 30;
constexpr int kAhead = 6; ///< grabbed frames that may wait to be packed
} // namespace

Turntable::Turntable(ViewportWidget& view, QObject* parent) : QObject(parent), view_(view) {
    timer_.setInterval(0);
    connect(&timer_, &QTimer::timeout, this, &Turntable::step);
}

Turntable::~Turntable() = default;

void Turntable::start(const std::filesystem::path& file, int frames) {
    if (recording() || frames < 1) {
        return;
    }
    file_ = file;
    total_ = left_ = frames;
    packed_ = 0;
    if (view_.camera().lookingThrough()) {
        view_.camera().leaveLookThrough();
    }
    startYaw_ = view_.camera().yaw();
    timer_.start();
}

void Turntable::cancel() {
    if (recording()) {
        end();
        queue_.post([this](const std::stop_token&) { writer_.reset(); });
    }
}

void Turntable::end() {
    timer_.stop();
    left_ = 0;
    view_.camera().setAngles(startYaw_, view_.camera().pitch());
    view_.cameraChanged();
}

void Turntable::step() {
    const int index = total_ - left_;
    if (index - packed_ >= kAhead) {
        return; // the encoder is behind
    }
    view_.camera().setAngles(startYaw_ + 2 * M_PI * index / total_, view_.camera().pitch());
    view_.cameraChanged();
    const bool last = --left_ == 0;
    queue_.post([this, picture = view_.grabPicture(false), index, last, file = file_,
                 total = total_](const std::stop_token&) {
        try {
            Image frame(picture.width(), picture.height());
            const QImage rgb = picture.convertToFormat(QImage::Format_RGB888);
            for (int y = 0; y < frame.height; ++y) {
                std::copy_n(rgb.constScanLine(y), 3 * static_cast<std::size_t>(frame.width), frame.row(y));
            }
            if (index == 0) {
                VideoWriter::Options options;
                options.width = frame.width;
                options.height = frame.height;
                options.fps = kFps;
                options.quality = 18;
                writer_ = std::make_shared<VideoWriter>(file, options);
            }
            if (!writer_) {
                return; // failed or given up before
            }
            writer_->write(frame, index / kFps);
            if (last) {
                writer_->finish(total / kFps);
                writer_.reset();
            }
            postTo(this, [this, index, last, file, total] {
                packed_ = index + 1;
                Q_EMIT progressed(index + 1, total);
                if (last) {
                    Q_EMIT finished(QString::fromStdString(file.string()));
                }
            });
        } catch (const std::exception& e) {
            writer_.reset();
            postTo(this, [this, message = toMessage(e)] {
                if (recording()) {
                    end();
                }
                Q_EMIT failed(message);
            });
        }
    });
    if (last) {
        end();
    }
}

} // namespace body4d::ui
