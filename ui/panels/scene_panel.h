#pragma once

#include <QWidget>

namespace body4d::ui {

class ActionRegistry;

/// What stands around the people, each with a tick: the same actions as in the View menu.
class ScenePanel : public QWidget {
    Q_OBJECT
public:
    explicit ScenePanel(const ActionRegistry& actions, QWidget* parent = nullptr);
};

} // namespace body4d::ui
