#include "ui/timeline/timeline_widget.h"

#include "ui/action_registry.h"
#include "ui/controllers/telemetry_controller.h"
#include "ui/icons.h"
#include "ui/panels/widgets.h"
#include "ui/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <cmath>

namespace body4d::ui {
namespace {
constexpr std::array<double, 6> kSpeeds{0.25, 0.5, 1, 2, 4, 8};
} // namespace

TimelineWidget::TimelineWidget(PlaybackController& playback, const ActionRegistry& actions, QWidget* parent)
    : QWidget(parent), playback_(playback) {
    setObjectName(QStringLiteral("timeline"));
    setAttribute(Qt::WA_StyledBackground);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(10, 6, 14, 4);
    bar->setSpacing(4);
    for (const auto* id : {"playback.first", "playback.back", "playback.toggle", "playback.forward", "playback.last"}) {
        bar->addWidget(actionButton(actions.action(QLatin1String(id))));
    }
    bar->addSpacing(8);
    time_ = new QLabel;
    time_->setObjectName(QStringLiteral("title"));
    time_->setFont(tabularFont(font()));
    time_->setAccessibleName(tr("Time"));
    total_ = dimLabel({});
    total_->setFont(tabularFont(font()));
    bar->addWidget(time_);
    bar->addWidget(total_);
    bar->addSpacing(12);
    bar->addWidget(dimLabel(tr("Frame")));
    frame_ = new QSpinBox;
    frame_->setButtonSymbols(QAbstractSpinBox::NoButtons);
    frame_->setAccessibleName(tr("Frame number"));
    frame_->setToolTip(tr("Type a frame number (G)"));
    frame_->setKeyboardTracking(false);
    frame_->setFocusPolicy(Qt::ClickFocus);
    frame_->setFixedWidth(72);
    bar->addWidget(frame_);
    range_ = dimLabel({});
    range_->setFont(tabularFont(font()));
    bar->addWidget(range_);
    bar->addStretch(1);
    speed_ = new QComboBox;
    speed_->setAccessibleName(tr("Playback speed"));
    speed_->setToolTip(tr("Playback speed (J, K, L)"));
    speed_->setFocusPolicy(Qt::TabFocus);
    for (const double s : kSpeeds) {
        speed_->addItem(QStringLiteral("%L1×").arg(s), s);
    }
    speed_->setCurrentIndex(2);
    bar->addWidget(speed_);
    for (const auto* id : {"playback.sound", "playback.loop", "playback.in", "playback.out", "playback.nextWorst"}) {
        auto* button = actionButton(actions.action(QLatin1String(id)));
        if (QLatin1String(id) == QLatin1String("playback.sound")) {
            button->setObjectName(QStringLiteral("quiet")); // its picture says whether it is on
        }
        bar->addWidget(button);
    }
    column->addLayout(bar);

    lanes_ = new LaneView(playback);
    auto* scroll = new QScrollArea;
    scroll->setWidget(lanes_);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    column->addWidget(scroll, 1);

    connect(frame_, &QSpinBox::valueChanged, this, [this](int value) { playback_.setFrame(value); });
    connect(frame_, &QSpinBox::editingFinished, lanes_, [this] { lanes_->setFocus(); });
    connect(speed_, &QComboBox::activated, this, [this](int i) {
        playback_.setSpeed(speed_->itemData(i).toDouble() * (playback_.speed() < 0 ? -1 : 1));
    });
    connect(&playback_, &PlaybackController::frameChanged, this, &TimelineWidget::refresh);
    connect(&playback_, &PlaybackController::videoChanged, this, &TimelineWidget::refresh);
    connect(&playback_, &PlaybackController::rangeChanged, this, &TimelineWidget::refresh);
    connect(&playback_, &PlaybackController::speedChanged, this, [this](double s) {
        const auto it = std::find(kSpeeds.begin(), kSpeeds.end(), std::abs(s));
        if (it != kSpeeds.end()) {
            speed_->setCurrentIndex(static_cast<int>(it - kSpeeds.begin()));
        }
    });
    refresh();
}

void TimelineWidget::editFrameNumber() {
    frame_->setFocus(Qt::ShortcutFocusReason);
    frame_->selectAll();
}

void TimelineWidget::refresh() {
    const auto count = playback_.frameCount();
    setEnabled(count > 0);
    time_->setText(formatTimecode(playback_.secondsAt(playback_.frame())));
    total_->setText(QStringLiteral("/ %1").arg(formatTimecode(playback_.durationSeconds())));
    const QSignalBlocker quiet(frame_);
    frame_->setRange(0, static_cast<int>(std::max<std::int64_t>(0, count - 1)));
    frame_->setValue(static_cast<int>(playback_.frame()));
    QString text = tr("/ %1").arg(count);
    if (playback_.fps() > 0) {
        text += tr("  ·  %1 fps").arg(playback_.fps(), 0, 'g', 4);
    }
    const auto range = playback_.range();
    if (range.begin > 0 || range.end < count) {
        text += tr("  ·  in %1 – out %2").arg(range.begin).arg(range.end - 1);
    }
    range_->setText(text);
}

} // namespace body4d::ui
