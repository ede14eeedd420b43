#pragma once

#include <QWidget>

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QSlider;
class QVBoxLayout;

namespace body4d::ui {

class ActionRegistry;
class ProjectController;
class ViewportWidget;

/// What stands around the people: ticks (the same actions as in the View menu), the camera's field of view, models from
/// files, and how points look. What has nothing to show hides.
class ScenePanel : public QWidget {
    Q_OBJECT
public:
    ScenePanel(const ActionRegistry& actions, ProjectController& project, ViewportWidget& view, QWidget* parent = nullptr);

    /// A reconstructed place is there for the first time: hides what its network is least sure of, as its authors'
    /// program does, unless the person has chosen.
    void sceneArrived();

Q_SIGNALS:
    /// A model is to be read again with another axis up; values of UpAxis.
    void upAxisRequested(int model, int up);

private:
    void addCamera(QVBoxLayout* column);
    void addPoints(QVBoxLayout* column);
    void refreshModels();
    void refreshCamera();
    void refreshPoints();
    void applyStyle();

    ProjectController& project_;
    ViewportWidget& view_;
    QWidget *camera_ = nullptr, *models_ = nullptr, *points_ = nullptr;
    QVBoxLayout* modelRows_ = nullptr;
    QDoubleSpinBox* fov_ = nullptr;
    QLabel *focal_ = nullptr, *cutLabel_ = nullptr;
    QSlider *size_ = nullptr, *cut_ = nullptr;
    QComboBox* paint_ = nullptr;
};

} // namespace body4d::ui
