#include "ui/panels/gauge_panel.h"

#include "ui/panels/run_panel.h"
#include "ui/panels/widgets.h"
#include "ui/theme.h"

#include <QPainter>
#include <QPainterPath>
#include <QRegularExpression>
#include <QVBoxLayout>

#include <algorithm>

namespace body4d::ui {
namespace {
constexpr int kBar = 14, kHistoryTop = 24;
constexpr double kHistorySeconds = 90;
/// One stretch of the bar.
struct GaugePart {
    QString name;
    std::int64_t bytes = 0;
    QColor colour, mark;
    Qt::BrushStyle pattern = Qt::NoBrush;
};

/// Left to right; what is free is not one of them.
QList<GaugePart> gaugeParts(const MemoryGauge::Reading& r) {
    const auto& t = tokens();
    const bool split = r.cache > 0 || r.rest > 0;
    QList<GaugePart> parts{{split ? MemoryGauge::tr("tensors") : MemoryGauge::tr("ours"), r.used, t.accent, {}, Qt::NoBrush}};
    if (split) {
        parts << GaugePart{MemoryGauge::tr("cache"), r.cache, blend(t.lane, t.accent, 0.5), blend(t.lane, t.accent, 0.85), Qt::VerPattern};
        parts << GaugePart{MemoryGauge::tr("ours, other"), r.rest, blend(t.lane, t.accent, 0.28), blend(t.lane, t.accent, 0.6), Qt::Dense6Pattern};
    }
    parts << GaugePart{MemoryGauge::tr("others"), r.others, blend(t.lane, t.dim, 0.28), blend(t.lane, t.dim, 0.55), Qt::FDiagPattern};
    return parts;
}

/// For rich text: what no line break may divide, words of Chinese included.
QString unbroken(const QString& text) {
    static const QRegularExpression within(QStringLiteral("(?<=[\\x{2E80}-\\x{9FFF}])(?=[\\x{2E80}-\\x{9FFF}])"));
    constexpr char16_t kWordJoiner = 0x2060;
    return text.toHtmlEscaped().replace(QLatin1Char(' '), QStringLiteral("&nbsp;")).replace(within, QString(QChar(kWordJoiner)));
}

} // namespace

MemoryGauge::MemoryGauge(QWidget* parent) : QWidget(parent) {
    setAccessibleName(tr("Memory gauge"));
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void MemoryGauge::push(const Reading& reading) {
    latest_ = reading;
    history_.push_back(reading);
    while (!history_.empty() && history_.front().seconds < reading.seconds - kHistorySeconds) {
        history_.pop_front();
    }
    setAccessibleDescription(tr("%1 in use of %2").arg(formatBytes(reading.used), formatBytes(reading.total)));
    update();
}

void MemoryGauge::setStagePeaks(const QList<StagePeak>& peaks) {
    if (peaks == peaks_) {
        return;
    }
    peaks_ = peaks;
    QStringList lines;
    for (const auto& peak : peaks_) {
        lines << tr("%1: at most %2").arg(peak.stage, formatBytes(peak.bytes));
    }
    setToolTip(lines.join(QLatin1Char('\n')));
    update();
}

void MemoryGauge::clear() {
    history_.clear();
    update();
}

double MemoryGauge::barX(std::int64_t bytes) const {
    return latest_.total > 0 ? width() * std::clamp(static_cast<double>(bytes) / static_cast<double>(latest_.total), 0.0, 1.0) : 0;
}

void MemoryGauge::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const auto& t = tokens();
    const QRectF bar(0.5, 0.5, width() - 1, kBar);
    QPainterPath shape;
    shape.addRoundedRect(bar, 4, 4);
    painter.fillPath(shape, t.lane);
    painter.save();
    painter.setClipPath(shape);
    std::int64_t until = 0;
    for (const auto& part : gaugeParts(latest_)) { // told apart by pattern as well
        const QRectF area(barX(until), 0, barX(until + part.bytes) - barX(until), kBar + 1);
        until += part.bytes;
        painter.fillRect(area, part.colour);
        if (part.pattern != Qt::NoBrush) {
            painter.fillRect(area, QBrush(part.mark, part.pattern));
        }
    }
    painter.restore();
    painter.setPen(QPen(t.line, 1));
    painter.drawPath(shape);
    painter.setRenderHint(QPainter::Antialiasing, false);
    if (latest_.peak > 0) {
        painter.setPen(QPen(t.text, 2));
        const int x = static_cast<int>(barX(latest_.peak));
        painter.drawLine(x, 0, x, kBar + 1);
    }
    if (latest_.budget > 0 && latest_.budget < latest_.total) {
        painter.setPen(QPen(t.warning, 2));
        const int x = static_cast<int>(barX(latest_.budget));
        painter.drawLine(x, 0, x, kBar + 3);
    }

    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(t.dim);
    for (const auto& peak : peaks_) {
        const double x = std::clamp(barX(peak.bytes), 3.0, width() - 3.0);
        painter.drawPolygon(QPolygonF{{x, kBar + 2.0}, {x - 3, kBar + 7.0}, {x + 3, kBar + 7.0}});
    }

    if (height() < kHistoryTop + 12) {
        return; // compact: the bar alone
    }
    const QRectF plot(0.5, kHistoryTop + 0.5, width() - 1, height() - kHistoryTop - 1);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(t.line, 1));
    painter.setBrush(t.lane);
    painter.drawRoundedRect(plot, 4, 4);
    if (history_.size() < 2) {
        return;
    }
    std::int64_t most = 1;
    for (const auto& r : history_) {
        most = std::max(most, r.used);
    }
    const bool budgetNear = latest_.budget > 0 && latest_.budget < 4 * most;
    const double top = 1.25 * static_cast<double>(budgetNear ? std::max(most, latest_.budget) : most);
    const double now = history_.back().seconds;
    const auto at = [&](const Reading& r) {
        return QPointF(plot.right() - (now - r.seconds) / kHistorySeconds * plot.width(),
                       plot.bottom() - 2 - static_cast<double>(r.used) / top * (plot.height() - 4));
    };
    QPainterPath curve(at(history_.front()));
    for (const auto& r : history_) {
        curve.lineTo(at(r));
    }
    QPainterPath area = curve;
    area.lineTo(plot.right(), plot.bottom());
    area.lineTo(at(history_.front()).x(), plot.bottom());
    painter.setClipRect(plot.adjusted(1, 1, -1, -1));
    QColor soft = t.accent;
    soft.setAlpha(38);
    painter.fillPath(area, soft);
    QFont small = font();
    small.setPointSizeF(std::max(6.5, font().pointSizeF() * 0.78));
    painter.setFont(small);
    const QFontMetricsF metrics(small);
    QPainterPath load;
    for (const auto& r : history_) {
        if (r.load >= 0) {
            const QPointF p(at(r).x(), plot.bottom() - 2 - std::clamp(r.load, 0.0, 1.0) * (plot.height() - 4));
            load.elementCount() == 0 ? load.moveTo(p) : load.lineTo(p);
        }
    }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(blend(t.lane, t.dim, 0.7), 1, Qt::DotLine));
    painter.drawPath(load);
    for (std::size_t i = 0; i < history_.size();) {
        std::size_t end = i + 1;
        while (end < history_.size() && history_[end].stage == history_[i].stage) {
            ++end;
        }
        const double x = at(history_[i]).x();
        const double room = (end < history_.size() ? at(history_[end]).x() : plot.right()) - x;
        if (i > 0) {
            painter.setPen(QPen(t.line, 1));
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
        }
        // A name that does not fit its stretch would be read as the neighbour's.
        if (metrics.horizontalAdvance(history_[i].stage) + 6 < room) {
            const QRectF name(x + 3, plot.bottom() - metrics.height() - 2, metrics.horizontalAdvance(history_[i].stage) + 4, metrics.height());
            QColor plate = t.lane; // the curve of the load runs here
            plate.setAlpha(200);
            painter.fillRect(name, plate);
            painter.setPen(t.dim);
            painter.drawText(name, Qt::AlignCenter, history_[i].stage);
        }
        i = end;
    }
    // What the height and the width of the plot are.
    painter.setPen(t.dim);
    const double lineHeight = metrics.height();
    painter.drawText(QRectF(plot.left() + 5, plot.top() + 2, plot.width() - 10, lineHeight), Qt::AlignRight,
                     formatBytes(static_cast<std::int64_t>(top)));
    const QString span = tr("%1 s ago").arg(kHistorySeconds, 0, 'f', 0);
    if (at(history_.front()).x() > plot.left() + metrics.horizontalAdvance(span) + 12) { // nothing else is there yet
        painter.drawText(QRectF(plot.left() + 5, plot.bottom() - lineHeight - 1, plot.width(), lineHeight), Qt::AlignLeft, span);
    }
    if (budgetNear) {
        const double y = plot.bottom() - 2 - static_cast<double>(latest_.budget) / top * (plot.height() - 4);
        painter.setPen(QPen(t.warning, 1, Qt::DashLine));
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
        painter.setPen(t.warning);
        painter.drawText(QPointF(plot.left() + 5, y - 3), tr("budget"));
    }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(t.accent, 1.6));
    painter.drawPath(curve);
}

