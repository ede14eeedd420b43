#include "ui/main_window.h"

#include "ui/controllers/recent_files.h"
#include "ui/controllers/session_guard.h"
#include "ui/frame/mask_editor.h"
#include "ui/icons.h"
#include "ui/panels/command_palette.h"
#include "ui/panels/empty_state.h"
#include "ui/panels/error_bar.h"
#include "ui/panels/export_dialog.h"
#include "ui/panels/export_report.h"
#include "ui/panels/gauge_panel.h"
#include "ui/panels/log_panel.h"
#include "ui/panels/run_panel.h"
#include "ui/panels/scene_panel.h"
#include "ui/panels/target_panel.h"
#include "ui/panels/widgets.h"
#include "ui/sound/sound_player.h"
#include "ui/timeline/thumbnail_popup.h"
#include "ui/timeline/timeline_widget.h"
#include "ui/viewport/imported_model.h"
#include "ui/viewport/path_movie.h"
#include "ui/viewport/turntable.h"
#include "ui/viewport/viewport_widget.h"

#include <QApplication>
#include <QAbstractButton>
#include <QCloseEvent>
#include <QDockWidget>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLayout>
#include <QMenu>
#include <QMenuBar>
#include <QMimeData>
#include <QScrollArea>
#include <QScrollBar>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QStandardPaths>
#include <QStatusBar>
#include <QToolBar>
#include <QToolButton>
#include <QUndoView>
#include <QVBoxLayout>

#include <algorithm>

