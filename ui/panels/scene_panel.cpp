#include "ui/panels/scene_panel.h"

#include "scene/foreign_scene.h"
#include "ui/action_registry.h"
#include "ui/controllers/project_controller.h"
#include "ui/controllers/result_cache.h"
#include "ui/panels/widgets.h"
#include "ui/viewport/imported_model.h"
#include "ui/viewport/viewport_widget.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QGridLayout>
#include <QLabel>
#include <QMenu>
#include <QSlider>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace body4d::ui {
namespace {

constexpr double kSizeStep = 0.5; ///< pixels a step of the slider
constexpr const char* kFovKey = "camera.fov_degrees";
constexpr double kFullFrameMm = 36; ///< longer side of the sensor that "equivalent" lengths speak of

QSlider* slider(const QString& name, int low, int high, int value) {
    auto* made = new QSlider(Qt::Horizontal);
    made->setRange(low, high);
    made->setValue(value);
    made->setAccessibleName(name);
    made->setFocusPolicy(Qt::TabFocus);
    return made;
}

} // namespace

ScenePanel::ScenePanel(const ActionRegistry& actions, ProjectController& project, ViewportWidget& view, QWidget* parent)
    : QWidget(parent), project_(project), view_(view) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 8, 12, 8);
    column->setSpacing(7);
    column->addWidget(headingLabel(tr("Scene")));
    auto* boxes = new QGridLayout; // in two columns: the panel shares its height with the people
    boxes->setHorizontalSpacing(8);
    boxes->setVerticalSpacing(7);
    column->addLayout(boxes);
    int at = 0;
    for (const auto* id : {"view.grid", "view.cameras", "view.trails", "view.masks", "view.cloud", "view.skeleton"}) {
        auto* action = actions.action(QLatin1String(id));
        auto* box = new QCheckBox(withoutMnemonic(action->text()));
        box->setToolTip(action->toolTip());
        box->setChecked(action->isChecked());
        box->setFocusPolicy(Qt::TabFocus);
        connect(box, &QCheckBox::clicked, action, &QAction::trigger);
        connect(action, &QAction::toggled, box, &QCheckBox::setChecked);
        boxes->addWidget(box, at / 2, at % 2);
        ++at;
    }
    addCamera(column);
    models_ = new QWidget;
    modelRows_ = new QVBoxLayout(models_);
    modelRows_->setContentsMargins(0, 6, 0, 0);
    modelRows_->setSpacing(4);
    column->addWidget(models_);
    addPoints(column);
    connect(&view_, &ViewportWidget::modelsChanged, this, &ScenePanel::refreshModels);
    connect(&project_, &ProjectController::documentChanged, this, &ScenePanel::refreshCamera);
    connect(&project_, &ProjectController::opened, this, &ScenePanel::refreshCamera);
    connect(&project_, &ProjectController::resultsChanged, this, &ScenePanel::refreshCamera);
    connect(&project_, &ProjectController::closed, this, &ScenePanel::refreshCamera);
    refreshModels();
    refreshCamera();
}

void ScenePanel::addCamera(QVBoxLayout* column) {
    camera_ = new QWidget;
    auto* form = new QFormLayout(camera_);
    form->setContentsMargins(0, 6, 0, 0);
    form->setVerticalSpacing(3);
    fov_ = new QDoubleSpinBox;
    fov_->setObjectName(QStringLiteral("fieldOfView"));
    fov_->setAccessibleName(tr("Field of view of the video's camera"));
    fov_->setToolTip(tr("Of the picture's longer side. Bodies and ground are computed from it: a run brings them up to date."));
    fov_->setRange(5, 170);
    fov_->setDecimals(1);
    fov_->setSingleStep(1);
    fov_->setSuffix(QStringLiteral("°"));
    fov_->setKeyboardTracking(false);
    fov_->setFocusPolicy(Qt::StrongFocus);
    focal_ = dimLabel({});
    focal_->setWordWrap(true);
    form->addRow(tr("Field of view"), fov_);
    form->addRow(focal_);
    column->addWidget(camera_);
    connect(fov_, &QDoubleSpinBox::valueChanged, this, [this](double degrees) { project_.setOption(kFovKey, degrees); });
}

void ScenePanel::refreshCamera() {
    camera_->setVisible(project_.isOpen());
    if (!project_.isOpen()) {
        return;
    }
    const auto& document = project_.document();
    double degrees = document.options.number(kFovKey);
    const auto engine = document.options.text("engines.intrinsics");
    // Measured, bodies know it and the option does not.
    const bool measured = engine != "prior";
    QString source = measured ? tr("not measured yet; ") : QString(), shots;
    for (const auto& target : document.targets) {
        const auto body = project_.results()->body(target.id);
        if (!body || body->camera.focalPx <= 0) {
            continue;
        }
        const auto degreesOf = [&](double focalPx) {
            return 2 * std::atan(std::max(body->camera.width, body->camera.height) / (2 * focalPx)) * 180 / M_PI;
        };
        if (measured) {
            degrees = degreesOf(body->camera.focalPx);
            source = tr("measured by %1; ").arg(QString::fromStdString(engine));
        }
        for (const auto& shot : body->shots) { // measured or imported
            if (body->shots.size() > 1) {
                shots += tr("from frame %1: %2\u00b0, %3 px\n").arg(shot.firstFrame).arg(degreesOf(shot.focalPx), 0, 'f', 1)
                             .arg(shot.focalPx, 0, 'f', 0);
            }
        }
        break;
    }
    const QSignalBlocker quiet(fov_);
    fov_->setValue(degrees);
    const double tangent = std::tan(degrees * M_PI / 360);
    focal_->setText(shots + source +
                    tr("focal length %1 px, a %2 mm lens")
                        .arg(std::max(document.video.width, document.video.height) / (2 * tangent), 0, 'f', 0)
                        .arg(kFullFrameMm / 2 / tangent, 0, 'f', 0));
}

