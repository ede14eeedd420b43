#include "ui/viewport/turntable.h"

#include "ui/viewport/viewport_widget.h"

#include <cmath>

namespace body4d::ui {
namespace {
constexpr double kFps = 30;
} // namespace

Turntable::Turntable(ViewportWidget& view, QObject* parent) : QObject(parent), view_(view) {
    timer_.setInterval(0);
    connect(&timer_, &QTimer::timeout, this, &Turntable::step);
    connect(&packer_, &MoviePacker::progressed, this, &Turntable::progressed);
    connect(&packer_, &MoviePacker::finished, this, &Turntable::finished);
    connect(&packer_, &MoviePacker::failed, this, [this](const UserMessage& message) {
        if (timer_.isActive()) {
            rest();
        }
        Q_EMIT failed(message);
    });
}

Turntable::~Turntable() = default;

void Turntable::start(const std::filesystem::path& file, int frames) {
    if (recording() || frames < 1) {
        return;
    }
    view_.camera().leaveLookThrough();
    startYaw_ = view_.camera().yaw();
    packer_.start(file, kFps, frames);
    timer_.start();
}

void Turntable::cancel() {
    if (recording()) {
        packer_.cancel();
        rest();
    }
}

void Turntable::rest() {
    timer_.stop();
    view_.camera().setAngles(startYaw_, view_.camera().pitch());
    view_.cameraChanged();
}

void Turntable::step() {
    if (packer_.behind()) {
        return;
    }
    view_.camera().setAngles(startYaw_ + 2 * M_PI * packer_.added() / packer_.total(), view_.camera().pitch());
    view_.cameraChanged();
    packer_.add(view_.grabPicture(false));
    if (!recording()) {
        rest();
    }
}

} // namespace body4d::ui