namespace body4d::ui {
namespace {

constexpr int kLayoutVersion = 1;

QDockWidget* makeDock(QMainWindow* window, const QString& id, const QString& title, QWidget* content) {
    auto* dock = new QDockWidget(title, window);
    dock->setObjectName(id);
    dock->setWidget(content);
    // A slim title of our own; what it does not handle itself drags the dock.
    auto* bar = new QWidget;
    bar->setObjectName(QStringLiteral("dockTitle"));
    bar->setAttribute(Qt::WA_StyledBackground);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(12, 9, 6, 5);
    row->addWidget(headingLabel(title));
    row->addStretch(1);
    dock->setTitleBarWidget(bar);
    dock->setFeatures(QDockWidget::DockWidgetMovable | QDockWidget::DockWidgetFloatable | QDockWidget::DockWidgetClosable);
    return dock;
}

/// Panels scroll rather than force the window's height; in width everything of them is seen, whatever they come to hold.
class PanelScroll : public QScrollArea {
public:
    explicit PanelScroll(int least) : least_(least) {}
    void keepWidth() {
        setMinimumWidth(std::max(least_, widget()->minimumSizeHint().width()) + verticalScrollBar()->sizeHint().width() + 2);
    }

protected:
    bool eventFilter(QObject* object, QEvent* event) override {
        if (object == widget() && event->type() == QEvent::LayoutRequest) {
            keepWidth();
        }
        return QScrollArea::eventFilter(object, event);
    }

private:
    int least_;
};

/// Takes no room while it has nothing to say.
class StatusField : public QLabel {
public:
    [[nodiscard]] QSize sizeHint() const override { return text().isEmpty() ? QSize(0, 0) : QLabel::sizeHint(); }
    [[nodiscard]] QSize minimumSizeHint() const override { return text().isEmpty() ? QSize(0, 0) : QLabel::minimumSizeHint(); }
};

QScrollArea* scrolled(QWidget* content, int least) {
    auto* area = new PanelScroll(least);
    area->setWidget(content);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setFocusPolicy(Qt::NoFocus);
    area->keepWidth();
    new ScrollFade(area);
    return area;
}

} // namespace

MainWindow::MainWindow(std::shared_ptr<Backend> backend, QWidget* parent)
    : QMainWindow(parent), backend_(std::move(backend)), log_(new LogModel(this)),
      project_(new ProjectController(backend_, this)), playback_(new PlaybackController(this)),
      previews_(new PreviewController(backend_, this)),
      snapshots_(new SnapshotController(backend_, *project_, *previews_, this)),
      models_(backend_->models()), telemetry_(new TelemetryController(backend_, this)), run_(new RunController(this)),
      targetModel_(new TargetModel(*project_, this)), actions_(new ActionRegistry(this)) {
    setObjectName(QStringLiteral("mainWindow"));
    setWindowIcon(applicationIcon());
    setAcceptDrops(true);
    setDockNestingEnabled(true);
    setCorner(Qt::BottomLeftCorner, Qt::BottomDockWidgetArea);
    setCorner(Qt::BottomRightCorner, Qt::BottomDockWidgetArea);
    log_->install();
    createFileActions();
    createEditActions();
    createAnnotationActions();
    createViewportActions();
    createSessionActions();
    createCameraActions();
    createViewActions();
    createPlaybackActions();
    createRunActions();
    createExportActions();
    createSceneActions();
    createViews();
    createDocks();
    createMenus();
    createToolBar();
    createStatusBar();
    wireProject();
    wireViews();
    wireAnnotation();
    wireViewport();
    wireRun();
    wireScene();
    wireExport();
    wireSession();
    restoreLayout();
    refreshEnabled();
    refreshTitle();
    qApp->installEventFilter(this);
    telemetry_->setActive(true);
}

MainWindow::~MainWindow() {
    qApp->removeEventFilter(this);
    // Workers first, in the order of who uses whom; the rest goes with the object tree.
    delete run_;
    delete sound_;
    delete turntable_;
    delete movie_;
    delete thumbnails_;
    delete snapshots_;
    delete maskEditor_;
    delete previews_;
    delete viewport_;
    // Then what shows the controllers, before they go: an editor that is still open ends with an edit.
    delete export_;
    delete report_;
    for (auto* dock : {peopleDock_, runDock_, timelineDock_, logDock_, historyDock_}) {
        delete dock;
    }
    project_->flush();
}

void MainWindow::createViews() {
    auto* central = new QWidget;
    auto* column = new QVBoxLayout(central);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    errors_ = new ErrorBar(*actions_);
    column->addWidget(errors_);
    splitter_ = new QSplitter(Qt::Horizontal);
    splitter_->setHandleWidth(5);
    splitter_->setChildrenCollapsible(false);
    videoStack_ = new QStackedWidget;
    empty_ = new EmptyState;
    canvas_ = new VideoCanvas;
    videoStack_->addWidget(empty_);
    videoStack_->addWidget(canvas_);
    viewport_ = new ViewportWidget;
    splitter_->addWidget(videoStack_);
    splitter_->addWidget(viewport_);
    splitter_->setStretchFactor(0, 1);
    splitter_->setStretchFactor(1, 1);
    splitter_->setSizes({1000, 1000});
    column->addWidget(splitter_, 1);
    setCentralWidget(central);
    palette_ = new CommandPalette(*actions_, this);
}

void MainWindow::createDocks() {
    auto* people = new QWidget;
    auto* peopleColumn = new QVBoxLayout(people);
    peopleColumn->setContentsMargins(0, 0, 0, 0);
    peopleColumn->setSpacing(0);
    targets_ = new TargetPanel(*project_, *targetModel_, *actions_);
    peopleColumn->addWidget(targets_, 1);
    peopleColumn->addWidget(rule());
    scenePanel_ = new ScenePanel(*actions_, *project_, *viewport_);
    peopleColumn->addWidget(scenePanel_);
    peopleDock_ = makeDock(this, QStringLiteral("dock.people"), tr("People"), scrolled(people, 0));
    addDockWidget(Qt::LeftDockWidgetArea, peopleDock_);

    auto* right = new QWidget;
    auto* rightColumn = new QVBoxLayout(right);
    rightColumn->setContentsMargins(0, 0, 0, 0);
    rightColumn->setSpacing(0);
    runPanel_ = new RunPanel(*project_, *run_, *actions_, models_);
    gauges_ = new GaugePanel(*telemetry_);
    constexpr int kWidestEstimate = 296; // "Completion ~ 12:34 · 512 MiB" and its arrow
    rightColumn->addWidget(scrolled(runPanel_, kWidestEstimate), 1);
    rightColumn->addWidget(rule());
    rightColumn->addWidget(gauges_); // always in sight
    runDock_ = makeDock(this, QStringLiteral("dock.run"), tr("Run"), right);
    addDockWidget(Qt::RightDockWidgetArea, runDock_);

    timeline_ = new TimelineWidget(*playback_, *actions_);
    timelineDock_ = makeDock(this, QStringLiteral("dock.timeline"), tr("Timeline"), timeline_);
    auto* grip = new QWidget; // the transport row is title enough
    grip->setFixedHeight(3);
    timelineDock_->setTitleBarWidget(grip);
    addDockWidget(Qt::BottomDockWidgetArea, timelineDock_);
    logDock_ = makeDock(this, QStringLiteral("dock.log"), tr("Log"), new LogPanel(*log_));
    addDockWidget(Qt::BottomDockWidgetArea, logDock_);
    logDock_->hide();
    auto* history = new QUndoView(project_->undoStack());
    history->setEmptyLabel(tr("As it was opened"));
    history->setAccessibleName(tr("History of edits"));
    history->setToolTip(tr("Click a line to go back or forth to it"));
    historyDock_ = makeDock(this, QStringLiteral("dock.history"), tr("History"), history);
    addDockWidget(Qt::LeftDockWidgetArea, historyDock_);
    historyDock_->hide();
}

void MainWindow::createStatusBar() {
    const auto field = [&](const QString& name) {
        auto* label = new StatusField;
        label->setFont(tabularFont(font()));
        label->setAccessibleName(name);
        statusBar()->addWidget(label);
        return label;
    };
    statusBar()->setSizeGripEnabled(false);
    statusFrame_ = field(tr("Frame"));
    statusCursor_ = field(tr("Cursor"));
    statusEngine_ = field(tr("Engine"));
    statusDevice_ = field(tr("Device"));
    statusMemory_ = field(tr("Memory in use"));
    statusVideo_ = new StatusField;
    statusVideo_->setFont(tabularFont(font()));
    statusVideo_->setAccessibleName(tr("What is unusual about the video"));
    statusBar()->addPermanentWidget(statusVideo_);
    statusState_ = new QLabel;
    statusState_->setFont(tabularFont(font()));
    statusState_->setAccessibleName(tr("State"));
    statusBar()->addPermanentWidget(statusState_);
    const auto& d = telemetry_->device();
    statusDevice_->setText(d.gpu.empty() ? tr("CPU, %n cores", nullptr, static_cast<int>(d.cores))
                                         : QString::fromStdString(d.gpu));
}

void MainWindow::restoreLayout() {
    const QSettings settings;
    resize(1480, 900);
    restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray());
    restoreState(settings.value(QStringLiteral("window/state")).toByteArray(), kLayoutVersion);
    const auto split = settings.value(QStringLiteral("window/split")).toByteArray();
    if (!split.isEmpty()) {
        splitter_->restoreState(split);
    }
}

