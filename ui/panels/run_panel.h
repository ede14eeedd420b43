#pragma once

#include "ui/controllers/backend.h"
#include "ui/controllers/project_controller.h"
#include "ui/controllers/run_controller.h"

#include <QElapsedTimer>
#include <QWidget>

#include <map>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QFrame;
class QLabel;
class QProgressBar;
class QSpinBox;
class QToolButton;
class QVBoxLayout;

namespace body4d::ui {

class ActionRegistry;
class StageRow;

/// Everything that a run depends on, one row a stage, with what it will cost; below, the running job.
class RunPanel : public QWidget {
    Q_OBJECT
public:
    RunPanel(ProjectController& project, RunController& run, const ActionRegistry& actions, std::vector<ModelEntry> models,
             QWidget* parent = nullptr);
    void focusBatch();
    /// The catalogue has changed: a file was added.
    void setModels(const std::vector<ModelEntry>& models);
    /// What is to be known about the weights of the place, "RANDOM WEIGHTS"; empty: nothing.
    void setSceneNote(const QString& note);
    /// The same of the weights that bodies come from: of the tracker, of the camera's measure and of the body network.
    void setBodyNotes(const QString& segment, const QString& camera, const QString& body);
    /// The row of a stage; for tests. Null: no such stage.
    [[nodiscard]] StageRow* row(const std::string& stage) const;

private:
    void addStages(QVBoxLayout& column, const ActionRegistry& actions, const std::vector<ModelEntry>& models);
    void addCommon(QVBoxLayout& column);
    void addJob(QVBoxLayout& column, const ActionRegistry& actions);
    void load();
    void showProgress(const Progress& progress);
    void showEstimate();
    void showBatchHint();
    void showQueue();
    void addSceneFields(StageRow& row, const ActionRegistry& actions, const std::vector<ModelEntry>& models);
    void showScene();
    void showBody();
    [[nodiscard]] static QString missingScenes(const std::vector<ModelEntry>& models);

    ProjectController& project_;
    RunController& run_;
    std::map<std::string, StageRow*> rows_;
    QCheckBox *completion_ = nullptr, *footLock_ = nullptr, *hands_ = nullptr;
    QComboBox* scenePreset_ = nullptr;
    QToolButton *sceneWeights_ = nullptr, *sceneStart_ = nullptr;
    QString sceneMissing_; ///< what the row says while no weights are here at all
    QSpinBox* batch_ = nullptr;
    QDoubleSpinBox *budget_ = nullptr, *smoothing_ = nullptr;
    QLabel *range_ = nullptr, *estimate_ = nullptr, *batchHint_ = nullptr;
    QFrame* card_ = nullptr;
    QLabel *cardTitle_ = nullptr, *cardDetail_ = nullptr;
    QProgressBar* cardBar_ = nullptr;
    QWidget* queue_ = nullptr;
    QElapsedTimer clock_;
    bool loading_ = false;
};

/// "Segment", "Body", ...: a stage as the panel's rows are called.
[[nodiscard]] QString stageName(const std::string& stage);
/// "Tracking", "Fitting bodies", ...: what a stage is called in front of people.
[[nodiscard]] QString stageTitle(const std::string& stage);

} // namespace body4d::ui
