#pragma once

#include "ui/frame/frame_snapshot.h"
#include "ui/viewport/orbit_camera.h"
#include "ui/viewport/target_look.h"

#include <QElapsedTimer>
#include <QImage>
#include <QOpenGLWidget>
#include <QTimer>

#include <map>
#include <memory>
#include <vector>

class QLabel;

namespace body4d::ui {

class AxisGizmo;
class WipeHandle;

/// The 3D view. Renders on demand: every change is drawn at once in the quality that the machine carries, and once
/// more, finely, 200 ms after the last change.
class ViewportWidget : public QOpenGLWidget {
    Q_OBJECT
public:
    explicit ViewportWidget(QWidget* parent = nullptr);
    ~ViewportWidget() override;

    void setSnapshot(std::shared_ptr<const FrameSnapshot> snapshot);
    void setPaths(std::shared_ptr<const ScenePaths> paths);
    void setLooks(const std::map<TargetId, TargetLook>& looks, TargetId selected);
    /// "BlazePose + Anny, CPU": what produced what is seen.
    void setCaption(const QString& text);
    /// While a job runs, software rendering keeps to the quick quality.
    void setBusy(bool busy);
    void setGridVisible(bool visible);
    void setTrailsVisible(bool visible);
    void setCamerasVisible(bool visible);
    void setDisplay(BodyDisplay display);
    /// The frame behind the bodies while the view looks through the video's camera.
    void setBackdropVisible(bool visible);
    /// A line that can be dragged: bodies before smoothing on its left, smoothed ones on its right. Snapshots must
    /// carry both.
    void setWiping(bool on);
    [[nodiscard]] WipeHandle* wipeHandle() const { return wipe_; }
    /// Clicks set the ends of a distance, on a body or on the ground.
    void setMeasuring(bool on);
    [[nodiscard]] const std::vector<Vec3>& measuredPoints() const { return measured_; }
    /// The view as it is, finely drawn, without the labels above it. @param transparent cut out of its background
    [[nodiscard]] QImage grabPicture(bool transparent);

    [[nodiscard]] OrbitCamera& camera() { return camera_; }
    /// After changing camera().
    void cameraChanged();
    void fitAll();
    void fitSelected();
    void lookThroughCamera();
    void setPreset(OrbitCamera::Preset preset);
    /// "llvmpipe (LLVM 15.0.6, 256 bits)"; empty before the first frame.
    [[nodiscard]] const QString& rendererName() const { return rendererName_; }
    [[nodiscard]] bool softwareRendering() const { return software_; }
    /// The fine frame has been drawn; for screenshots and tests.
    [[nodiscard]] bool settled() const { return fine_ && !fineTimer_.isActive(); }
    [[nodiscard]] double lastRenderMilliseconds() const { return lastRenderMs_; }

Q_SIGNALS:
    void bodyPicked(int target);
    void pointPicked(double x, double y, double z);
    void cameraMoved();
    void measured(double metres);

protected:
    void initializeGL() override;
    void resizeGL(int width, int height) override;
    void paintGL() override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    bool event(QEvent* event) override;

private:
    void releaseGl();
    void changed();
    void placeOverlays();
    void applyBackdrop();
    void applyWipe();
    void measureAt(Vec3 point);
    void placeMeasure();
    /// Until the person takes the camera: shows the bodies of the moment whole and large enough.
    void keepBodiesInSight();
    [[nodiscard]] double aspect() const;
    [[nodiscard]] OrbitCamera::Ray rayAt(QPointF position) const;
    [[nodiscard]] Vec3 anchorAt(QPointF position) const;

    struct Vtk; ///< render window and scene: VTK stays out of this header
    std::unique_ptr<Vtk> vtk_;
    OrbitCamera camera_;
    std::shared_ptr<const ScenePaths> paths_;
    std::map<TargetId, TargetLook> looks_;
    TargetId selected_ = 0;
    AxisGizmo* gizmo_ = nullptr;
    WipeHandle* wipe_ = nullptr;
    QLabel* measureLabel_ = nullptr;
    std::vector<Vec3> measured_;
    bool measuring_ = false, backdrop_ = true;
    QLabel *title_ = nullptr, *caption_ = nullptr, *empty_ = nullptr;
    QTimer fineTimer_;
    bool fine_ = false, busy_ = false, software_ = true, ready_ = false;
    bool occlusionAffordable_ = true, cameraTouched_ = false, fittedOnce_ = false;
    int slowFrames_ = 0;
    double lastRenderMs_ = 0;
    QString rendererName_;
    QPointF pressed_, last_;
    Qt::MouseButton button_ = Qt::NoButton;
    bool dragged_ = false;
    QMetaObject::Connection contextGone_;
};

/// What two pictures of the same scene on black and on white have in common, with its transparency.
[[nodiscard]] QImage cutOut(const QImage& onBlack, const QImage& onWhite);

} // namespace body4d::ui