void MainWindow::showEvent(QShowEvent* event) {
    QMainWindow::showEvent(event);
    if (!QSettings().contains(QStringLiteral("window/state")) && !std::exchange(arranged_, true)) {
        // Docks take sizes only once they are laid out.
        QTimer::singleShot(40, this, [this] {
            resizeDocks({peopleDock_, runDock_}, {224, 316}, Qt::Horizontal);
            resizeDocks({timelineDock_}, {std::min(timeline_->sizeHint().height() + 4, (34 * height()) / 100)}, Qt::Vertical);
            splitter_->setSizes({1000, 1000});
        });
    }
}

void MainWindow::resizeEvent(QResizeEvent* event) {
    QMainWindow::resizeEvent(event);
    constexpr int kRoomForHistory = 800;
    gauges_->setCompact(height() < kRoomForHistory);
    fitToolBar();
}

void MainWindow::makeRoomForLanes() {
    if (!timelineDock_->isVisible() || timelineDock_->isFloating()) {
        return;
    }
    constexpr int kMost = 45; // percent of the window; beyond that the lanes scroll
    const auto* lanes = timeline_->lanes();
    const int missing = lanes->minimumSizeHint().height() - lanes->parentWidget()->height();
    const int wanted = std::min(timelineDock_->height() + missing, kMost * height() / 100);
    if (wanted > timelineDock_->height()) {
        resizeDocks({timelineDock_}, {wanted}, Qt::Vertical);
    }
}

