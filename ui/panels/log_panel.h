#pragma once

#include <QWidget>

namespace body4d::ui {

class LogModel;

/// The log, newest last, with a button that copies it.
class LogPanel : public QWidget {
    Q_OBJECT
public:
    explicit LogPanel(LogModel& model, QWidget* parent = nullptr);
};

} // namespace body4d::ui
