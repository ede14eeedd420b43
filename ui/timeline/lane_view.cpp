#include "ui/timeline/lane_view.h"

#include "ui/controllers/telemetry_controller.h"
#include "ui/theme.h"
#include "ui/timeline/film_strip.h"
#include "ui/timeline/lane_layout.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace body4d::ui {
using namespace lane_layout;

namespace {

constexpr double kFewestFrames = 12; ///< closest zoom

QString nameOf(LaneState state) {
    switch (state) {
    case LaneState::Absent: return LaneView::tr("absent");
    case LaneState::Tracked: return LaneView::tr("tracked, no body yet");
    case LaneState::Reconstructed: return LaneView::tr("tracked and reconstructed");
    case LaneState::Between: return LaneView::tr("tracked; the body lies between those of two other frames");
    case LaneState::Occluded: return LaneView::tr("hidden");
    case LaneState::Completed: return LaneView::tr("completed (a guess)");
    case LaneState::Failed: return LaneView::tr("failed");
    case LaneState::None: break;
    }
    return LaneView::tr("not processed");
}

QString nameOf(Doubt doubt) {
    switch (doubt) {
    case Doubt::Mask: return LaneView::tr("uncertain mask");
    case Doubt::Reprojection: return LaneView::tr("body beside the landmarks");
    case Doubt::Silhouette: return LaneView::tr("body beside the mask");
    case Doubt::Limbs: return LaneView::tr("limbs change their length");
    case Doubt::Slide: return LaneView::tr("a planted foot slides");
    case Doubt::Jump: return LaneView::tr("a sudden jump");
    case Doubt::Guess: return LaneView::tr("a guess");
    case Doubt::None: break;
    }
    return {};
}

} // namespace

LaneView::LaneView(PlaybackController& playback, QWidget* parent)
    : QWidget(parent), playback_(playback), strip_(new FilmStrip(this)) {
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Timeline"));
    setAccessibleDescription(tr("Lanes of all people; arrow keys step through the frames"));
    connect(&playback_, &PlaybackController::frameChanged, this, [this] {
        // While playing, the view follows the cursor when zoomed in.
        if (shown_ > 0 && playback_.playing()) {
            const auto f = static_cast<double>(playback_.frame());
            if (f < first_ || f > first_ + shown_) {
                first_ = f - 0.1 * shown_;
                clampView();
            }
        }
        update();
    });
    connect(&playback_, &PlaybackController::playingChanged, strip_, &FilmStrip::setPaused);
    connect(strip_, &FilmStrip::changed, this, [this] { update(0, kRuler, width(), kFrames + kGap); });
    connect(&playback_, &PlaybackController::rangeChanged, this, qOverload<>(&QWidget::update));
    connect(&playback_, &PlaybackController::videoChanged, this, [this] {
        zoomToFit();
        updateGeometry();
    });
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

QSize LaneView::minimumSizeHint() const {
    return {400, rowTop(static_cast<int>(std::max<std::size_t>(1, rows_.size()))) + kQuality + 6};
}
QSize LaneView::sizeHint() const {
    constexpr std::size_t kUsualRows = 3;
    return {800, rowTop(static_cast<int>(std::max(kUsualRows, rows_.size()))) + kQuality + 6};
}

int LaneView::rowTop(int row) const { return kRuler + kFrames + 2 * kGap + row * (kLane + kGap); }

int LaneView::rowAt(int y) const {
    const int top = rowTop(0);
    if (y < top) {
        return -1;
    }
    const int row = (y - top) / (kLane + kGap);
    return row < static_cast<int>(rows_.size()) ? row : -1;
}

int LaneView::laneCentre(TargetId id) const {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        if (rows_[i].id == id) {
            return rowTop(static_cast<int>(i)) + kLane / 2;
        }
    }
    return -1;
}

double LaneView::xOf(double frame) const {
    const auto all = static_cast<double>(std::max<std::int64_t>(1, playback_.frameCount()));
    const double shown = shown_ > 0 ? shown_ : all;
    return kLabels + (frame - first_) / shown * (width() - kLabels - kRight);
}

