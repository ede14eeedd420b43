#include "ui/controllers/telemetry_controller.h"
#include "ui/theme.h"
#include "ui/timeline/film_strip.h"
#include "ui/timeline/lane_layout.h"
#include "ui/timeline/lane_view.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <array>
#include <cmath>

namespace body4d::ui {
using namespace lane_layout;

namespace {

constexpr int kDoubt = 3, kCached = 3; ///< heights of the strips below lanes and frames
constexpr double kHead = 7;            ///< half the width of the play head
constexpr double kEdge = 3;            ///< of a lane whose body was not looked at

/// A pleasant step of time for marks at least `pixels` apart.
double niceStep(double secondsPerPixel, double pixels) {
    constexpr std::array<double, 16> steps{0.04, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600};
    for (const double s : steps) {
        if (s / secondsPerPixel >= pixels) {
            return s;
        }
    }
    return 7200;
}

} // namespace

void LaneView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const auto& t = tokens();
    painter.fillRect(rect(), t.panel);
    const QRect area(kLabels, 0, width() - kLabels - kRight, height());
    if (playback_.frameCount() == 0) {
        drawPlaceholder(painter);
        return;
    }
    drawRuler(painter, QRect(area.left(), 0, area.width(), kRuler));
    painter.setRenderHint(QPainter::Antialiasing);

    QFont small = font();
    small.setPointSizeF(std::max(7.5, font().pointSizeF() * 0.92));
    painter.setFont(small);

    drawFrames(painter, QRect(area.left(), kRuler + kGap - 4, area.width(), kFrames));

    for (std::size_t i = 0; i < rows_.size(); ++i) {
        const QRect lane(area.left(), rowTop(static_cast<int>(i)), area.width(), kLane);
        const auto found = std::find_if(lanes_.begin(), lanes_.end(), [&](const Lane& l) { return l.id == rows_[i].id; });
        static const std::vector<LaneBand> none;
        drawLane(painter, rows_[i],
                 found == lanes_.end() ? none : bands_[static_cast<std::size_t>(found - lanes_.begin())], lane);
        if (found != lanes_.end() && rows_[i].visible) {
            drawDoubt(painter, *found, QRect(lane.left(), lane.bottom() + 2, lane.width(), kDoubt));
        }
    }
    if (rows_.empty() && playback_.frameCount() > 0) {
        painter.setPen(t.dim);
        painter.drawText(QRect(area.left() + 4, rowTop(0), area.width(), kLane), Qt::AlignVCenter | Qt::AlignLeft,
                         emptyText_);
    }
    drawQuality(painter, QRect(area.left(), rowTop(static_cast<int>(std::max<std::size_t>(1, rows_.size()))), area.width(),
                               kQuality));

