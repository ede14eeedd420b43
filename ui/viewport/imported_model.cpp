#include "ui/viewport/imported_model.h"

#include "base/error.h"
#include "body/body_model.h"
#include "ui/controllers/core_text.h"
#include "ui/frame/cloud_data.h"
#include "ui/viewport/cloud_actor.h"
#include "ui/viewport/imported_model_vtk.h"

#include <vtkCellArray.h>
#include <vtkFloatArray.h>
#include <vtkNew.h>
#include <vtkPointData.h>
#include <vtkTypeInt32Array.h>
#include <vtkUnsignedCharArray.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

namespace body4d::ui {
namespace fs = std::filesystem;
namespace {

constexpr double kStray = 0.01; ///< share of a cloud's points on either side that bounds leave out
/// Of meshes without colours, one after the other: the targets' own, calmed.
constexpr std::array<std::array<std::uint8_t, 3>, 6> kMeshColours{
    {{0x9C, 0xB9, 0xCC}, {0xD3, 0xB5, 0x85}, {0x93, 0xBF, 0xAF}, {0xC4, 0xA3, 0xB5}, {0xA5, 0xAE, 0xCE}, {0xC9, 0xA8, 0x96}}};

std::string extensionOf(const fs::path& file) {
    auto extension = file.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return extension;
}

/// All meshes in one piece, with normals and colours.
vtkSmartPointer<vtkPolyData> meshOf(const std::vector<ForeignObject>& objects) {
    std::size_t points = 0, triangles = 0;
    for (const auto& object : objects) {
        points += object.triangles.empty() ? 0 : object.points.size();
        triangles += object.triangles.size();
    }
    auto data = vtkSmartPointer<vtkPolyData>::New();
    vtkNew<vtkFloatArray> xyz, normals;
    vtkNew<vtkUnsignedCharArray> colours;
    vtkNew<vtkTypeInt32Array> offsets, ids;
    xyz->SetNumberOfComponents(3);
    normals->SetNumberOfComponents(3);
    colours->SetNumberOfComponents(3);
    xyz->SetNumberOfTuples(static_cast<vtkIdType>(points));
    normals->SetNumberOfTuples(static_cast<vtkIdType>(points));
    colours->SetNumberOfTuples(static_cast<vtkIdType>(points));
    offsets->SetNumberOfValues(static_cast<vtkIdType>(triangles) + 1);
    ids->SetNumberOfValues(3 * static_cast<vtkIdType>(triangles));
    normals->SetName("Normals");
    colours->SetName("RGB");
    std::size_t at = 0, cell = 0, number = 0;
    for (const auto& object : objects) {
        const auto& plain = kMeshColours[number++ % kMeshColours.size()];
        if (object.triangles.empty()) {
            continue;
        }
        std::vector<Vec3f> smooth = object.normals;
        if (smooth.empty()) {
            MeshTopology topology;
            topology.triangles = object.triangles;
            computeNormals(object.points, topology, smooth);
        }
        std::copy_n(&object.points[0].x, 3 * object.points.size(), xyz->GetPointer(static_cast<vtkIdType>(3 * at)));
        std::copy_n(&smooth[0].x, 3 * smooth.size(), normals->GetPointer(static_cast<vtkIdType>(3 * at)));
        auto* rgb = colours->GetPointer(static_cast<vtkIdType>(3 * at));
        for (std::size_t i = 0; i < object.points.size(); ++i) {
            std::copy_n((object.colours.empty() ? plain : object.colours[i]).data(), 3, rgb + 3 * i);
        }
        for (const auto& t : object.triangles) {
            offsets->SetValue(static_cast<vtkIdType>(cell), static_cast<vtkTypeInt32>(3 * cell));
            for (std::size_t k = 0; k < 3; ++k) {
                ids->SetValue(static_cast<vtkIdType>(3 * cell + k), static_cast<vtkTypeInt32>(at + t[k]));
            }
            ++cell;
        }
        at += object.points.size();
    }
    offsets->SetValue(static_cast<vtkIdType>(cell), static_cast<vtkTypeInt32>(3 * cell));
    vtkNew<vtkPoints> all;
    all->SetData(xyz);
    vtkNew<vtkCellArray> cells;
    cells->SetData(offsets, ids);
    data->SetPoints(all);
    data->SetPolys(cells);
    data->GetPointData()->SetNormals(normals);
    data->GetPointData()->SetScalars(colours);
    data->GetBounds();
    return data;
}

/// All clouds in one; ranks only where each of them knows how sure it is.
std::shared_ptr<const CloudData> cloudOf(std::vector<ForeignObject>& objects) {
    std::vector<Vec3f> points;
    std::vector<std::array<std::uint8_t, 3>> colours;
    std::vector<float> confidence;
    bool coloured = false, sure = true;
    for (const auto& object : objects) {
        coloured = coloured || (object.triangles.empty() && !object.colours.empty());
    }
    for (auto& object : objects) {
        if (!object.triangles.empty()) {
            continue;
        }
        points.insert(points.end(), object.points.begin(), object.points.end());
        if (coloured) {
            colours.insert(colours.end(), object.colours.begin(), object.colours.end());
            colours.resize(points.size(), {200, 200, 200});
        }
        sure = sure && (object.points.empty() || !object.confidence.empty());
        confidence.insert(confidence.end(), object.confidence.begin(), object.confidence.end());
        object = {}; // the copy is enough
    }
    if (points.empty()) {
        return nullptr;
    }
    return makeCloud(points, colours, sure ? std::span<const float>(confidence) : std::span<const float>());
}

/// Bounds without the strays that every reconstruction has.
std::pair<Vec3, Vec3> bulkOf(const CloudData& cloud) {
    std::array<std::vector<float>, 3> sample;
    const std::size_t n = std::min<std::size_t>(cloud.positions.size(), 50'000); // in random order: even
    for (std::size_t i = 0; i < n; ++i) {
        sample[0].push_back(cloud.positions[i].x);
        sample[1].push_back(cloud.positions[i].y);
        sample[2].push_back(cloud.positions[i].z);
    }
    double low[3], high[3];
    for (std::size_t k = 0; k < 3; ++k) {
        std::sort(sample[k].begin(), sample[k].end());
        const auto cut = static_cast<std::size_t>(kStray * static_cast<double>(n));
        low[k] = sample[k][cut];
        high[k] = sample[k][n - 1 - cut];
    }
    return {{low[0], low[1], low[2]}, {high[0], high[1], high[2]}};
}

/// What core's readers bring.
class ForeignModel : public VtkImportedModel {
public:
    ForeignModel(std::span<const fs::path> files, UpAxis up) : scene_(readForeignScene(files, up)) {
        name_ = QString::fromStdString(scene_.name);
        kind_ = coreText(scene_.kind);
        note_ = coreText(scene_.note);
        files_.assign(files.begin(), files.end());
        cameras_ = scene_.cameras;
        frames_ = scene_.frames();
        shown_ = frames_.first;
        vertices_ = static_cast<long long>(scene_.pointCount());
        triangles_ = static_cast<long long>(scene_.triangleCount());
        setData(meshOf(scene_.objects));
        if (const auto cloud = cloudOf(scene_.objects)) {
            cloud_ = std::make_shared<const PreparedCloud>(cloud);
            const auto [low, high] = bulkOf(*cloud);
            growBounds(low, high);
        }
        if (vertices_ == 0) {
            for (const auto& camera : cameras_) {
                growBounds(camera.worldFromCam.translation, camera.worldFromCam.translation);
            }
        }
        scene_.objects.clear();
    }
    bool pose(std::int64_t frame, double) override {
        if (scene_.sequences.empty()) {
            return false;
        }
        frame = std::clamp(frame, frames_.first, frames_.second - 1);
        if (frame == shown_) {
            return false;
        }
        setData(meshOf(readForeignFrame(scene_, frame)));
        shown_ = frame;
        return true;
    }

private:
    ForeignScene scene_;
    std::int64_t shown_ = 0;
};

} // namespace

ImportedModel::~ImportedModel() = default;

void VtkImportedModel::growBounds(Vec3 low, Vec3 high) {
    if (!std::exchange(bounded_, true)) {
        low_ = low;
        high_ = high;
        return;
    }
    low_ = {std::min(low_.x, low.x), std::min(low_.y, low.y), std::min(low_.z, low.z)};
    high_ = {std::max(high_.x, high.x), std::max(high_.y, high.y), std::max(high_.z, high.z)};
}

void VtkImportedModel::setData(vtkSmartPointer<vtkPolyData> data) {
    // Colours of the file, whatever they are called there.
    for (const char* name : {"RGBA", "RGB", "COLOR_0", "Colors"}) {
        if (data->GetPointData()->HasArray(name)) {
            data->GetPointData()->SetActiveScalars(name);
            break;
        }
    }
    if (!bounded_ && data->GetNumberOfPoints() > 0) {
        vertices_ = std::max<long long>(vertices_, data->GetNumberOfPoints());
        triangles_ = std::max<long long>(triangles_, data->GetNumberOfPolys());
        double bounds[6];
        data->GetBounds(bounds);
        growBounds({bounds[0], bounds[2], bounds[4]}, {bounds[1], bounds[3], bounds[5]});
    }
    const std::lock_guard lock(mutex_);
    data_ = std::move(data);
}

bool ImportedModel::canRead(const fs::path& file) { return isForeignScene(file) || extensionOf(file) == ".gltf"; }

QString ImportedModel::filePatterns() { return QStringLiteral("*.ply *.glb *.gltf *.obj *.npz *.bin *.txt"); }

std::shared_ptr<ImportedModel> ImportedModel::read(const fs::path& file) { return read(std::span(&file, 1)); }

std::shared_ptr<ImportedModel> ImportedModel::read(std::span<const fs::path> files, UpAxis up) {
    BODY4D_EXPECT(!files.empty());
    const auto extension = extensionOf(files.front());
    if (extension == ".gltf" || (extension == ".glb" && glbMoves(files.front()))) {
        return readAnimatedGltf(files.front());
    }
    return std::make_shared<ForeignModel>(files, up);
}

} // namespace body4d::ui
