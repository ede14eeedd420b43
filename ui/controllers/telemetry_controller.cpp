#include "ui/controllers/telemetry_controller.h"

#include <cmath>

namespace body4d::ui {

TelemetryController::TelemetryController(std::shared_ptr<Backend> backend, QObject* parent)
    : QObject(parent), backend_(std::move(backend)), device_(backend_->device()) {
    timer_.setInterval(200);
    connect(&timer_, &QTimer::timeout, this, [this] { Q_EMIT sampled(backend_->telemetry()); });
}

void TelemetryController::setActive(bool active) {
    if (active) {
        timer_.start();
    } else {
        timer_.stop();
    }
}

QString formatBytes(std::int64_t bytes) {
    const double mib = static_cast<double>(bytes) / (1024.0 * 1024.0);
    if (bytes > 0 && mib < 1) {
        return QStringLiteral("%1 KiB").arg(std::max<std::int64_t>(1, bytes / 1024));
    }
    return mib < 1000 ? QStringLiteral("%L1 MiB").arg(mib, 0, 'f', 0)
                      : QStringLiteral("%L1 GiB").arg(mib / 1024, 0, 'f', 1);
}

QString formatDuration(double seconds) {
    const auto total = static_cast<long long>(std::llround(std::max(0.0, seconds)));
    const auto h = total / 3600, m = total / 60 % 60, s = total % 60;
    return h > 0 ? QStringLiteral("%1:%2:%3").arg(h).arg(m, 2, 10, QLatin1Char('0')).arg(s, 2, 10, QLatin1Char('0'))
                 : QStringLiteral("%1:%2").arg(m).arg(s, 2, 10, QLatin1Char('0'));
}

QString formatTimecode(double seconds) {
    const auto ms = static_cast<long long>(std::llround(std::max(0.0, seconds) * 1000));
    return QStringLiteral("%1:%2.%3")
        .arg(ms / 60000, 2, 10, QLatin1Char('0'))
        .arg(ms / 1000 % 60, 2, 10, QLatin1Char('0'))
        .arg(ms % 1000, 3, 10, QLatin1Char('0'));
}

} // namespace body4d::ui
