#pragma once

#include "ui/frame/frame_snapshot.h"
#include "ui/theme.h"
#include "ui/viewport/annotation_actors.h"
#include "ui/viewport/body_actor.h"
#include "ui/viewport/orbit_camera.h"
#include "ui/viewport/stage_actors.h"
#include "ui/viewport/target_look.h"

#include <vtkNew.h>
#include <vtkSmartPointer.h>

#include <QSize>

#include <map>
#include <memory>
#include <set>

class vtkLight;
class vtkOpenGLFXAAPass;
class vtkRenderStepsPass;
class vtkRenderer;
class vtkSSAOPass;
class vtkWindow;

namespace body4d::ui {

/// Renderer, lights, bodies and stage; no window. GUI thread only.
class ViewportScene {
public:
    ViewportScene();
    ~ViewportScene();
    [[nodiscard]] vtkRenderer* renderer() const { return renderer_; }

    /// Moving: fewest lights, no effects. Still: three lights; effects as far as the machine carries them.
    enum class Quality { Moving, Still };
    /// Before the context goes: passes hold shaders of their own.
    void releaseGraphics(vtkWindow* window);
    void setQuality(Quality quality, bool ambientOcclusion, bool antiAliasing, bool allLights);
    void setTheme(const ThemeTokens& theme);
    void setSnapshot(std::shared_ptr<const FrameSnapshot> snapshot);
    void setPaths(std::shared_ptr<const ScenePaths> paths);
    void setLooks(const std::map<TargetId, TargetLook>& looks, TargetId selected);
    void setDisplay(BodyDisplay display);
    [[nodiscard]] BodyDisplay display() const { return display_; }
    /// Left of the column (device pixels) the body before smoothing, right of it the smoothed one; negative: off.
    void setWipe(double column);
    [[nodiscard]] bool wiping() const { return wipe_ >= 0; }
    void setBackdropVisible(bool visible);
    void setMeasure(const std::vector<Vec3>& points);
    /// One colour all over, for pictures that are cut out; invalid: the theme's gradient.
    void setPlainBackground(const QColor& colour);
    void setGridVisible(bool visible) { stage_.setGridVisible(visible); }
    void setTrailsVisible(bool visible);
    void setCamerasVisible(bool visible) { stage_.setCamerasVisible(visible); }
    /// @param size device pixels
    void applyCamera(const OrbitCamera& camera, QSize size, double devicePixelRatio);
    [[nodiscard]] const std::shared_ptr<const FrameSnapshot>& snapshot() const { return snapshot_; }
    [[nodiscard]] bool hasBodies() const;

private:
    void createPasses();
    void refresh();
    [[nodiscard]] BodyActor::Look lookOf(const TargetView& target, const TargetLook& look) const;

    vtkNew<vtkRenderer> renderer_;
    vtkSmartPointer<vtkLight> key_, fill_, rim_;
    vtkSmartPointer<vtkRenderStepsPass> steps_;
    vtkSmartPointer<vtkSSAOPass> occlusion_;
    vtkSmartPointer<vtkOpenGLFXAAPass> smoothing_;
    StageActors stage_;
    AnnotationActors notes_;
    std::map<TargetId, std::unique_ptr<BodyActor>> bodies_, rawBodies_;
    BodyDisplay display_ = BodyDisplay::Surface;
    double wipe_ = -1;
    bool backdrop_ = false;
    std::vector<Vec3> measured_;
    std::map<TargetId, TargetLook> looks_;
    TargetId selected_ = 0;
    std::shared_ptr<const FrameSnapshot> snapshot_;
    std::shared_ptr<const ScenePaths> paths_;
    ThemeTokens theme_;
    double pixelRatio_ = 1;
};

} // namespace body4d::ui
