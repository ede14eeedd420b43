#pragma once

#include "ui/controllers/project_controller.h"
#include "ui/item_models/target_model.h"

#include <QWidget>

class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QListView;
class QSlider;

namespace body4d::ui {

class ActionRegistry;

/// The people: swatch, name, eye; below, what is known of the selected one and what only the person can tell.
class TargetPanel : public QWidget {
    Q_OBJECT
public:
    TargetPanel(ProjectController& project, TargetModel& model, const ActionRegistry& actions, QWidget* parent = nullptr);
    void refreshFacts();
    void renameSelected();

private:
    void onSelection(TargetId id);
    void publishTraits();

    ProjectController& project_;
    TargetModel& model_;
    QListView* list_;
    QWidget* details_;
    QLabel *detailsTitle_, *facts_;
    QDoubleSpinBox* height_;
    QComboBox *age_, *build_;
    bool loading_ = false;
};

} // namespace body4d::ui
