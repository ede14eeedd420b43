#include "ui/viewport/model_actors.h"

#include "ui/viewport/frustum_geometry.h"
#include "ui/viewport/imported_model_vtk.h"

#include <algorithm>
#include <cmath>

namespace body4d::ui {
namespace {
constexpr double kFrustumShare = 0.05; ///< of a model's size that its cameras are drawn with
constexpr double kLargestFrustum = 0.45;
} // namespace

ModelActors::ModelActors(vtkRenderer* renderer) : renderer_(renderer), scene_(std::make_unique<CloudActor>(renderer)) {}

ModelActors::~ModelActors() { setModels({}); }

void ModelActors::setModels(const std::vector<Shown>& models) {
    std::vector<Entry> kept;
    for (const auto& shown : models) {
        const auto known = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.model == shown.model; });
        Entry entry;
        if (known != entries_.end()) {
            entry = std::move(*known);
            entries_.erase(known);
        } else {
            entry.model = shown.model;
            entry.mesh = vtkSmartPointer<vtkActor>::New();
            vtkNew<vtkPolyDataMapper> mapper;
            mapper->SetColorModeToDirectScalars();
            entry.mesh->SetMapper(mapper);
            auto* look = entry.mesh->GetProperty();
            look->SetColor(0.72, 0.74, 0.78);
            look->SetAmbient(0.2);
            look->SetDiffuse(0.85);
            look->SetSpecular(0.06);
            look->SetSpecularPower(14);
            look->SetInterpolationToPhong();
            entry.mesh->UseBoundsOff();
            renderer_->AddActor(entry.mesh);
            entry.cameras = makeUnlitActor(renderer_);
            if (shown.model->cloud()) {
                entry.cloud = std::make_unique<CloudActor>(renderer_);
                entry.cloud->setShare(share_);
                entry.cloud->setCloud(shown.model->cloud());
            }
            buildCameras(entry);
        }
        entry.visible = shown.visible;
        kept.push_back(std::move(entry));
    }
    for (auto& entry : entries_) {
        renderer_->RemoveActor(entry.mesh);
        renderer_->RemoveActor(entry.cameras);
    }
    entries_ = std::move(kept);
    updatePoses();
    applyStyle();
}

void ModelActors::updatePoses() {
    for (auto& entry : entries_) {
        const auto data = std::static_pointer_cast<VtkImportedModel>(entry.model)->data();
        auto* mapper = vtkPolyDataMapper::SafeDownCast(entry.mesh->GetMapper());
        if (mapper->GetInput() != data) {
            mapper->SetInputData(data);
        }
        mapper->SetScalarVisibility(data->GetPointData()->GetScalars() != nullptr);
        entry.mesh->SetVisibility(entry.visible && data->GetNumberOfPoints() > 0);
        entry.cameras->SetVisibility(entry.visible && camerasVisible_ && !entry.model->cameras().empty());
        if (entry.cloud) {
            entry.cloud->setVisible(entry.visible);
        }
    }
}

void ModelActors::buildCameras(Entry& entry) {
    const double size = norm(entry.model->high() - entry.model->low());
    const double depth = std::clamp(kFrustumShare * size, 1e-3, kLargestFrustum);
    LineGeometry g;
    for (const auto& camera : entry.model->cameras()) {
        Intrinsics k = camera.intrinsics;
        if (!(k.focalPx > 0) || k.width < 1 || k.height < 1) {
            k = intrinsicsFromFov(4, 3, 0.9); // direction is all that is known
        }
        addFrustum(g, camera.worldFromCam, k, depth, theme_.warning, 0.9);
    }
    g.show(entry.cameras, true);
}

void ModelActors::setSceneCloud(std::shared_ptr<const PreparedCloud> cloud) {
    scene_->setCloud(std::move(cloud));
    applyStyle();
}

void ModelActors::setStyle(const CloudStyle& style, const ThemeTokens& theme, double devicePixelRatio) {
    const bool recolour = theme.warning != theme_.warning;
    style_ = style;
    theme_ = theme;
    pixelRatio_ = devicePixelRatio;
    if (recolour) {
        for (auto& entry : entries_) {
            buildCameras(entry);
        }
    }
    applyStyle();
}

std::vector<CloudActor*> ModelActors::clouds() const {
    std::vector<CloudActor*> all;
    for (const auto& entry : entries_) {
        if (entry.cloud && entry.visible) {
            all.push_back(entry.cloud.get());
        }
    }
    if (scene_->cloud()) {
        all.push_back(scene_.get());
    }
    return all;
}

void ModelActors::applyStyle() {
    std::vector<Shown> shown;
    for (const auto& entry : entries_) {
        shown.push_back({entry.model, entry.visible});
    }
    const auto [lowest, highest] = heights(shown, scene_->cloud().get());
    const QColor plain = blend(theme_.text, theme_.accent, 0.25);
    for (auto* cloud : clouds()) {
        cloud->setStyle(style_, plain, pixelRatio_);
        cloud->setScale(lowest, highest, farthest_);
    }
}

void ModelActors::setShare(PreparedCloud::Share share) {
    share_ = share;
    for (auto& entry : entries_) {
        if (entry.cloud) {
            entry.cloud->setShare(share);
        }
    }
    scene_->setShare(share);
}

void ModelActors::setFarthest(double farthest) {
    if (std::exchange(farthest_, farthest) != farthest && style_.paint == CloudPaint::Distance) {
        applyStyle();
    }
}

void ModelActors::setCamerasVisible(bool visible) {
    camerasVisible_ = visible;
    updatePoses();
}

bool ModelActors::hasMeshes() const {
    return std::any_of(entries_.begin(), entries_.end(), [](const Entry& e) { return e.visible && e.model->triangles() > 0; });
}

std::pair<double, double> ModelActors::heights(const std::vector<Shown>& models, const PreparedCloud* scene) {
    double lowest = 1e9, highest = -1e9;
    for (const auto& m : models) {
        if (m.model->cloud() && m.visible) {
            lowest = std::min(lowest, m.model->low().y);
            highest = std::max(highest, m.model->high().y);
        }
    }
    if (scene != nullptr) {
        lowest = std::min<double>(lowest, scene->cloud().low.y);
        highest = std::max<double>(highest, scene->cloud().high.y);
    }
    return lowest > highest ? std::pair(0.0, 2.0) : std::pair(lowest, highest);
}

} // namespace body4d::ui
