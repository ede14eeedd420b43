#include "ui/frame/mask_overlay.h"

#include <QPainter>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace body4d::ui {
namespace {

constexpr int kSmallestOutline = 24; ///< edges; smaller ones are specks
constexpr double kTolerance = 0.6;

/// Douglas-Peucker on an open chain, marking what stays.
void simplify(const QPolygonF& points, std::vector<char>& keep) {
    std::vector<std::pair<int, int>> stack{{0, static_cast<int>(points.size()) - 1}};
    while (!stack.empty()) {
        const auto [first, last] = stack.back();
        stack.pop_back();
        const QPointF a = points[first], ab = points[last] - a;
        const double length = std::hypot(ab.x(), ab.y());
        double worst = kTolerance;
        int at = -1;
        for (int i = first + 1; i < last; ++i) {
            const QPointF ap = points[i] - a;
            const double distance =
                length > 0 ? std::abs(ab.x() * ap.y() - ab.y() * ap.x()) / length : std::hypot(ap.x(), ap.y());
            if (distance > worst) {
                worst = distance;
                at = i;
            }
        }
        if (at > 0) {
            keep[static_cast<std::size_t>(at)] = 1;
            stack.emplace_back(first, at);
            stack.emplace_back(at, last);
        }
    }
}

QPolygonF simplified(const QPolygonF& points) {
    if (points.size() < 4) {
        return points;
    }
    std::vector<char> keep(static_cast<std::size_t>(points.size()), 0);
    keep.front() = keep.back() = 1;
    simplify(points, keep);
    QPolygonF result;
    for (int i = 0; i < points.size(); ++i) {
        if (keep[static_cast<std::size_t>(i)]) {
            result.push_back(points[i]);
        }
    }
    return result;
}

} // namespace

std::vector<QPolygonF> traceOutline(const QImage& coverage, QPoint origin) {
    const int w = coverage.width(), h = coverage.height();
    const auto inside = [&](int x, int y) {
        return x >= 0 && y >= 0 && x < w && y < h && coverage.constScanLine(y)[x] >= 128;
    };
    std::vector<char> seen(static_cast<std::size_t>(w) * h, 0); // top edges already walked
    std::vector<QPolygonF> outlines;
    // Cracks between pixels are followed with the inside on the right hand; d: 0 right, 1 down, 2 left, 3 up.
    constexpr int kStepX[4] = {1, 0, -1, 0}, kStepY[4] = {0, 1, 0, -1};
    // Pixels left and right of the way on, relative to the corner just reached.
    constexpr int kLeftX[4] = {0, 0, -1, -1}, kLeftY[4] = {-1, 0, 0, -1};
    constexpr int kRightX[4] = {0, -1, -1, 0}, kRightY[4] = {0, 0, -1, -1};
    for (int y = 0; y < h; ++y) {
        for (int x = 0; x < w; ++x) {
            if (!inside(x, y) || inside(x, y - 1) || seen[static_cast<std::size_t>(y) * w + x]) {
                continue;
            }
            QPolygonF points;
            int cx = x, cy = y, d = 0;
            do {
                if (d == 0) {
                    seen[static_cast<std::size_t>(cy) * w + cx] = 1;
                }
                // Edge centres instead of corners: stairs become slopes.
                points.push_back(QPointF(origin.x() + cx + 0.5 * kStepX[d], origin.y() + cy + 0.5 * kStepY[d]));
                cx += kStepX[d];
                cy += kStepY[d];
                if (inside(cx + kLeftX[d], cy + kLeftY[d])) {
                    d = (d + 3) % 4;
                } else if (!inside(cx + kRightX[d], cy + kRightY[d])) {
                    d = (d + 1) % 4;
                }
            } while (cx != x || cy != y || d != 0);
            if (points.size() >= kSmallestOutline) {
                outlines.push_back(simplified(points));
            }
        }
    }
    return outlines;
}