double LaneView::frameAtX(double x) const {
    const auto all = static_cast<double>(std::max<std::int64_t>(1, playback_.frameCount()));
    const double shown = shown_ > 0 ? shown_ : all;
    return first_ + (x - kLabels) / std::max(1, width() - kLabels - kRight) * shown;
}

void LaneView::setRows(std::vector<Row> rows, TargetId selected) {
    if (rows == rows_ && selected == selected_) {
        return;
    }
    rows_ = std::move(rows);
    selected_ = selected;
    setMinimumHeight(minimumSizeHint().height());
    updateGeometry();
    update();
}

void LaneView::setLanes(const std::vector<Lane>& lanes) {
    lanes_ = lanes;
    bands_.clear();
    worst_.assign(static_cast<std::size_t>(playback_.frameCount()), -1);
    for (const auto& lane : lanes_) {
        bands_.push_back(bandsOf(lane));
        for (std::size_t i = 0; i < std::min(worst_.size(), lane.suspicion.size()); ++i) {
            worst_[i] = std::max(worst_[i], lane.suspicion[i]);
        }
    }
    update();
}

void LaneView::setEmptyText(const QString& text) {
    emptyText_ = text;
    update();
}

void LaneView::setCuts(std::vector<std::int64_t> cuts) {
    cuts_ = std::move(cuts);
    update();
}

void LaneView::setCachedFrames(std::vector<std::int64_t> frames) {
    std::sort(frames.begin(), frames.end());
    std::vector<std::pair<std::int64_t, std::int64_t>> bands;
    for (const auto f : frames) {
        if (!bands.empty() && bands.back().second == f) {
            bands.back().second = f + 1;
        } else {
            bands.emplace_back(f, f + 1);
        }
    }
    if (bands != cachedBands_) {
        cachedBands_ = std::move(bands);
        update(0, kRuler, width(), kFrames + kGap);
    }
}

void LaneView::clampView() {
    const auto all = static_cast<double>(playback_.frameCount());
    if (shown_ >= all || shown_ <= 0) {
        shown_ = 0;
        first_ = 0;
        return;
    }
    first_ = std::clamp(first_, 0.0, all - shown_);
}

void LaneView::zoomBy(double factor, double anchorFrame) {
    const auto all = static_cast<double>(playback_.frameCount());
    const double shown = shown_ > 0 ? shown_ : all;
    const double wanted = std::clamp(shown / factor, std::min(all, kFewestFrames), all);
    first_ = anchorFrame - (anchorFrame - first_) * wanted / std::max(1e-9, shown);
    shown_ = wanted;
    clampView();
    update();
}

void LaneView::zoomToRange() {
    const auto range = playback_.range();
    const auto all = static_cast<double>(playback_.frameCount());
    const double margin = 0.03 * static_cast<double>(range.size());
    if (shown_ > 0 || static_cast<double>(range.size()) + 2 * margin >= all) {
        zoomToFit(); // a second time: the whole video
        return;
    }
    shown_ = std::clamp(static_cast<double>(range.size()) + 2 * margin, std::min(all, kFewestFrames), all);
    first_ = static_cast<double>(range.begin) - margin;
    clampView();
    update();
}

void LaneView::zoomToFit() {
    first_ = shown_ = 0;
    update();
}

QString LaneView::describe(QPoint at) const {
    const auto frame = static_cast<std::int64_t>(std::floor(frameAtX(at.x())));
    if (frame < 0 || frame >= playback_.frameCount() || at.x() < kLabels) {
        return {};
    }
    QString text = tr("Frame %1 · %2").arg(frame).arg(formatTimecode(playback_.secondsAt(frame)));
    const int row = rowAt(at.y());
    if (row >= 0) {
        const auto& r = rows_[static_cast<std::size_t>(row)];
        text += QStringLiteral("\n%1: ").arg(r.name);
        LaneState state = LaneState::None;
        Doubt doubt = Doubt::None;
        bool stale = false;
        for (const auto& lane : lanes_) {
            if (lane.id == r.id && frame < static_cast<std::int64_t>(lane.states.size())) {
                state = lane.states[static_cast<std::size_t>(frame)];
                stale = lane.stale[static_cast<std::size_t>(frame)] != 0;
                if (lane.suspicion[static_cast<std::size_t>(frame)] >= 0.25F) {
                    doubt = lane.doubts[static_cast<std::size_t>(frame)];
                }
            }
        }
        text += nameOf(state) + (stale ? tr(", outdated by an edit") : QString());
        if (doubt != Doubt::None && doubt != Doubt::Guess) {
            text += QStringLiteral("\n") + tr("look at it: %1").arg(nameOf(doubt));
        }
        if (std::find(r.prompts.begin(), r.prompts.end(), frame) != r.prompts.end()) {
            text += tr(", clicked here");
        }
    }
    return text;
}