void MainWindow::fitToolBar() {
    // The widest that fits: words everywhere, words without the tools, icons but for Run.
    for (int level = 0; level < 3; ++level) {
        for (auto* button : toolButtons_) {
            const bool tool = button->defaultAction() && ActionRegistry::idOf(button->defaultAction()).startsWith(QLatin1String("tool."));
            const bool words = button->objectName() == QLatin1String("primary") || level == 0 || (level == 1 && !tool);
            button->setToolButtonStyle(words ? Qt::ToolButtonTextBesideIcon : Qt::ToolButtonIconOnly);
        }
        toolBar_->layout()->invalidate();
        if (toolBar_->layout()->sizeHint().width() <= width()) {
            return;
        }
    }
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (paneState_.isEmpty()) { // not out of a full-screen view
        QSettings settings;
        settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
        settings.setValue(QStringLiteral("window/state"), saveState(kLayoutVersion));
        settings.setValue(QStringLiteral("window/split"), splitter_->saveState());
    }
    run_->cancel(); // finished frames are kept; the destructor waits for the worker
    event->accept();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    if (event->mimeData()->hasUrls()) {
        event->acceptProposedAction();
    }
}

void MainWindow::dropEvent(QDropEvent* event) {
    QStringList paths;
    for (const auto& url : event->mimeData()->urls()) {
        paths << url.toLocalFile();
    }
    const QStringList unknown = openPaths(paths);
    if (unknown.size() < paths.size()) {
        event->acceptProposedAction();
        return;
    }
    QStringList names;
    for (const auto& path : unknown) {
        names << QFileInfo(path).fileName();
    }
    QStringList suffixes = ProjectController::videoSuffixes();
    showMessage({UserMessage::Severity::Warning, tr("%1 cannot be opened here.").arg(names.join(QStringLiteral(", "))),
                 tr("Drop a video, a folder of images, a .body4d project, or something to look at: PLY, GLB, OBJ or npz files, a COLMAP model, results of SAM-Body4D."),
                 tr("Known: %1").arg(suffixes.join(QStringLiteral(" "))),
                 {QStringLiteral("file.open")}});
}

bool MainWindow::eventFilter(QObject* object, QEvent* event) {
    // Space and Enter press the button that the keyboard has reached; everywhere else they are commands.
    if (event->type() == QEvent::ShortcutOverride) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool press = key->key() == Qt::Key_Space || key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
        if (press && (qobject_cast<QAbstractButton*>(object) || object->inherits("QComboBox") ||
                      object->inherits("QMenu"))) {
            event->accept();
            return false;
        }
    }
    if (event->type() == QEvent::ShortcutOverride || event->type() == QEvent::KeyRelease) {
        // Before the shortcut takes the key away: whether K is down while J and L are pressed.
        const auto* key = static_cast<QKeyEvent*>(event);
        if (key->key() == Qt::Key_K && key->modifiers() == Qt::NoModifier && !key->isAutoRepeat()) {
            stopHeld_ = event->type() == QEvent::ShortcutOverride;
        }
    } else if (event->type() == QEvent::WindowDeactivate && object == this) {
        stopHeld_ = false; // its release goes elsewhere
    }
    if (event->type() == QEvent::MouseButtonPress && palette_ && palette_->isVisible()) {
        auto* widget = qobject_cast<QWidget*>(object);
        if (widget && widget->window() == this && widget != palette_ && !palette_->isAncestorOf(widget)) {
            palette_->hide();
        }
    }
    return QMainWindow::eventFilter(object, event);
}

