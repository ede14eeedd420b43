#pragma once

#include "ui/action_registry.h"
#include "ui/controllers/playback_controller.h"
#include "ui/controllers/preview_controller.h"
#include "ui/controllers/project_controller.h"
#include "ui/controllers/run_controller.h"
#include "ui/controllers/task_queue.h"
#include "ui/controllers/telemetry_controller.h"
#include "ui/frame/snapshot_controller.h"
#include "ui/item_models/log_model.h"
#include "ui/item_models/target_model.h"
#include "ui/theme.h"
#include "ui/video/video_canvas.h"
#include "ui/viewport/camera_flight.h"
#include "ui/viewport/target_look.h"

#include <QMainWindow>
#include <QPointer>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

class QDockWidget;
class QLabel;
class QSplitter;
class QStackedWidget;
class QToolBar;
class QToolButton;

namespace body4d::ui {

class CameraDialog;
class CommandPalette;
class EmptyState;
class ErrorBar;
class ExportDialog;
class ExportReport;
struct ExportWish;
class GaugePanel;
class MaskEditor;
class PathMovie;
class RunPanel;
class ScenePanel;
class SessionGuard;
class SoundPlayer;
class TargetPanel;
class ThumbnailPopup;
class TimelineWidget;
class Turntable;
class ViewportWidget;

/// The window: builds the widgets, declares every action, wires controllers to views.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    explicit MainWindow(std::shared_ptr<Backend> backend, QWidget* parent = nullptr);
    ~MainWindow() override;

    void openPath(const std::filesystem::path& path);
    /// What was dropped or named together: 3D files are shown, the first video or project is opened. @returns what is
    /// neither
    QStringList openPaths(const QStringList& paths);
    void startRun(std::vector<std::string> exports = {}, const std::filesystem::path& exportFolder = {});
    /// Runs as a job, after everything that runs or waits; brings missing results up to date first.
    void startExport(const ExportWish& wish);
    void showMessage(const UserMessage& message);
    /// Writes the 3D view in the background. @param transparent cut out of its background
    void saveViewportTo(const QString& file, bool transparent);
    /// 3D files beside the bodies, together one model; read in the background.
    void showModel(const std::vector<std::filesystem::path>& files);
    void showModel(const std::filesystem::path& file) { showModel(std::vector{file}); }
    /// Compares the bodies with those of another project of the same video; its bodies are read in the background.
    void compareWithProject(const std::filesystem::path& folder);
    /// Just the scene stage, as a job.
    void startScene();
    /// Weights of a person's own for the place, once every tensor of them is checked.
    void useSceneWeights(const std::filesystem::path& file);
    void recordTurntable(const std::filesystem::path& file);
    /// The range of the timeline as the 3D view shows it, along the camera keys where there are some.
    void recordMovie(const std::filesystem::path& file);
    [[nodiscard]] const CameraFlight& cameraPath() const { return cameraPath_; }
    /// New people from masks made elsewhere, see readMasks(); read in the background.
    void importMasks(const std::filesystem::path& path);

    [[nodiscard]] ProjectController& project() { return *project_; }
    [[nodiscard]] PlaybackController& playback() { return *playback_; }
    [[nodiscard]] RunController& runController() { return *run_; }
    [[nodiscard]] PreviewController& previews() { return *previews_; }
    [[nodiscard]] SnapshotController& snapshots() { return *snapshots_; }
    [[nodiscard]] ActionRegistry& actionRegistry() { return *actions_; }
    [[nodiscard]] VideoCanvas& canvas() { return *canvas_; }
    [[nodiscard]] ViewportWidget& viewport() { return *viewport_; }
    [[nodiscard]] TimelineWidget& timeline() { return *timeline_; }
    [[nodiscard]] ErrorBar& errorBar() { return *errors_; }
    [[nodiscard]] TargetModel& targetModel() { return *targetModel_; }
    [[nodiscard]] GaugePanel& gauges() { return *gauges_; }
    [[nodiscard]] ExportDialog* exportDialog();
    [[nodiscard]] ExportReport* exportReport();
    [[nodiscard]] RunPanel& runPanel() { return *runPanel_; }
    [[nodiscard]] ThumbnailPopup& thumbnails() { return *thumbnails_; }

Q_SIGNALS:
    /// The first complete frame is on the screen.
    void firstPainted();

protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    // main_window_actions.cpp
    void createFileActions();
    void createEditActions();
    void createViewActions();
    void createPlaybackActions();
    void createRunActions();
    void createMenus();
    // main_window_session.cpp
    void createSessionActions();
    void wireSession();
    void keepThumbnail();
    void showRecent();
    // main_window_viewport.cpp
    void createViewportActions();
    void wireViewport();
    void setBodyDisplay(BodyDisplay display);
    void refreshComparison();
    void setComparison(Comparison comparison);
    void readModelAgain(int index, int up);
    /// Without a video the timeline runs over what has been dropped.
    void adoptModelTimes();
    void createMovieActions();
    /// Tells the recording movie when the models have been posed, too.
    void showMovieFrame(std::int64_t frame);
    /// Imported models that move follow the time cursor.
    void poseModels();
    void saveViewport(bool transparent);
    // main_window_scene.cpp
    struct ShownScene;
    void createSceneActions();
    void wireScene();
    [[nodiscard]] bool sceneChosen() const;
    /// Reads the scene again and puts it beside the bodies as they are now, in the background.
    void reloadScene();
    void askSceneWeights();
    void refreshWeightsNotes();
    void showScene();
    [[nodiscard]] std::shared_ptr<const SceneSight> sceneSight() const;
    [[nodiscard]] QString sceneCaption() const;
    // main_window_annotation.cpp
    void createAnnotationActions();
    void wireAnnotation();
    /// False where nobody is meant or the person is locked, which is said.
    [[nodiscard]] bool editable(TargetId id);
    /// Calls `chosen` with the only other person, or asks which one.
    void withOtherPerson(const QString& title, const std::function<void(TargetId)>& chosen);
    void swapHere(TargetId other);
    void judgeHere(std::optional<bool> accepted);
    void createToolBar();
    /// Shows as many words in the tool bar as the window has room for.
    void fitToolBar();
    // main_window_camera.cpp
    void createCameraActions();
    void showCamera();
    // main_window_export.cpp
    void createExportActions();
    void wireExport();
    void enqueue(const QString& title, const RunRequest& request);
    void showExportDialog();
    void tellExport(const RunSummary& summary);
    /// Whom a run has recognised nowhere.
    void tellUnseen();
    // main_window.cpp
    void createViews();
    void createDocks();
    void createStatusBar();
    void restoreLayout();
    // main_window_wiring.cpp
    void wireProject();
    void wireViews();
    void wireRun();
    void refreshTargets();
    /// The timeline grows with the people, up to a point.
    void makeRoomForLanes();
    void refreshLanes();
    void refreshEnabled();
    void refreshTitle();
    void refreshHint();
    void refreshCaption();
    void requestPreview(TargetId id);
    /// Prompts of the frame get their masks back when a person returns to it, where no valid result shows them.
    void previewPrompts();
    void onPeopleFound(std::int64_t frame, const std::vector<std::shared_ptr<const SegmentPreview>>& people);
    void onLiveResults();
    [[nodiscard]] RunEvents liveEvents();

