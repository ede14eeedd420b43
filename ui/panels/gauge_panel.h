#pragma once

#include "ui/controllers/telemetry_controller.h"

#include <QWidget>

#include <algorithm>
#include <deque>

class QLabel;

namespace body4d::ui {

/// One stacked bar and a history curve; values come from outside so that tests can script them.
class MemoryGauge : public QWidget {
    Q_OBJECT
public:
    explicit MemoryGauge(QWidget* parent = nullptr);
    /// Parts of the bar, left to right.
    struct Reading {
        double seconds = 0;
        std::int64_t used = 0;   ///< tensors in an allocator on a GPU; without one, this process
        std::int64_t cache = 0;  ///< what that allocator keeps for later
        std::int64_t rest = 0;   ///< other memory of this process on the GPU: context, libraries, the window
        std::int64_t others = 0; ///< everybody else's
        std::int64_t total = 0;
        std::int64_t peak = 0;
        std::int64_t budget = 0; ///< 0: none
        double load = -1;        ///< of the GPU, or of the processor, 0..1; negative: not known
        QString stage;           ///< of the running job
        [[nodiscard]] std::int64_t free() const { return std::max<std::int64_t>(0, total - used - cache - rest - others); }
    };
    void push(const Reading& reading);
    void clear();
    /// What each stage of the last runs took at most; ticks under the bar, named in the tool tip.
    struct StagePeak {
        QString stage;
        std::int64_t bytes = 0;
        bool operator==(const StagePeak&) const = default;
    };
    void setStagePeaks(const QList<StagePeak>& peaks);
    [[nodiscard]] const QList<StagePeak>& stagePeaks() const { return peaks_; }
    [[nodiscard]] const Reading& latest() const { return latest_; }
    [[nodiscard]] QSize sizeHint() const override { return {220, 84}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {120, 23}; }
    /// The bar's pixels that stand for a number of bytes; for tests.
    [[nodiscard]] double barX(std::int64_t bytes) const;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Reading latest_;
    QList<StagePeak> peaks_;
    std::deque<Reading> history_;
};

/// Memory and load of the machine that does the work, said in words too.
class GaugePanel : public QWidget {
    Q_OBJECT
public:
    explicit GaugePanel(TelemetryController& telemetry, QWidget* parent = nullptr);
    /// @param budgetGib 0: what is free
    void setBudget(double budgetGib) { budgetGib_ = budgetGib; }
    void setStage(const QString& stage) { stage_ = stage; }
    void resetPeak() { peak_ = 0; }
    /// The bar without its history, for small windows.
    void setCompact(bool compact);
    [[nodiscard]] MemoryGauge* gauge() const { return gauge_; }
    /// "0.9 of 6.0 GiB" for the status bar.
    [[nodiscard]] QString summary() const { return summary_; }

Q_SIGNALS:
    void summaryChanged(const QString& text);

private:
    void onSample(const TelemetrySample& sample);
    TelemetryController& telemetry_;
    MemoryGauge* gauge_;
    QLabel *use_, *parts_, *device_;
    double budgetGib_ = 0;
    QString stage_, summary_;
    std::int64_t peak_ = 0;
};

} // namespace body4d::ui