QStringList MainWindow::openPaths(const QStringList& paths) {
    QStringList unknown;
    std::filesystem::path document;
    std::vector<std::vector<std::filesystem::path>> models; // archives named together are the people of one picture
    for (const auto& name : paths) {
        const std::filesystem::path path = name.toStdString();
        if (ImportedModel::canRead(path)) {
            const bool together = !models.empty() && path.extension() == ".npz" && models.back().front().extension() == ".npz";
            if (!together) {
                models.emplace_back();
            }
            models.back().push_back(path);
        } else if (!path.empty() && ProjectController::canOpen(path)) {
            document = document.empty() ? path : document;
        } else {
            unknown << name;
        }
    }
    if (!document.empty()) {
        openPath(document);
    }
    for (const auto& files : models) {
        showModel(files);
    }
    return unknown;
}

void MainWindow::openPath(const std::filesystem::path& path) {
    if (ImportedModel::canRead(path)) {
        showModel(path);
        return;
    }
    if (run_->running()) {
        showMessage({UserMessage::Severity::Warning, tr("A run is under way."),
                     tr("Cancel it first; finished frames are kept."), {}, {QStringLiteral("run.cancel")}});
        return;
    }
    errors_->dismiss();
    empty_->setBusy(tr("Opening %1 …").arg(QString::fromStdString(path.filename().string())));
    rememberRecent(path);
    project_->open(path);
}

void MainWindow::showMessage(const UserMessage& message) {
    log_->append(message.severity == UserMessage::Severity::Error     ? LogLevel::Error
                 : message.severity == UserMessage::Severity::Warning ? LogLevel::Warning
                                                                      : LogLevel::Info,
                 message.what + QLatin1Char(' ') + message.remedy);
    errors_->show(message);
}

void MainWindow::chooseVideo() {
    QStringList patterns;
    for (const auto& suffix : ProjectController::videoSuffixes()) {
        patterns << QLatin1Char('*') + suffix;
    }
    const QString file = QFileDialog::getOpenFileName(
        this, tr("Open a video"), QSettings().value(QStringLiteral("recent/folder")).toString(),
        tr("Videos and images (%1);;3D files (%2);;All files (*)").arg(patterns.join(QLatin1Char(' ')), ImportedModel::filePatterns()));
    if (!file.isEmpty()) {
        openPath(file.toStdString());
    }
}

void MainWindow::chooseFolder() {
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Open a project or a folder of images"),
                                                             QSettings().value(QStringLiteral("recent/folder")).toString());
    if (!folder.isEmpty()) {
        openPath(folder.toStdString());
    }
}

void MainWindow::chooseSaveAs() {
    if (!project_->isOpen()) {
        return;
    }
    const QString start = QSettings().value(QStringLiteral("recent/folder")).toString() + QLatin1Char('/') +
                          QString::fromStdString(project_->document().video.path.stem().string()) + QStringLiteral(".body4d");
    QString folder = QFileDialog::getSaveFileName(this, tr("Save the project"), start, tr("Body4D project (*.body4d)"));
    if (folder.isEmpty()) {
        return;
    }
    if (!folder.endsWith(QStringLiteral(".body4d"))) {
        folder += QStringLiteral(".body4d");
    }
    project_->saveAs(folder.toStdString());
}

void MainWindow::rememberRecent(const std::filesystem::path& path) {
    std::error_code ec;
    RecentFiles::add(QString::fromStdString(std::filesystem::absolute(path, ec).string()));
    QSettings().setValue(QStringLiteral("recent/folder"), QString::fromStdString(path.parent_path().string()));
}

