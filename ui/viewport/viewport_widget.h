#pragma once

#include "ui/frame/cloud_data.h"
#include "ui/frame/frame_snapshot.h"
#include "ui/viewport/orbit_camera.h"
#include "ui/viewport/surface_kind.h"
#include "ui/viewport/target_look.h"

#include <QImage>
#include <QTimer>
#include <QWidget>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

class QLabel;

namespace body4d::ui {

struct BodyHit;
class AxisGizmo;
class ColourBar;
class ImportedModel;
class PreparedCloud;
class RenderSurface;
class ViewportScene;
class WipeHandle;
struct ViewRequest;
struct ViewResult;

/// The 3D view. Renders on demand: every change is drawn at once in the quality that the machine carries, and once
/// more, finely, 200 ms after the last change.
class ViewportWidget : public QWidget {
    Q_OBJECT
public:
    explicit ViewportWidget(QWidget* parent = nullptr);
    /// With a surface of one's choice, for tests.
    ViewportWidget(SurfaceKind surface, QWidget* parent);
    ~ViewportWidget() override;

    void setSnapshot(std::shared_ptr<const FrameSnapshot> snapshot);
    void setPaths(std::shared_ptr<const ScenePaths> paths);
    void setLooks(const std::map<TargetId, TargetLook>& looks, TargetId selected);
    /// "BlazePose + Anny, CPU": what produced what is seen.
    void setCaption(const QString& text);
    /// Bodies are being read: nothing is said about an empty view.
    void setAwaiting(bool awaiting);
    /// While a job runs, software rendering keeps to the quick quality.
    void setBusy(bool busy);
    void setGridVisible(bool visible);
    void setTrailsVisible(bool visible);
    void setCamerasVisible(bool visible);
    void setDisplay(BodyDisplay display);
    /// The frame behind the bodies while the view looks through the video's camera.
    void setBackdropVisible(bool visible);
    /// A line that can be dragged: what the bodies are compared with on its left, the bodies on its right. Snapshots
    /// must carry both.
    void setWiping(bool on);
    /// What the two sides of the wipe are called, and what a difference is taken from.
    void setComparisonNames(const QString& other, const QString& own);
    [[nodiscard]] WipeHandle* wipeHandle() const { return wipe_; }
    struct ShownModel {
        std::shared_ptr<ImportedModel> model;
        bool visible = true;
    };
    /// Shows a model from a file too, whole where nothing else is seen.
    void addModel(std::shared_ptr<ImportedModel> model);
    /// In the place of another one, which stays where it is not there any more.
    void replaceModel(const std::shared_ptr<ImportedModel>& before, std::shared_ptr<ImportedModel> model);
    void removeModel(const std::shared_ptr<ImportedModel>& model);
    void clearModels();
    void setModelVisible(const std::shared_ptr<ImportedModel>& model, bool visible);
    [[nodiscard]] const std::vector<ShownModel>& models() const { return models_; }
    /// They have been posed anew.
    void modelsPosed();
    /// The scene that a run reconstructed, made by a worker; nothing: none.
    void setSceneCloud(std::shared_ptr<const PreparedCloud> cloud);
    /// Size, colours and cut of all clouds, at once and without touching their points.
    void setCloudStyle(const CloudStyle& style);
    [[nodiscard]] const CloudStyle& cloudStyle() const { return cloudStyle_; }
    [[nodiscard]] bool hasClouds() const;
    [[nodiscard]] bool hasCloudConfidence() const;
    /// Metres of difference that are drawn fully red.
    void setDifferenceScale(double metres);
    [[nodiscard]] double differenceScale() const { return differenceScale_; }
    /// The colour scale above the view; hidden where colours mean nothing.
    [[nodiscard]] const ColourBar& colourBar() const { return *legend_; }
    /// Clicks set the ends of a distance, on a body or on the ground.
    void setMeasuring(bool on);
    [[nodiscard]] const std::vector<Vec3>& measuredPoints() const { return measured_; }
    /// The view as it is, finely drawn, without the labels above it. @param transparent cut out of its background
    [[nodiscard]] QImage grabPicture(bool transparent);
    /// The view as it is drawn now, without the labels above it; waits for it.
    [[nodiscard]] QImage grabFramebuffer();