    if (playback_.frameCount() == 0) {
        return;
    }
    painter.setClipRect(area.adjusted(-6, 0, 6, 0));
    // Outside of in and out: dimmed; the marks themselves can be dragged.
    const auto range = playback_.range();
    QColor veil = t.panel;
    veil.setAlpha(165);
    const double xIn = xOf(static_cast<double>(range.begin)), xOut = xOf(static_cast<double>(range.end));
    painter.setPen(Qt::NoPen);
    painter.setBrush(veil);
    if (range.begin > 0) {
        painter.drawRect(QRectF(area.left(), kRuler, xIn - area.left(), height() - kRuler));
    }
    if (range.end < playback_.frameCount()) {
        painter.drawRect(QRectF(xOut, kRuler, area.right() + 1 - xOut, height() - kRuler));
    }
    if (range.begin > 0 || range.end < playback_.frameCount()) {
        painter.setBrush(t.warning);
        QPainterPath in, out;
        in.addPolygon(QPolygonF{{xIn, kRuler - 9.0}, {xIn + 8, kRuler - 9.0}, {xIn, kRuler * 1.0}});
        out.addPolygon(QPolygonF{{xOut, kRuler - 9.0}, {xOut - 8, kRuler - 9.0}, {xOut, kRuler * 1.0}});
        painter.drawPath(in);
        painter.drawPath(out);
    }
    painter.setPen(QPen(t.dim, 1, Qt::DashLine));
    for (const auto cut : cuts_) {
        const double x = std::round(xOf(static_cast<double>(cut))) + 0.5;
        painter.drawLine(QPointF(x, kRuler), QPointF(x, height() - 4));
    }
    // The play head marks the middle of its frame.
    const double x = xOf(static_cast<double>(playback_.frame()) + 0.5);
    painter.setPen(QPen(t.text, 1.4));
    painter.drawLine(QPointF(x, 10), QPointF(x, height() - 2));
    painter.setPen(Qt::NoPen);
    painter.setBrush(t.text);
    painter.drawPolygon(QPolygonF{{x - 6, 4}, {x + 6, 4}, {x + 6, 10}, {x, 17}, {x - 6, 10}});
    if (hasFocus()) {
        painter.setClipping(false);
        painter.setPen(QPen(t.accent, 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void LaneView::drawPlaceholder(QPainter& painter) {
    const auto& t = tokens();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(blend(t.panel, t.lane, 0.75));
    const int wide = width() - kLabels - kRight;
    painter.drawRoundedRect(QRectF(kLabels, kRuler + kGap - 4, wide, kFrames), 3, 3);
    constexpr int kLanes = 3;
    for (int row = 0; row < kLanes; ++row) {
        painter.drawRoundedRect(QRectF(kLabels, rowTop(row), wide, kLane), 3, 3);
        painter.drawRoundedRect(QRectF(12, rowTop(row) + 2, 16, 16), 3.5, 3.5);
        painter.drawRoundedRect(QRectF(36, rowTop(row) + 6, 70 - 12 * row, 8), 3, 3);
    }
    painter.setPen(t.dim);
    painter.drawText(QRectF(kLabels, kRuler + kGap - 4, wide, kFrames), Qt::AlignCenter,
                     tr("The frames of the video and a lane for each person appear here."));
}

void LaneView::drawRuler(QPainter& painter, const QRect& area) {
    if (playback_.frameCount() == 0) {
        return;
    }
    const auto& t = tokens();
    QFont small = tabularFont(font());
    small.setPointSizeF(std::max(7.0, font().pointSizeF() * 0.84));
    painter.setFont(small);
    const double begin = playback_.secondsAt(static_cast<std::int64_t>(std::max(0.0, first_)));
    const double end = playback_.secondsAt(static_cast<std::int64_t>(std::ceil(frameAtX(area.right()))));
    const double perPixel = std::max(1e-9, (end - begin) / std::max(1, area.width()));
    const double step = niceStep(perPixel, 84);
    double free = area.left(); // from here on; where frames are held for long, ticks stand close together
    const double head = xOf(static_cast<double>(playback_.frame()) + 0.5);
    for (double s = std::ceil(begin / step) * step; s <= end + 1e-9; s += step) {
        const double x = std::round(xOf(static_cast<double>(playback_.frameAt(s)))) + 0.5;
        painter.setPen(t.line);
        painter.drawLine(QPointF(x, area.bottom() - 5), QPointF(x, area.bottom()));
        painter.setPen(t.dim);
        const QString text = step < 1 ? QStringLiteral("%L1 s").arg(s, 0, 'f', step < 0.1 ? 2 : 1) : formatDuration(s);
        const int textWidth = 70;
        const int words = painter.fontMetrics().horizontalAdvance(text);
        // Half a number beside the play head reads as another one.
        const bool covered = head + kHead > x + 4 && head - kHead < x + 4 + words;
        if (x >= free && x + 3 + textWidth < area.right() + kRight && !covered) {
            free = x + 10 + words;
            painter.drawText(QRectF(x + 4, area.top() + 2, textWidth, area.height() - 4), Qt::AlignLeft | Qt::AlignVCenter,
                             text);
        }
    }
}

void LaneView::drawFrames(QPainter& painter, const QRect& area) {
    const auto& t = tokens();
    painter.setPen(t.dim);
    painter.drawText(QRect(12, area.top(), kLabels - 20, area.height()), Qt::AlignVCenter | Qt::AlignLeft, tr("Frames"));
    painter.setPen(Qt::NoPen);
    painter.setBrush(t.lane);
    painter.drawRoundedRect(area, 3, 3);
    painter.save();
    painter.setClipRect(area);
    const int height = area.height() - kCached - 1;
    const double slot = height * strip_->aspect();
    if (slot > 8 && playback_.frameCount() > 0) {
        const auto last = playback_.frameCount() - 1;
        const double end = std::min<double>(area.right() + 1, xOf(static_cast<double>(playback_.frameCount())));
        const auto slack = static_cast<std::int64_t>(std::max(0.0, (frameAtX(slot) - frameAtX(0)) / 2));
        std::vector<std::int64_t> wanted;
        for (double x = area.left(); x < end; x += slot) {
            const auto frame = std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(frameAtX(x + slot / 2))), 0, last);
            wanted.push_back(frame);
            if (const auto picture = strip_->picture(frame, slack); !picture.isNull()) {
                painter.drawPixmap(QRectF(x, area.top(), slot - 1, height), picture, QRectF(picture.rect()));
            }
        }
        strip_->want(wanted, height, devicePixelRatioF());
    }
    painter.setBrush(blend(t.lane, t.ok, t.dark ? 0.55 : 0.65));
    for (const auto& [begin, end] : cachedBands_) {
        painter.drawRect(QRectF(QPointF(xOf(static_cast<double>(begin)), area.bottom() + 1 - kCached),
                                QPointF(xOf(static_cast<double>(end)), area.bottom() + 1)));
    }
    painter.restore();
}

void LaneView::drawDoubt(QPainter& painter, const Lane& lane, const QRect& area) {
    const auto& t = tokens();
    painter.setRenderHint(QPainter::Antialiasing, false);
    // One column per two pixels: the worst of its frames.
    for (int x = area.left(); x <= area.right(); x += 2) {
        const auto a = static_cast<std::int64_t>(std::floor(frameAtX(x)));
        const auto b = std::max(a + 1, static_cast<std::int64_t>(std::ceil(frameAtX(x + 2))));
        float worst = -1;
        for (auto f = std::max<std::int64_t>(0, a); f < std::min<std::int64_t>(b, std::ssize(lane.suspicion)); ++f) {
            worst = std::max(worst, lane.suspicion[static_cast<std::size_t>(f)]);
        }
        if (worst >= 0.12F) {
            const QColor colour = worst < 0.6F ? blend(t.panel, t.warning, 0.25 + 1.25 * worst) : blend(t.warning, t.error, (worst - 0.6) / 0.4);
            painter.fillRect(QRect(x, area.top(), 2, area.height()), colour);
        }
    }
    painter.setRenderHint(QPainter::Antialiasing);
}

void LaneView::drawLane(QPainter& painter, const Row& row, const std::vector<LaneBand>& bands, const QRect& area) {
    const auto& t = tokens();
    const bool chosen = row.id == selected_;
    if (chosen) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(blend(t.panel, t.raised, 0.9));
        painter.drawRoundedRect(QRect(6, area.top() - 2, kLabels - 12, area.height() + 4), 4, 4);
    }
    painter.setPen(Qt::NoPen);
    painter.setBrush(row.colour);
    const QRectF swatch(12, area.center().y() - 7, 16, 16);
    painter.drawRoundedRect(swatch, 3.5, 3.5);
    const QFont usual = painter.font();
    QFont bold = usual;
    bold.setBold(true);
    bold.setPointSizeF(usual.pointSizeF() * (row.id < 10 ? 0.86 : 0.72));
    painter.setFont(bold);
    painter.setPen(readableOn(row.colour));
    painter.drawText(swatch, Qt::AlignCenter, QString::number(row.id));
    painter.setFont(usual);
    painter.setPen(chosen ? t.text : t.dim);
    painter.drawText(QRect(36, area.top(), kLabels - 46, area.height()), Qt::AlignVCenter | Qt::AlignLeft,
                     painter.fontMetrics().elidedText(row.name, Qt::ElideRight, kLabels - 50));
    painter.setPen(Qt::NoPen);
    painter.setBrush(t.lane);
    painter.drawRoundedRect(area, 3, 3);
    painter.save();
    QPainterPath clip;
    clip.addRoundedRect(area, 3, 3);
    painter.setClipPath(clip);
    if (!row.visible) {
        painter.setOpacity(0.4);
    }
    const QColor strong = row.colour, weak = blend(t.lane, row.colour, 0.45);
    for (const auto& band : bands) {
        const QRectF r(QPointF(xOf(static_cast<double>(band.begin)), area.top()),
                       QPointF(xOf(static_cast<double>(band.end)), area.bottom() + 1));
        if (r.right() < area.left() || r.left() > area.right()) {
            continue;
        }
        painter.setPen(Qt::NoPen);
        switch (band.state) {
        case LaneState::Tracked: painter.fillRect(r, weak); break;
        case LaneState::Reconstructed: painter.fillRect(r, strong); break;
        case LaneState::Between: // only the edges are as strong as what was measured
            painter.fillRect(r, blend(t.lane, row.colour, 0.62));
            painter.fillRect(QRectF(r.left(), r.top(), r.width(), kEdge), strong);
            painter.fillRect(QRectF(r.left(), r.bottom() - kEdge, r.width(), kEdge), strong);
            break;
        case LaneState::Occluded:
            painter.fillRect(r, blend(t.lane, row.colour, 0.18));
            painter.fillRect(r, QBrush(row.colour, Qt::FDiagPattern));
            break;
        case LaneState::Completed:
            painter.fillRect(r, blend(t.lane, row.colour, 0.72));
            painter.fillRect(r, QBrush(t.dark ? blend(t.lane, Qt::black, 0.35) : blend(row.colour, Qt::black, 0.55), Qt::BDiagPattern));
            break;
        case LaneState::Failed:
            painter.fillRect(r, blend(t.lane, t.error, 0.35));
            painter.fillRect(r, QBrush(t.error, Qt::DiagCrossPattern));
            break;
        case LaneState::Absent:
            painter.setPen(QPen(blend(t.lane, row.colour, 0.6), 1, Qt::DotLine));
            painter.drawLine(QPointF(r.left(), area.center().y() + 0.5), QPointF(r.right(), area.center().y() + 0.5));
            break;
        case LaneState::None: break;
        }
        if (band.stale) {
            painter.fillRect(r, QColor(t.lane.red(), t.lane.green(), t.lane.blue(), 120));
            painter.fillRect(r, QBrush(t.warning, Qt::Dense6Pattern));
            painter.fillRect(QRectF(r.left(), r.bottom() - 2.5, r.width(), 2.5), t.warning);
        }
    }
    painter.restore();
    for (const auto frame : row.prompts) {
        const QPointF at(xOf(static_cast<double>(frame) + 0.5), area.center().y() + 0.5);
        if (at.x() < area.left() - 1 || at.x() > area.right() + 1) {
            continue;
        }
        painter.setPen(QPen(QColor(0x14161A), 1.6));
        painter.setBrush(Qt::white);
        painter.drawEllipse(at, 4.2, 4.2);
    }
}

void LaneView::drawQuality(QPainter& painter, const QRect& area) {
    const auto& t = tokens();
    painter.setPen(t.dim);
    painter.drawText(QRect(12, area.top(), kLabels - 20, area.height()), Qt::AlignVCenter | Qt::AlignLeft, tr("Suspicion"));
    painter.setPen(QPen(t.line, 1));
    painter.drawLine(area.left(), area.bottom(), area.right(), area.bottom());
    if (worst_.empty()) {
        return;
    }
    // One column per pixel: the worst of its frames.
    QPainterPath path, hill;
    bool open = false;
    const auto close = [&](double x) {
        if (open) {
            hill.lineTo(x, area.bottom());
            hill.closeSubpath();
        }
        open = false;
    };
    for (int x = area.left(); x <= area.right(); ++x) {
        const auto a = static_cast<std::int64_t>(std::floor(frameAtX(x)));
        const auto b = std::max(a + 1, static_cast<std::int64_t>(std::ceil(frameAtX(x + 1))));
        float value = -1;
        for (auto f = std::max<std::int64_t>(0, a); f < std::min<std::int64_t>(b, static_cast<std::int64_t>(worst_.size())); ++f) {
            value = std::max(value, worst_[static_cast<std::size_t>(f)]);
        }
        if (value < 0) {
            close(x - 1);
            continue;
        }
        const QPointF p(x, area.bottom() - 1 - value * (area.height() - 6));
        if (open) {
            path.lineTo(p);
        } else {
            path.moveTo(p);
            hill.moveTo(x, area.bottom());
        }
        hill.lineTo(p);
        open = true;
    }
    close(area.right());
    // The higher, the hotter; filled, so that a plateau does not read as a rule.
    QLinearGradient heat(0, area.bottom(), 0, area.top());
    QColor calm = t.warning, hot = t.error;
    calm.setAlpha(20);
    hot.setAlpha(120);
    heat.setColorAt(0, calm);
    heat.setColorAt(1, hot);
    painter.fillPath(hill, heat);
    painter.setPen(QPen(t.warning, 1.2));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(path);
}

} // namespace body4d::ui
