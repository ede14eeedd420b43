#pragma once

#include "ui/controllers/backend.h"
#include "ui/controllers/project_controller.h"
#include "ui/controllers/run_controller.h"

#include <QElapsedTimer>
#include <QWidget>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QFrame;
class QLabel;
class QProgressBar;
class QSlider;
class QSpinBox;

namespace body4d::ui {

class ActionRegistry;

/// Everything that a run depends on, with what it will cost; below, the running job.
class RunPanel : public QWidget {
    Q_OBJECT
public:
    RunPanel(ProjectController& project, RunController& run, const ActionRegistry& actions, std::vector<ModelEntry> models,
             QWidget* parent = nullptr);
    void focusBatch();

private:
    void load();
    void showProgress(const Progress& progress);
    void showEstimate();
    void showQueue();
    QComboBox* engineBox(const std::string& key, const std::string& stage);

    ProjectController& project_;
    RunController& run_;
    std::vector<ModelEntry> models_;
    QComboBox *segment_, *body_;
    QCheckBox *completion_, *footLock_;
    QSpinBox* batch_;
    QDoubleSpinBox *budget_, *smoothing_;
    QLabel *range_, *estimate_, *hint_;
    QFrame* card_;
    QLabel *cardTitle_, *cardDetail_;
    QProgressBar* cardBar_;
    QWidget* queue_;
    QElapsedTimer clock_;
    bool loading_ = false;
};

/// "Tracking", "Fitting bodies", ...: what a stage is called in front of people.
[[nodiscard]] QString stageTitle(const std::string& stage);

} // namespace body4d::ui