    [[nodiscard]] OrbitCamera& camera() { return camera_; }
    /// After changing camera().
    void cameraChanged();
    void fitAll();
    /// Unless the person has taken the camera: as large as the bodies of the moment go.
    void lookAgain();
    /// Shows a box whole, unless the person has taken the camera.
    void showWhole(Vec3f low, Vec3f high);
    void fitSelected();
    void lookThroughCamera();
    void setPreset(OrbitCamera::Preset preset);
    /// "llvmpipe (LLVM 15.0.6, 256 bits)"; may be empty before the first frame.
    [[nodiscard]] QString rendererName() const;
    [[nodiscard]] bool softwareRendering() const;
    /// The fine frame has been drawn; for screenshots and tests.
    [[nodiscard]] bool settled() const;
    [[nodiscard]] double lastRenderMilliseconds() const { return lastRenderMs_; }

Q_SIGNALS:
    void bodyPicked(int target);
    void pointPicked(double x, double y, double z);
    void cameraMoved();
    void measured(double metres);
    /// Models or clouds came, went or were hidden.
    void modelsChanged();
    /// A picture of the view has reached the screen.
    void pictureShown();

protected:
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    bool event(QEvent* event) override;

private:
    [[nodiscard]] ViewRequest request() const;
    void drawn(const ViewResult& result);
    void post(std::function<void(ViewportScene&)> change);
    void changed();
    void placeOverlays();
    void applyBackdrop();
    void applyWipe();
    void measureAt(Vec3 point);
    void placeMeasure();
    void showModels();
    void refreshEmpty();
    void refreshLegend();
    void refreshDifferenceSummary();
    /// Until the person takes the camera: shows the bodies of the moment whole and large enough.
    void keepBodiesInSight();
    /// Until then, too: turns to where everybody's whole path is seen well, which is the same at every start.
    void lookAtPaths();
    [[nodiscard]] bool hasBodies() const;
    /// Heights between which clouds are coloured, metres.
    [[nodiscard]] std::pair<double, double> cloudHeights() const;
    [[nodiscard]] double aspect() const;
    [[nodiscard]] OrbitCamera::Ray rayAt(QPointF position) const;
    [[nodiscard]] Vec3 anchorAt(QPointF position) const;
    /// The first body, mesh or cloud under a ray; target 0: none of the bodies.
    [[nodiscard]] std::optional<BodyHit> pick(const OrbitCamera::Ray& ray) const;

    std::unique_ptr<RenderSurface> surface_; ///< with the scene: VTK stays out of this header
    std::shared_ptr<const FrameSnapshot> snapshot_;
    std::shared_ptr<const PreparedCloud> sceneCloud_;
    OrbitCamera camera_;
    std::shared_ptr<const ScenePaths> paths_;
    std::map<TargetId, TargetLook> looks_;
    TargetId selected_ = 0;
    AxisGizmo* gizmo_ = nullptr;
    WipeHandle* wipe_ = nullptr;
    QLabel* measureLabel_ = nullptr;
    std::vector<Vec3> measured_;
    std::vector<ShownModel> models_;
    CloudStyle cloudStyle_;
    BodyDisplay display_ = BodyDisplay::Surface;
    void useDifferenceScale(double metres);
    static constexpr double kDifferenceScales[] = {0.02, 0.06, 0.15, 0.4, 1}; ///< metres, to choose from
    double differenceScale_ = 0.06;
    bool scaleChosen_ = false; ///< by the person
    bool grabbing_ = false; ///< every point is drawn
    ColourBar* legend_ = nullptr;
    QString otherName_, ownName_;
    bool measuring_ = false, backdrop_ = true;
    QLabel *title_ = nullptr, *caption_ = nullptr, *empty_ = nullptr;
    QTimer fineTimer_;
    bool fine_ = false, busy_ = false;
    bool occlusionAffordable_ = true, cameraTouched_ = false, fittedOnce_ = false, awaiting_ = false;
    int slowFrames_ = 0;
    double lastRenderMs_ = 0;
    QPointF pressed_, last_;
    Qt::MouseButton button_ = Qt::NoButton;
    bool dragged_ = false;
};

/// What two pictures of the same scene on black and on white have in common, with its transparency.
[[nodiscard]] QImage cutOut(const QImage& onBlack, const QImage& onWhite);

} // namespace body4d::ui