GaugePanel::GaugePanel(TelemetryController& telemetry, QWidget* parent) : QWidget(parent), telemetry_(telemetry) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 8, 12, 10);
    column->setSpacing(6);
    column->addWidget(headingLabel(tr("Memory")));
    gauge_ = new MemoryGauge;
    use_ = dimLabel({});
    use_->setFont(tabularFont(font()));
    use_->setWordWrap(true);
    parts_ = dimLabel({});
    parts_->setFont(tabularFont(font()));
    parts_->setWordWrap(true);
    parts_->setTextFormat(Qt::RichText);
    parts_->setAccessibleName(tr("Memory by owner"));
    device_ = dimLabel({});
    device_->setFont(tabularFont(font()));
    device_->setWordWrap(true);
    column->addWidget(gauge_);
    column->addWidget(use_);
    column->addWidget(parts_);
    column->addWidget(device_);
    connect(&telemetry_, &TelemetryController::sampled, this, &GaugePanel::onSample);
}

void GaugePanel::setCompact(bool compact) {
    gauge_->setFixedHeight(compact ? kBar + 9 : gauge_->sizeHint().height());
    device_->setVisible(!compact);
}

void GaugePanel::onSample(const TelemetrySample& s) {
    const auto& d = telemetry_.device();
    MemoryGauge::Reading r;
    r.seconds = s.seconds;
    r.stage = stage_;
    const bool gpu = s.deviceTotalBytes.has_value() && s.allocatorBytes.has_value();
    if (gpu) {
        r.used = *s.allocatorBytes;
        r.total = *s.deviceTotalBytes;
        r.cache = std::max<std::int64_t>(0, s.allocatorReservedBytes.value_or(0) - r.used);
        r.rest = std::max<std::int64_t>(0, s.deviceProcessBytes.value_or(0) - r.used - r.cache);
        r.others = std::max<std::int64_t>(0, s.deviceUsedBytes.value_or(0) - r.used - r.cache - r.rest);
        r.load = s.deviceLoad.value_or(-1);
        peak_ = std::max(peak_, s.allocatorPeakBytes.value_or(r.used));
    } else {
        r.used = s.processBytes;
        r.total = s.systemTotalBytes;
        r.others = std::max<std::int64_t>(0, s.systemTotalBytes - s.systemAvailableBytes - s.processBytes);
        r.load = s.cpuLoad / std::max(1U, d.cores);
        peak_ = std::max(peak_, r.used);
    }
    r.peak = peak_;
    r.budget = budgetGib_ > 0 ? static_cast<std::int64_t>(budgetGib_ * 1024.0 * 1024.0 * 1024.0) : 0;
    gauge_->push(r);
    QList<MemoryGauge::StagePeak> peaks;
    for (const auto& peak : telemetry_.stagePeaks()) {
        const auto bytes = gpu ? peak.allocatorPeakBytes.value_or(peak.devicePeakBytes.value_or(0)) : peak.processPeakBytes;
        peaks.push_back({stageTitle(peak.stage), bytes});
    }
    gauge_->setStagePeaks(peaks);
    use_->setText(tr("%1 · peak %2 · of %3").arg(formatBytes(r.used), formatBytes(r.peak), formatBytes(r.total)));
    use_->setToolTip(tr("Long mark: peak. Amber mark: budget. Small triangles: peaks of stages. Dotted curve: load."));
    QStringList words;
    for (const auto& part : gaugeParts(r)) {
        words << QStringLiteral("<span style='color:%1'>■</span>&nbsp;%2&nbsp;%3")
                     .arg(part.colour.name(), unbroken(part.name),
                          unbroken(formatBytes(part.bytes)));
    }
    words << QStringLiteral("<span style='color:%1'>□</span>&nbsp;%2&nbsp;%3")
                 .arg(tokens().dim.name(), unbroken(tr("free")), unbroken(formatBytes(r.free())));
    parts_->setText(words.join(QStringLiteral(" &nbsp; ")));
    if (gpu) {
        device_->setText(tr("%1 · load %2 %").arg(QString::fromStdString(d.gpu)).arg(s.deviceLoad.value_or(0) * 100, 0, 'f', 0));
    } else {
        device_->setText(tr("%1: CPU, %n cores, load %2 %", nullptr, static_cast<int>(d.cores))
                             .arg(d.gpu.empty() ? tr("No GPU found") : tr("GPU not in use"))
                             .arg(100 * s.cpuLoad / std::max(1U, d.cores), 0, 'f', 0));
    }
    summary_ = tr("%1 of %2").arg(formatBytes(r.used), formatBytes(r.budget > 0 ? r.budget : r.total));
    Q_EMIT summaryChanged(summary_);
}

} // namespace body4d::ui
