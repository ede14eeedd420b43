#include "ui/viewport/model_actors.h"

#include "ui/viewport/frustum_geometry.h"
#include "ui/viewport/imported_model_vtk.h"

#include <vtkCellArrayIterator.h>
#include <vtkFloatArray.h>

#include <algorithm>
#include <cmath>

namespace body4d::ui {
namespace {
constexpr double kFrustumShare = 0.05; ///< of a model's size that its cameras are drawn with
constexpr double kLargestFrustum = 0.45;

/// Where a ray first meets a mesh: the distance along it.
std::optional<double> castRay(const OrbitCamera::Ray& ray, vtkPolyData* data) {
    auto* xyz = data->GetPoints() ? vtkFloatArray::FastDownCast(data->GetPoints()->GetData()) : nullptr;
    if (!xyz || data->GetNumberOfPolys() == 0) {
        return std::nullopt;
    }
    const float* v = xyz->GetPointer(0);
    const auto at = [v](vtkIdType i) { return Vec3{v[3 * i], v[3 * i + 1], v[3 * i + 2]}; };
    const auto cross = [](Vec3 a, Vec3 b) { return Vec3{a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; };
    std::optional<double> best;
    auto* cells = data->GetPolys();
    vtkIdType count = 0;
    const vtkIdType* ids = nullptr;
    const auto it = vtkSmartPointer<vtkCellArrayIterator>::Take(cells->NewIterator());
    for (it->GoToFirstCell(); !it->IsDoneWithTraversal(); it->GoToNextCell()) {
        it->GetCurrentCell(count, ids);
        if (count != 3) {
            continue;
        }
        const Vec3 a = at(ids[0]), e1 = at(ids[1]) - a, e2 = at(ids[2]) - a;
        const Vec3 p = cross(ray.direction, e2);
        const double determinant = dot(e1, p);
        if (std::abs(determinant) < 1e-12) {
            continue;
        }
        const Vec3 s = ray.origin - a, q = cross(s, e1);
        const double u = dot(s, p) / determinant, w = dot(ray.direction, q) / determinant, t = dot(e2, q) / determinant;
        if (u >= 0 && w >= 0 && u + w <= 1 && t > 0 && (!best || t < *best)) {
            best = t;
        }
    }
    return best;
}
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
    lowest_ = 1e9;
    highest_ = -1e9;
    for (const auto& entry : entries_) {
        if (entry.cloud && entry.visible) {
            lowest_ = std::min(lowest_, entry.model->low().y);
            highest_ = std::max(highest_, entry.model->high().y);
        }
    }
    if (scene_->cloud()) {
        lowest_ = std::min<double>(lowest_, scene_->cloud()->cloud().low.y);
        highest_ = std::max<double>(highest_, scene_->cloud()->cloud().high.y);
    }
    if (lowest_ > highest_) {
        lowest_ = 0;
        highest_ = 2;
    }
    const QColor plain = blend(theme_.text, theme_.accent, 0.25);
    for (auto* cloud : clouds()) {
        cloud->setStyle(style_, plain, pixelRatio_);
        cloud->setScale(lowest_, highest_, farthest_);
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

bool ModelActors::hasClouds() const { return !clouds().empty(); }

bool ModelActors::hasConfidence() const {
    const auto all = clouds();
    return std::any_of(all.begin(), all.end(), [](const auto* c) { return !c->cloud()->cloud().rank.empty(); });
}

std::optional<double> ModelActors::pick(const OrbitCamera::Ray& ray, double slope) const {
    std::optional<double> best;
    for (const auto& entry : entries_) {
        if (entry.visible) {
            const auto hit = castRay(ray, std::static_pointer_cast<VtkImportedModel>(entry.model)->data());
            best = hit && (!best || *hit < *best) ? hit : best;
        }
    }
    for (const auto* actor : clouds()) {
        const auto& cloud = actor->cloud()->cloud();
        const auto& points = cloud.positions;
        const std::size_t count = std::min(points.size(), PreparedCloud::kStill); // an even sample, as it is drawn
        for (std::size_t i = 0; i < count; ++i) {
            if (!cloud.rank.empty() && cloud.rank[i] < style_.hideLeastSure) {
                continue; // a hidden point cannot be meant
            }
            const Vec3 d = Vec3{points[i].x, points[i].y, points[i].z} - ray.origin;
            const double along = dot(d, ray.direction);
            if (along > 0 && (!best || along < *best) && dot(d, d) - along * along < slope * slope * along * along) {
                best = along;
            }
        }
    }
    return best;
}

} // namespace body4d::ui
