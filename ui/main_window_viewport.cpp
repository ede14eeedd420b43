#include "ui/main_window.h"
#include "ui/viewport/viewport_widget.h"

#include <QActionGroup>
#include <QClipboard>
#include <QFileDialog>
#include <QGuiApplication>
#include <QLabel>
#include <QSettings>

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
        {"view.doubt", QT_TR_NOOP("Colour by doubt"), QT_TR_NOOP("Blue fits well, red deserves a look"), BodyDisplay::Doubt},
        {"view.difference", QT_TR_NOOP("Colour by what smoothing moved"), QT_TR_NOOP("Blue stayed, red was moved by 60 mm or more"), BodyDisplay::Difference},
    }};
    auto* group = new QActionGroup(this);
    for (const auto& d : kDisplays) {
        auto* action = actions_->add({QLatin1String(d.id), g, tr(d.text), {}, d.display == BodyDisplay::Wireframe ? "wireframe" : "", tr(d.help), true},
                                     [this, display = d.display] { setBodyDisplay(display); });
        group->addAction(action);
    }
    actions_->action(QStringLiteral("view.surface"))->setChecked(true);
    actions_->add({"view.nextDisplay", g, tr("Next way of drawing bodies"), {QKeySequence(Qt::Key_W)}, "", ""}, [this, group] {
        const auto all = group->actions();
        const auto at = all.indexOf(group->checkedAction());
        all[(at + 1) % all.size()]->trigger();
    });
    actions_->addToggle({"view.backdrop", g, tr("Video behind the bodies"), {}, "film", tr("While looking through the video's camera")}, true,
                        [this](bool on) { viewport_->setBackdropVisible(on); });
    actions_->addToggle({"view.wipe", g, tr("Wipe raw and smoothed"), {QKeySequence(Qt::SHIFT | Qt::Key_W)}, "split", tr("Left of the line the bodies before smoothing, right of it after")}, false,
                        [this](bool on) {
                            viewport_->setWiping(on);
                            refreshComparison();
                        });
    actions_->addToggle({"view.measure", g, tr("Measure a distance"), {QKeySequence(Qt::Key_D)}, "ruler", tr("Click two places on bodies or on the ground")}, false,
                        [this](bool on) { viewport_->setMeasuring(on); });
    actions_->add({"view.saveScreenshot", g, tr("Save the 3D view as a picture…"), {QKeySequence(Qt::Key_F12)}, "", ""}, [this] { saveViewport(false); });
    actions_->add({"view.saveCutOut", g, tr("Save the 3D view without background…"), {QKeySequence(Qt::CTRL | Qt::Key_F12)}, "", tr("PNG with transparency")}, [this] { saveViewport(true); });
    actions_->add({"view.copyViewport", g, tr("Copy the 3D view"), {}, "copy", ""},
                  [this] { QGuiApplication::clipboard()->setImage(viewport_->grabPicture(false)); });
}

void MainWindow::wireViewport() {
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
    const QString file = QFileDialog::getSaveFileName(this, tr("Save the 3D view"), QSettings().value(QStringLiteral("recent/folder")).toString() + QStringLiteral("/view.png"),
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
                showMessage({UserMessage::Severity::Error, tr("The picture could not be written."), tr("Choose a folder that you may write to, with enough free space."), file, {}});
            }
        });
    });
}

} // namespace body4d::ui
