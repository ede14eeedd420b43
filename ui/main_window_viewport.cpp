#include "ui/main_window.h"
#include "ui/viewport/imported_model.h"
#include "ui/viewport/viewport_widget.h"

#include <QActionGroup>
#include <QClipboard>
#include <QFileDialog>
#include <QGuiApplication>
#include <QLabel>
#include <QSettings>

#include <algorithm>
#include <array>

namespace body4d::ui {

void MainWindow::createViewportActions() {
    const QString g = tr("3D view");
    struct Display {
        const char *id, *text, *help;
        BodyDisplay display;
    };
    static constexpr std::array<Display, 5> kDisplays{{
        {"view.surface", QT_TR_NOOP("Bodies as surface"), "", BodyDisplay::Surface},
        {"view.wireframe", QT_TR_NOOP("Bodies as wireframe"), "", BodyDisplay::Wireframe},
        {"view.bones", QT_TR_NOOP("Bodies as bones"), "", BodyDisplay::Skeleton},
        {"view.doubt", QT_TR_NOOP("Colour by doubt"), QT_TR_NOOP("Blue fits well, red deserves a look"),
         BodyDisplay::Doubt},
        {"view.difference", QT_TR_NOOP("Colour by what smoothing moved"),
         QT_TR_NOOP("Blue stayed, red was moved by 60 mm or more"), BodyDisplay::Difference},
    }};
    auto* group = new QActionGroup(this);
    for (const auto& d : kDisplays) {
        auto* action = actions_->add({QLatin1String(d.id),
                                      g,
                                      tr(d.text),
                                      {},
                                      d.display == BodyDisplay::Wireframe ? "wireframe" : "",
                                      tr(d.help),
                                      true},
                                     [this, display = d.display] { setBodyDisplay(display); });
        group->addAction(action);
    }
    actions_->action(QStringLiteral("view.surface"))->setChecked(true);
    actions_->add(
        {"view.nextDisplay", g, tr("Next way of drawing bodies"), {QKeySequence(Qt::Key_W)}, "", ""},
        [this, group] {
            const auto all = group->actions();
            const auto at = all.indexOf(group->checkedAction());
            all[(at + 1) % all.size()]->trigger();
        });
    actions_->addToggle({"view.backdrop",
                         g,
                         tr("Video behind the bodies"),
                         {},
                         "film",
                         tr("While looking through the video's camera")},
                        true, [this](bool on) { viewport_->setBackdropVisible(on); });
    actions_->addToggle({"view.wipe",
                         g,
                         tr("Wipe raw and smoothed"),
                         {QKeySequence(Qt::SHIFT | Qt::Key_W)},
                         "split",
                         tr("Left of the line the bodies before smoothing, right of it after")},
                        false, [this](bool on) {
                            viewport_->setWiping(on);
                            refreshComparison();
                        });
    actions_->addToggle({"view.measure",
                         g,
                         tr("Measure a distance"),
                         {QKeySequence(Qt::Key_D)},
                         "ruler",
                         tr("Click two places on bodies or on the ground")},
                        false, [this](bool on) { viewport_->setMeasuring(on); });
    actions_->add({"view.showModel", g, tr("Show a 3D file…"), {}, "cube", tr("PLY, GLB or OBJ beside the bodies; or drop one on the window")}, [this] {
        const QString file = QFileDialog::getOpenFileName(this, tr("Show a 3D file"), QSettings().value(QStringLiteral("recent/folder")).toString(),
                                                          tr("3D files (*.ply *.glb *.gltf *.obj)"));
        if (!file.isEmpty()) {
            showModel(file.toStdString());
        }
    });
    actions_->add({"view.clearModels", g, tr("Remove shown 3D files"), {}, "trash", ""}, [this] { viewport_->clearModels(); });
    actions_->add(
        {"view.saveScreenshot", g, tr("Save the 3D view as a picture…"), {QKeySequence(Qt::Key_F12)}, "", ""},
        [this] { saveViewport(false); });
    actions_->add({"view.saveCutOut",
                   g,
                   tr("Save the 3D view without background…"),
                   {QKeySequence(Qt::CTRL | Qt::Key_F12)},
                   "",
                   tr("PNG with transparency")},
                  [this] { saveViewport(true); });
    actions_->add({"view.copyViewport", g, tr("Copy the 3D view"), {}, "copy", ""},
                  [this] { QGuiApplication::clipboard()->setImage(viewport_->grabPicture(false)); });
}

void MainWindow::showModel(const std::filesystem::path& file) {
    statusState_->setText(tr("Reading %1").arg(QString::fromStdString(file.filename().string())));
    importQueue_.post([this, file](const std::stop_token&) {
        try {
            auto model = ImportedModel::read(file);
            postTo(this, [this, model] {
                viewport_->addModel(model);
                const Vec3 size = model->high() - model->low();
                QString text = tr("%1: %L2 vertices, %L3 triangles, %4 × %5 × %6 m")
                                   .arg(model->name())
                                   .arg(model->vertices())
                                   .arg(model->triangles())
                                   .arg(size.x, 0, 'f', 2)
                                   .arg(size.y, 0, 'f', 2)
                                   .arg(size.z, 0, 'f', 2);
                if (model->seconds() > 0) {
                    text += tr(", %1 s of motion").arg(model->seconds(), 0, 'f', 2);
                }
                log_->append(LogLevel::Info, text);
                statusState_->setText(text);
            });
        } catch (const std::exception& e) {
            postTo(this, [this, message = toMessage(e)] { showMessage(message); });
        }
    });
}

void MainWindow::poseModels() {
    const auto& models = viewport_->models();
    if (std::none_of(models.begin(), models.end(), [](const auto& m) { return m->seconds() > 0; })) {
        return;
    }
    const double seconds = playback_->secondsAt(playback_->frame()) - playback_->secondsAt(playback_->range().begin);
    importQueue_.postLatest("pose", [this, models, seconds](const std::stop_token&) {
        bool changed = false;
        for (const auto& model : models) {
            changed = model->pose(seconds) || changed;
        }
        if (changed) {
            postTo(this, [this] { viewport_->modelsPosed(); });
        }
    });
}

void MainWindow::wireViewport() {
    connect(playback_, &PlaybackController::frameChanged, this, &MainWindow::poseModels);
    connect(viewport_, &ViewportWidget::measured, this,
            [this](double metres) { statusState_->setText(tr("Distance %1 m").arg(metres, 0, 'f', 3)); });
}

void MainWindow::setBodyDisplay(BodyDisplay display) {
    difference_ = display == BodyDisplay::Difference;
    viewport_->setDisplay(display);
    refreshComparison();
}

void MainWindow::refreshComparison() {
    snapshots_->setCompareRaw(difference_ || actions_->action(QStringLiteral("view.wipe"))->isChecked());
}

void MainWindow::saveViewport(bool transparent) {
    const QString file = QFileDialog::getSaveFileName(
        this, tr("Save the 3D view"),
        QSettings().value(QStringLiteral("recent/folder")).toString() + QStringLiteral("/view.png"),
        transparent ? tr("PNG (*.png)") : tr("Pictures (*.png *.jpg)"));
    if (!file.isEmpty()) {
        saveViewportTo(file, transparent);
    }
}

void MainWindow::saveViewportTo(const QString& file, bool transparent) {
    // Packing takes longer than a frame may: elsewhere.
    importQueue_.post([this, picture = viewport_->grabPicture(transparent), file](const std::stop_token&) {
        const bool ok = picture.save(file);
        postTo(this, [this, file, ok] {
            if (ok) {
                statusState_->setText(tr("Saved %1").arg(file));
            } else {
                showMessage({UserMessage::Severity::Error,
                             tr("The picture could not be written."),
                             tr("Choose a folder that you may write to, with enough free space."),
                             file,
                             {}});
            }
        });
    });
}

} // namespace body4d::ui