void MainWindow::fillRecent() {
    recentMenu_->clear();
    const auto entries = RecentFiles::list();
    for (const auto& entry : entries) {
        auto* action = recentMenu_->addAction(entry.pinned ? icon(QStringLiteral("pin")) : QIcon(), entry.name);
        action->setToolTip(entry.exists ? entry.path : tr("%1 (not there now)").arg(entry.path));
        action->setEnabled(entry.exists);
        connect(action, &QAction::triggered, this, [this, path = entry.path] { openPath(path.toStdString()); });
    }
    if (entries.empty()) {
        recentMenu_->addAction(tr("Nothing yet"))->setEnabled(false);
        return;
    }
    recentMenu_->addSeparator();
    if (project_->isOpen()) {
        const QString newest = RecentFiles::newest();
        const bool pinned = std::any_of(entries.begin(), entries.end(),
                                        [&](const auto& e) { return e.path == newest && e.pinned; });
        auto* pin = recentMenu_->addAction(icon(QStringLiteral("pin")), pinned ? tr("Unpin this one") : tr("Keep this one on top"));
        connect(pin, &QAction::triggered, this, [newest, pinned] { RecentFiles::setPinned(newest, !pinned); });
    }
    auto* tidy = recentMenu_->addAction(tr("Forget those that are missing"));
    tidy->setEnabled(std::any_of(entries.begin(), entries.end(), [](const auto& e) { return !e.exists; }));
    connect(tidy, &QAction::triggered, this, [entries] {
        for (const auto& entry : entries) {
            if (!entry.exists) {
                RecentFiles::remove(entry.path);
            }
        }
    });
}

void MainWindow::setTheme(ThemeMode mode) {
    Theme::instance().apply(*qApp, mode);
    QSettings().setValue(QStringLiteral("window/theme"), static_cast<int>(mode));
}

bool MainWindow::viewportFocused() const { return viewport_->hasFocus(); }

void MainWindow::toggleFullScreenPane() {
    if (!paneState_.isEmpty()) {
        showNormal();
        restoreState(paneState_, kLayoutVersion);
        paneState_.clear();
        videoStack_->show();
        viewport_->show();
        menuBar()->show();
        statusBar()->show();
        return;
    }
    paneState_ = saveState(kLayoutVersion);
    for (auto* dock : {peopleDock_, runDock_, timelineDock_, logDock_, historyDock_}) {
        dock->hide();
    }
    for (auto* bar : findChildren<QToolBar*>()) {
        bar->hide();
    }
    menuBar()->hide();
    statusBar()->hide();
    (viewportFocused() ? static_cast<QWidget*>(videoStack_) : static_cast<QWidget*>(viewport_))->hide();
    showFullScreen();
}

void MainWindow::focusNextPane() {
    const std::vector<QWidget*> panes{canvas_, viewport_, timeline_->lanes(), targets_, runPanel_};
    const auto* focus = QApplication::focusWidget();
    std::size_t next = 0;
    for (std::size_t i = 0; i < panes.size(); ++i) {
        if (focus && (panes[i] == focus || panes[i]->isAncestorOf(focus))) {
            next = i + 1;
        }
    }
    for (std::size_t k = 0; k < panes.size(); ++k) {
        auto* pane = panes[(next + k) % panes.size()];
        if (!pane->isVisible()) {
            continue;
        }
        if (pane->focusPolicy() == Qt::NoFocus) { // a panel: its first field
            for (auto* child : pane->findChildren<QWidget*>()) {
                if (child->isVisible() && child->isEnabled() && (child->focusPolicy() & Qt::TabFocus) != 0) {
                    child->setFocus(Qt::ShortcutFocusReason);
                    return;
                }
            }
        }
        pane->setFocus(Qt::ShortcutFocusReason);
        return;
    }
}

} // namespace body4d::ui