    void chooseVideo();
    void chooseFolder();
    void chooseSaveAs();
    void rememberRecent(const std::filesystem::path& path);
    void fillRecent();
    void setTheme(ThemeMode mode);
    void setTool(CanvasTool tool);
    void toggleFullScreenPane();
    void focusNextPane();
    [[nodiscard]] bool viewportFocused() const;
    [[nodiscard]] QString commandLine() const;

    std::shared_ptr<Backend> backend_;
    LogModel* log_;
    ProjectController* project_;
    PlaybackController* playback_;
    PreviewController* previews_;
    SnapshotController* snapshots_;
    std::vector<ModelEntry> models_;
    TelemetryController* telemetry_;
    RunController* run_;
    TargetModel* targetModel_;
    ActionRegistry* actions_;
    MaskEditor* maskEditor_ = nullptr;
    ThumbnailPopup* thumbnails_ = nullptr;
    Turntable* turntable_ = nullptr;
    SoundPlayer* sound_ = nullptr;
    PathMovie* movie_ = nullptr;
    CameraFlight cameraPath_;
    std::unique_ptr<SessionGuard> guard_;
    std::vector<std::filesystem::path> abandoned_; ///< projects that a crash left behind, newest first
    QString missingProject_, missingVideo_;
    bool locating_ = false; ///< a file was named for it

    QSplitter* splitter_ = nullptr;
    QStackedWidget* videoStack_ = nullptr;
    EmptyState* empty_ = nullptr;
    VideoCanvas* canvas_ = nullptr;
    ViewportWidget* viewport_ = nullptr;
    ErrorBar* errors_ = nullptr;
    TimelineWidget* timeline_ = nullptr;
    TargetPanel* targets_ = nullptr;
    RunPanel* runPanel_ = nullptr;
    GaugePanel* gauges_ = nullptr;
    CommandPalette* palette_ = nullptr;
    QPointer<CameraDialog> camera_;
    ExportDialog* export_ = nullptr;
    ExportReport* report_ = nullptr;
    std::filesystem::path lastExport_; ///< folder
    QDockWidget *peopleDock_ = nullptr, *runDock_ = nullptr, *timelineDock_ = nullptr, *logDock_ = nullptr,
                *historyDock_ = nullptr;
    QMenu* recentMenu_ = nullptr;
    QToolBar* toolBar_ = nullptr;
    std::vector<QToolButton*> toolButtons_; ///< those that may have words
    QToolButton* updateButton_ = nullptr;
    QLabel *statusFrame_ = nullptr, *statusCursor_ = nullptr, *statusEngine_ = nullptr, *statusDevice_ = nullptr,
           *statusMemory_ = nullptr, *statusVideo_ = nullptr, *statusState_ = nullptr;
    QByteArray paneState_;
    QTimer lanesTimer_;
    std::atomic<bool> livePending_{false};
    bool arranged_ = false, stopHeld_ = false;
    bool painted_ = false;
    BodyDisplay bodyDisplay_ = BodyDisplay::Surface;
    Comparison comparison_ = Comparison::Raw;
    std::shared_ptr<const OtherRun> otherRun_;
    ScenePanel* scenePanel_ = nullptr;
    std::shared_ptr<const ShownScene> scene_;
    std::vector<OptionValue> placing_; ///< options that the cloud was made with
    std::string weightsShown_;         ///< engines and weights that the notes in the run panel speak of
    QString bodyNote_;                 ///< what the body network's weights say of themselves
    bool sceneVisible_ = true;
    TaskQueue sceneQueue_;
    TaskQueue importQueue_; // last: joined first
};

} // namespace body4d::ui