MaskOverlay makeOverlay(const RleMask& mask) {
    MaskOverlay overlay;
    if (mask.empty() || mask.height <= 0) {
        return overlay;
    }
    const auto height = static_cast<std::uint32_t>(mask.height);
    std::uint32_t position = 0;
    int x0 = mask.width, x1 = -1, y0 = mask.height, y1 = -1;
    const auto eachRun = [&](auto&& fn) {
        position = 0;
        bool set = false;
        for (const auto count : mask.counts) {
            if (set && count > 0) {
                fn(position, position + count);
            }
            position += count;
            set = !set;
        }
    };
    eachRun([&](std::uint32_t begin, std::uint32_t end) {
        const int first = static_cast<int>(begin / height), last = static_cast<int>((end - 1) / height);
        x0 = std::min(x0, first);
        x1 = std::max(x1, last);
        if (first != last) {
            y0 = 0;
            y1 = mask.height - 1;
        } else {
            y0 = std::min(y0, static_cast<int>(begin % height));
            y1 = std::max(y1, static_cast<int>((end - 1) % height));
        }
    });
    if (x1 < x0 || x1 >= mask.width) {
        return overlay;
    }
    overlay.box = QRect(QPoint(x0, y0), QPoint(x1, y1));
    overlay.coverage = QImage(overlay.box.size(), QImage::Format_Alpha8);
    overlay.coverage.fill(0);
    uchar* bits = overlay.coverage.bits();
    const auto stride = overlay.coverage.bytesPerLine();
    eachRun([&](std::uint32_t begin, std::uint32_t end) {
        for (auto i = begin; i < end; ++i) {
            bits[(static_cast<int>(i % height) - y0) * stride + static_cast<int>(i / height) - x0] = 255;
        }
    });
    overlay.outline = traceOutline(overlay.coverage, overlay.box.topLeft());
    return overlay;
}

QImage composePicture(const FrameSnapshot& frame, const CanvasView& view) {
    QImage picture(view.devicePixels, QImage::Format_RGB32);
    if (picture.isNull() || view.source.isEmpty() || frame.image.isNull()) {
        return {};
    }
    picture.fill(Qt::black);
    const double sx = picture.width() / view.source.width(), sy = picture.height() / view.source.height();
    const QRectF whole(0, 0, frame.image.width(), frame.image.height());
    const QRectF shown = whole.intersected(view.source);
    if (shown.isEmpty()) {
        return picture;
    }
    QPainter painter(&picture);
    const QRectF target((shown.x() - view.source.x()) * sx, (shown.y() - view.source.y()) * sy, shown.width() * sx,
                        shown.height() * sy);
    if (sx < 0.95 && shown == whole) {
        // Area averaging: thin things do not flicker while playing.
        const QRect aligned = target.toAlignedRect().intersected(picture.rect());
        painter.drawImage(aligned.topLeft(),
                          frame.image.scaled(aligned.size(), Qt::IgnoreAspectRatio, Qt::SmoothTransformation));
    } else {
        // From twice the size on, pixels may be seen as such.
        painter.setRenderHint(QPainter::SmoothPixmapTransform, sx < 3);
        painter.drawImage(target, frame.image, shown);
    }
    painter.setRenderHint(QPainter::SmoothPixmapTransform, true);
    painter.translate(-view.source.x() * sx, -view.source.y() * sy);
    painter.scale(sx, sy);
    for (const auto& t : frame.targets) {
        const auto style = view.styles.find(t.id);
        if (t.mask.box.isEmpty() || style == view.styles.end() || !style->second.visible) {
            continue;
        }
        QImage tint(t.mask.coverage.size(), QImage::Format_ARGB32_Premultiplied);
        QColor colour = style->second.colour;
        const double opacity = t.state == FrameState::Completed ? 0.6 * view.maskOpacity : view.maskOpacity;
        const auto alpha = static_cast<int>(std::lround(opacity * 255));
        const QRgb full = qPremultiply(qRgba(colour.red(), colour.green(), colour.blue(), alpha));
        for (int y = 0; y < tint.height(); ++y) {
            const uchar* in = t.mask.coverage.constScanLine(y);
            auto* out = reinterpret_cast<QRgb*>(tint.scanLine(y));
            for (int x = 0; x < tint.width(); ++x) {
                out[x] = in[x] >= 128 ? full : 0;
            }
        }
        painter.drawImage(QRectF(t.mask.box), tint, QRectF(tint.rect()));
    }
    return picture;
}

} // namespace body4d::ui