void ScenePanel::refreshModels() {
    while (auto* item = modelRows_->takeAt(0)) {
        if (item->widget()) {
            item->widget()->deleteLater();
        }
        delete item;
    }
    const auto& models = view_.models();
    models_->setVisible(!models.empty());
    if (!models.empty()) {
        modelRows_->addWidget(headingLabel(tr("Files")));
    }
    for (std::size_t i = 0; i < models.size(); ++i) {
        const auto& model = models[i].model;
        auto* row = new QWidget;
        auto* line = new QHBoxLayout(row);
        line->setContentsMargins(0, 0, 0, 0);
        line->setSpacing(2);
        auto* box = new QCheckBox;
        box->setText(box->fontMetrics().elidedText(model->name(), Qt::ElideMiddle, 130));
        box->setChecked(models[i].visible);
        box->setFocusPolicy(Qt::TabFocus);
        box->setAccessibleName(model->name());
        box->setToolTip(tr("%1\n%2: %L3 points, %L4 triangles%5")
                            .arg(model->name(), model->kind())
                            .arg(model->vertices())
                            .arg(model->triangles())
                            .arg(model->note().isEmpty() ? QString() : QLatin1Char('\n') + model->note()));
        connect(box, &QCheckBox::clicked, this, [this, model](bool on) { view_.setModelVisible(model, on); });
        line->addWidget(box, 1);
        auto* more = iconButton(QStringLiteral("settings"), tr("Options of %1").arg(model->name()));
        auto* menu = new QMenu(more);
        menu->addAction(tr("Show it whole"), this, [this, model] {
            view_.camera().fit(model->low(), model->high(), static_cast<double>(view_.width()) / std::max(1, view_.height()));
            view_.cameraChanged();
        });
        auto* axes = menu->addMenu(tr("What is up"));
        const std::pair<QString, UpAxis> ups[] = {{tr("As the file says"), UpAxis::AsDeclared}, {tr("Y"), UpAxis::Y}, {tr("−Y (computer vision)"), UpAxis::MinusY}, {tr("Z"), UpAxis::Z}};
        for (const auto& [text, up] : ups) {
            axes->addAction(text, this, [this, i, up = static_cast<int>(up)] { Q_EMIT upAxisRequested(static_cast<int>(i), up); });
        }
        menu->addSeparator();
        menu->addAction(tr("Remove"), this, [this, model] { view_.removeModel(model); });
        more->setMenu(menu);
        more->setPopupMode(QToolButton::InstantPopup);
        line->addWidget(more);
        modelRows_->addWidget(row);
    }
    refreshPoints();
}

void ScenePanel::addPoints(QVBoxLayout* column) {
    points_ = new QWidget;
    auto* form = new QFormLayout(points_);
    form->setContentsMargins(0, 6, 0, 0);
    form->setVerticalSpacing(4);
    form->addRow(headingLabel(tr("Points")));
    const auto& style = view_.cloudStyle();
    size_ = slider(tr("Size of points"), 2, 16, static_cast<int>(std::lround(style.pointSize / kSizeStep)));
    size_->setObjectName(QStringLiteral("pointSize"));
    form->addRow(tr("Size"), size_);
    paint_ = new QComboBox;
    paint_->setObjectName(QStringLiteral("pointPaint"));
    paint_->setAccessibleName(tr("Colour of points"));
    paint_->addItem(tr("Own colours"), static_cast<int>(CloudPaint::Own));
    paint_->addItem(tr("One colour"), static_cast<int>(CloudPaint::Plain));
    paint_->addItem(tr("Height"), static_cast<int>(CloudPaint::Height));
    paint_->addItem(tr("Confidence"), static_cast<int>(CloudPaint::Confidence));
    paint_->addItem(tr("Distance"), static_cast<int>(CloudPaint::Distance));
    form->addRow(tr("Colour"), paint_);
    cut_ = slider(tr("Hide the points that are least sure, percent"), 0, 99, 0);
    cut_->setObjectName(QStringLiteral("pointCut"));
    cut_->setToolTip(tr("Nothing is computed anew: the points are only hidden."));
    cutLabel_ = new QLabel;
    form->addRow(cutLabel_);
    form->addRow(cut_);
    column->addWidget(points_);
    connect(size_, &QSlider::valueChanged, this, &ScenePanel::applyStyle);
    connect(paint_, &QComboBox::currentIndexChanged, this, &ScenePanel::applyStyle);
    connect(cut_, &QSlider::valueChanged, this, &ScenePanel::applyStyle);
    applyStyle();
}

void ScenePanel::refreshPoints() {
    points_->setVisible(view_.hasClouds());
    cut_->setEnabled(view_.hasCloudConfidence());
    cutLabel_->setEnabled(cut_->isEnabled());
}

void ScenePanel::sceneArrived() {
    constexpr int kUsualCut = 40;
    if (cut_->isEnabled() && cut_->value() == 0) {
        cut_->setValue(kUsualCut);
    }
}

void ScenePanel::applyStyle() {
    cutLabel_->setText(cut_->value() == 0 ? tr("Every point, however sure") : tr("Without the %1 % least sure").arg(cut_->value()));
    CloudStyle style;
    style.pointSize = kSizeStep * size_->value();
    style.paint = static_cast<CloudPaint>(paint_->currentData().toInt());
    style.hideLeastSure = cut_->value() / 100.0;
    view_.setCloudStyle(style);
}

} // namespace body4d::ui
