#pragma once

#include "ui/timeline/lane_view.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QSpinBox;

namespace body4d::ui {

class ActionRegistry;

/// Transport, time code and lanes; the one time cursor of both views.
class TimelineWidget : public QWidget {
    Q_OBJECT
public:
    TimelineWidget(PlaybackController& playback, const ActionRegistry& actions, QWidget* parent = nullptr);
    [[nodiscard]] LaneView* lanes() const { return lanes_; }
    /// Puts the keyboard into the frame field.
    void editFrameNumber();

private:
    void refresh();
    PlaybackController& playback_;
    LaneView* lanes_;
    QLabel *time_, *total_, *range_;
    QSpinBox* frame_;
    QComboBox* speed_;
};

} // namespace body4d::ui
