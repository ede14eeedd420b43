#pragma once

#include "ui/frame/frame_snapshot.h"
#include "ui/theme.h"
#include "ui/viewport/annotation_actors.h"
#include "ui/viewport/body_actor.h"
#include "ui/viewport/model_actors.h"
#include "ui/viewport/orbit_camera.h"
#include "ui/viewport/stage_actors.h"
#include "ui/viewport/target_look.h"

#include <vtkNew.h>
#include <vtkSmartPointer.h>

#include <QSize>

#include <map>
#include <memory>
#include <set>

class vtkActor;
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
    /// @param coarse bodies of fewer triangles
    void setQuality(Quality quality, bool ambientOcclusion, bool antiAliasing, bool allLights, bool coarse);
    void setTheme(const ThemeTokens& theme);
    void setSnapshot(std::shared_ptr<const FrameSnapshot> snapshot);
    void setPaths(std::shared_ptr<const ScenePaths> paths);
    void setLooks(const std::map<TargetId, TargetLook>& looks, TargetId selected);
    void setDisplay(BodyDisplay display);
    [[nodiscard]] BodyDisplay display() const { return display_; }
    /// Left of the column (device pixels) what the bodies are compared with, right of it the bodies; negative: off.
    void setWipe(double column);
    [[nodiscard]] bool wiping() const { return wipe_ >= 0; }
    void setBackdropVisible(bool visible);
    void setMeasure(const std::vector<Vec3>& points);
    /// What stands beside the bodies.
    [[nodiscard]] ModelActors& models() { return models_; }
    [[nodiscard]] const ModelActors& models() const { return models_; }
    void setCloudStyle(const CloudStyle& style);
    /// Metres of difference that are drawn fully red.
    void setDifferenceScale(double metres);
    /// One colour all over, for pictures that are cut out; invalid: the theme's gradient.
    void setPlainBackground(const QColor& colour);
    /// Ground around what is shown; for models, where no paths say how far it reaches.
    void setGround(Vec3f low, Vec3f high);
    void setGridVisible(bool visible) { stage_.setGridVisible(visible); }
    void setTrailsVisible(bool visible);
    void setCamerasVisible(bool visible) {
        stage_.setCamerasVisible(visible);
        models_.setCamerasVisible(visible);
    }
    /// @param size device pixels
    void applyCamera(const OrbitCamera& camera, QSize size, double devicePixelRatio);
    [[nodiscard]] const std::shared_ptr<const FrameSnapshot>& snapshot() const { return snapshot_; }
    [[nodiscard]] bool hasBodies() const;
    /// Bodies that are drawn, both sides of a wipe counted.
    [[nodiscard]] std::size_t bodyCount() const;

private:
    void createPasses();
    void refresh();
    void showSurface(const TargetView& target, bool visible);
    [[nodiscard]] BodyActor::Look lookOf(const TargetView& target, const TargetLook& look) const;

    vtkNew<vtkRenderer> renderer_;
    vtkSmartPointer<vtkLight> key_, fill_, rim_;
    vtkSmartPointer<vtkRenderStepsPass> steps_;
    vtkSmartPointer<vtkSSAOPass> occlusion_;
    vtkSmartPointer<vtkOpenGLFXAAPass> smoothing_;
    StageActors stage_;
    AnnotationActors notes_;
    ModelActors models_;
    std::map<TargetId, std::unique_ptr<BodyActor>> bodies_, otherBodies_; ///< otherBodies_: left of the wipe
    std::map<TargetId, std::unique_ptr<CloudActor>> surfaces_;
    CloudStyle cloudStyle_;
    double differenceScale_ = 0.06;
    bool coarse_ = false;
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
