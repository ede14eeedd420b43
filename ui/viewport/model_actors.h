#pragma once

#include "ui/frame/cloud_data.h"
#include "ui/theme.h"
#include "ui/viewport/cloud_actor.h"
#include "ui/viewport/imported_model.h"

#include <vtkSmartPointer.h>

#include <memory>
#include <vector>

class vtkActor;
class vtkRenderer;

namespace body4d::ui {

/// What stands beside the bodies: models from files and the cloud of the scene.
class ModelActors {
public:
    explicit ModelActors(vtkRenderer* renderer);
    ~ModelActors();

    struct Shown {
        std::shared_ptr<ImportedModel> model;
        bool visible = true;
    };
    void setModels(const std::vector<Shown>& models);
    /// Takes over their newest poses.
    void updatePoses();
    void setSceneCloud(std::shared_ptr<const PreparedCloud> cloud);
    void setStyle(const CloudStyle& style, const ThemeTokens& theme, double devicePixelRatio);
    void setShare(PreparedCloud::Share share);
    /// @param farthest the distance at the end of the colour scale, metres
    void setFarthest(double farthest);
    void setCamerasVisible(bool visible);
    [[nodiscard]] bool hasMeshes() const;
    /// Heights that the ends of the colour scale stand for. @param scene the cloud of the scene, or none
    [[nodiscard]] static std::pair<double, double> heights(const std::vector<Shown>& models, const PreparedCloud* scene);

private:
    struct Entry {
        std::shared_ptr<ImportedModel> model;
        bool visible = true;
        vtkSmartPointer<vtkActor> mesh, cameras;
        std::unique_ptr<CloudActor> cloud;
    };
    void buildCameras(Entry& entry);
    void applyStyle();
    [[nodiscard]] std::vector<CloudActor*> clouds() const;

    vtkRenderer* renderer_;
    std::vector<Entry> entries_;
    std::unique_ptr<CloudActor> scene_;
    CloudStyle style_;
    ThemeTokens theme_;
    double pixelRatio_ = 1, farthest_ = 10;
    PreparedCloud::Share share_ = PreparedCloud::Share::All;
    bool camerasVisible_ = true;
};

} // namespace body4d::ui
