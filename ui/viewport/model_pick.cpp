#include "ui/viewport/model_pick.h"

#include "ui/viewport/imported_model_vtk.h"
#include "ui/viewport/prepared_cloud.h"

#include <vtkCellArray.h>
#include <vtkCellArrayIterator.h>
#include <vtkFloatArray.h>
#include <vtkPoints.h>

#include <algorithm>
#include <cmath>

namespace body4d::ui {

std::optional<double> pickMesh(const OrbitCamera::Ray& ray, const ImportedModel& model) {
    const auto data = static_cast<const VtkImportedModel&>(model).data();
    auto* xyz = data && data->GetPoints() ? vtkFloatArray::FastDownCast(data->GetPoints()->GetData()) : nullptr;
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

std::optional<double> pickCloud(const OrbitCamera::Ray& ray, const CloudData& cloud, double slope, double hideLeastSure) {
    std::optional<double> best;
    const std::size_t count = std::min(cloud.positions.size(), PreparedCloud::kStill); // an even sample, as it is drawn
    for (std::size_t i = 0; i < count; ++i) {
        if (!cloud.rank.empty() && cloud.rank[i] < hideLeastSure) {
            continue; // a hidden point cannot be meant
        }
        const auto& p = cloud.positions[i];
        const Vec3 d = Vec3{p.x, p.y, p.z} - ray.origin;
        const double along = dot(d, ray.direction);
        if (along > 0 && (!best || along < *best) && dot(d, d) - along * along < slope * slope * along * along) {
            best = along;
        }
    }
    return best;
}

} // namespace body4d::ui
