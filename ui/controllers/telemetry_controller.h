#pragma once

#include "ui/controllers/backend.h"

#include <QObject>
#include <QTimer>

#include <memory>

namespace body4d::ui {

/// Asks for memory and load five times a second while somebody can see it.
class TelemetryController : public QObject {
    Q_OBJECT
public:
    explicit TelemetryController(std::shared_ptr<Backend> backend, QObject* parent = nullptr);
    void setActive(bool active);
    [[nodiscard]] TelemetrySample latest() const { return backend_->telemetry(); }
    [[nodiscard]] std::vector<TelemetrySample> history(double seconds) const {
        return backend_->telemetryHistory(seconds);
    }
    [[nodiscard]] std::vector<Telemetry::StagePeak> stagePeaks() const { return backend_->stagePeaks(); }
    [[nodiscard]] const DeviceDescription& device() const { return device_; }

Q_SIGNALS:
    void sampled(const body4d::TelemetrySample& sample);

private:
    std::shared_ptr<Backend> backend_;
    DeviceDescription device_;
    QTimer timer_;
};

/// "1.2 GiB"; one decimal from 1 GiB on, MiB and KiB below.
[[nodiscard]] QString formatBytes(std::int64_t bytes);
/// "0:42", "1:02:03".
[[nodiscard]] QString formatDuration(double seconds);
/// "00:03.208" for time codes.
[[nodiscard]] QString formatTimecode(double seconds);

} // namespace body4d::ui

Q_DECLARE_METATYPE(body4d::TelemetrySample)