bool LaneView::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const QString text = describe(help->pos());
        text.isEmpty() ? QToolTip::hideText() : QToolTip::showText(help->globalPos(), text, this);
        return true;
    }
    return QWidget::event(event);
}

void LaneView::mousePressEvent(QMouseEvent* event) {
    if (playback_.frameCount() == 0) {
        return;
    }
    const QPointF p = event->position();
    const int row = rowAt(static_cast<int>(p.y()));
    if (row >= 0) {
        Q_EMIT targetClicked(rows_[static_cast<std::size_t>(row)].id);
    }
    if (p.x() < kLabels - 6) {
        return;
    }
    if (event->button() == Qt::MiddleButton) {
        drag_ = Drag::Pan;
        panStartX_ = p.x();
        panStartFirst_ = first_;
        return;
    }
    if (event->button() != Qt::LeftButton) {
        return;
    }
    const auto range = playback_.range();
    if (p.y() <= kRuler) {
        if (range.begin > 0 && std::abs(p.x() - xOf(static_cast<double>(range.begin))) < 7) {
            drag_ = Drag::In;
            return;
        }
        if (range.end < playback_.frameCount() && std::abs(p.x() - xOf(static_cast<double>(range.end))) < 7) {
            drag_ = Drag::Out;
            return;
        }
    }
    drag_ = Drag::Scrub;
    auto frame = static_cast<std::int64_t>(std::floor(frameAtX(p.x())));
    if (row >= 0) { // dots are small: they catch what comes close
        for (const auto prompt : rows_[static_cast<std::size_t>(row)].prompts) {
            if (std::abs(xOf(static_cast<double>(prompt) + 0.5) - p.x()) < 7) {
                frame = prompt;
            }
        }
    }
    Q_EMIT scrubbed(frame);
}

void LaneView::mouseMoveEvent(QMouseEvent* event) {
    const double x = event->position().x();
    const auto frame = static_cast<std::int64_t>(std::floor(frameAtX(x)));
    switch (drag_) {
    case Drag::Scrub: Q_EMIT scrubbed(frame); break;
    case Drag::In: Q_EMIT rangeDragged(std::clamp<qint64>(frame, 0, playback_.range().end - 1), playback_.range().end); break;
    case Drag::Out:
        Q_EMIT rangeDragged(playback_.range().begin,
                            std::clamp<qint64>(frame + 1, playback_.range().begin + 1, playback_.frameCount()));
        break;
    case Drag::Pan: {
        const double shown = shown_ > 0 ? shown_ : static_cast<double>(playback_.frameCount());
        first_ = panStartFirst_ - (x - panStartX_) / std::max(1, width() - kLabels - kRight) * shown;
        clampView();
        update();
        break;
    }
    case Drag::None: break;
    }
}

void LaneView::mouseReleaseEvent(QMouseEvent*) { drag_ = Drag::None; }

void LaneView::wheelEvent(QWheelEvent* event) {
    const double steps = event->angleDelta().y() / 120.0;
    if (event->modifiers().testFlag(Qt::ControlModifier)) {
        zoomBy(std::pow(1.25, steps), frameAtX(event->position().x()));
        event->accept();
    } else if (event->modifiers().testFlag(Qt::ShiftModifier) && shown_ > 0) {
        first_ -= steps * shown_ * 0.1;
        clampView();
        update();
        event->accept();
    } else {
        event->ignore(); // the scroll area around
    }
}

} // namespace body4d::ui
