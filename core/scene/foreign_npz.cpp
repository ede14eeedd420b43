// NumPy archives with something to look at in them.
#include "base/npz.h"
#include "scene/foreign_readers_internal.h"

#include <algorithm>
#include <cmath>

namespace body4d::detail {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMostPoints = 8'000'000; ///< of depth and point maps; beyond, every k-th pixel is taken
constexpr std::uintmax_t kLargestTopology = std::uintmax_t{64} << 20;

using Arrays = std::map<std::string, NpyArray>;

const NpyArray* find(const Arrays& arrays, std::initializer_list<const char*> names) {
    for (const auto* name : names) {
        if (const auto it = arrays.find(name); it != arrays.end()) {
            return &it->second;
        }
    }
    return nullptr;
}

std::size_t countOf(const NpyArray& array) {
    std::size_t n = 1;
    for (const auto d : array.shape) {
        n *= static_cast<std::size_t>(std::max<std::int64_t>(0, d));
    }
    return n;
}

/// Triangles of the PLY that has as many vertices, beside the file or one folder up.
std::vector<std::array<std::uint32_t, 3>> trianglesBeside(const fs::path& file, std::size_t vertices) {
    std::error_code ec;
    const auto folder = fs::absolute(file, ec).parent_path();
    for (const auto& place : {folder, folder.parent_path()}) {
        for (const auto& entry : fs::directory_iterator(place, ec)) {
            if (entry.path().extension() != ".ply" || !entry.is_regular_file(ec) ||
                entry.file_size(ec) > kLargestTopology) {
                continue;
            }
            try {
                auto raw = readPly(entry.path());
                if (raw.objects[0].points.size() == vertices && !raw.objects[0].triangles.empty()) {
                    return std::move(raw.objects[0].triangles);
                }
            } catch (const std::exception&) {
                continue; // some other file, damaged as it may be
            }
        }
    }
    return {};
}

/// Focal length and centre that bring 3D points to where the file says they are seen.
Intrinsics cameraOf(const std::vector<float>& points, const std::vector<float>& px, Vec3f shift) {
    const std::size_t n = std::min(points.size() / 3, px.size() / 2);
    std::vector<std::array<double, 4>> rows; // x/z, y/z, u, v
    std::array<double, 4> mean{};
    for (std::size_t i = 0; i < n; ++i) {
        const double z = points[3 * i + 2] + shift.z;
        if (z > 1e-3) {
            rows.push_back(
                {(points[3 * i] + shift.x) / z, (points[3 * i + 1] + shift.y) / z, px[2 * i], px[2 * i + 1]});
            for (std::size_t k = 0; k < 4; ++k) {
                mean[k] += rows.back()[k];
            }
        }
    }
    double above = 0, below = 0;
    for (auto& m : mean) {
        m /= std::max<double>(1, static_cast<double>(rows.size()));
    }
    for (const auto& r : rows) {
        for (std::size_t k = 0; k < 2; ++k) {
            above += (r[k] - mean[k]) * (r[k + 2] - mean[k + 2]);
            below += (r[k] - mean[k]) * (r[k] - mean[k]);
        }
    }
    Intrinsics camera;
    if (rows.size() >= 4 && below > 1e-9 && above > 0) {
        camera.focalPx = above / below;
        camera.centreX = mean[2] - camera.focalPx * mean[0];
        camera.centreY = mean[3] - camera.focalPx * mean[1];
        camera.width =
            static_cast<int>(std::lround(2 * camera.centreX)); // it projects about the middle of the picture
        camera.height = static_cast<int>(std::lround(2 * camera.centreY));
        if (camera.width < 2 || camera.height < 2) {
            camera.focalPx = 0;
        }
    }
    return camera;
}

RawScene readBodies(const fs::path& file, const Arrays& arrays) {
    const auto& vertices = arrays.at("pred_vertices");
    const auto* shift = find(arrays, {"pred_cam_t"});
    const auto rank = vertices.shape.size();
    if (rank < 2 || rank > 3 || vertices.shape.back() != 3) {
        refuse(file, "pred_vertices must be [vertices, 3] or [people, vertices, 3]");
    }
    const std::size_t people = rank == 3 ? static_cast<std::size_t>(vertices.shape[0]) : 1;
    const std::size_t count = static_cast<std::size_t>(vertices.shape[rank - 2]);
    const auto xyz = vertices.as<float>();
    std::vector<float> move(3 * people, 0.F);
    if (shift != nullptr) {
        move = shift->as<float>();
        if (move.size() != 3 * people) {
            refuse(file, "pred_cam_t does not belong to pred_vertices");
        }
    }
    RawScene scene;
    scene.kind = "SAM 3D Body result";
    scene.up = UpAxis::MinusY;
    scene.cameraSpace = shift != nullptr;
    const auto triangles = trianglesBeside(file, count);
    for (std::size_t p = 0; p < people; ++p) {
        ForeignObject body;
        body.name = file.stem().string() + (people > 1 ? " " + std::to_string(p + 1) : "");
        body.triangles = triangles;
        body.points.resize(count);
        for (std::size_t i = 0; i < count; ++i) {
            const float* v = xyz.data() + 3 * (p * count + i);
            body.points[i] = {v[0] + move[3 * p], v[1] + move[3 * p + 1], v[2] + move[3 * p + 2]};
        }
        dropNonFinite(body);
        scene.objects.push_back(std::move(body));
    }
    const auto *points = find(arrays, {"pred_keypoints_3d"}), *px = find(arrays, {"pred_keypoints_2d"});
    if (points != nullptr && px != nullptr && people == 1 && shift != nullptr) {
        const auto camera = cameraOf(points->as<float>(), px->as<float>(), {move[0], move[1], move[2]});
        if (camera.focalPx > 0) {
            scene.cameras.push_back({file.stem().string(), {}, camera});
        }
    }
    return scene;
}

/// Colours of n points, whatever their type and order; empty where they do not fit.
std::vector<std::array<std::uint8_t, 3>> coloursOf(const NpyArray* array, std::size_t n) {
    std::vector<std::array<std::uint8_t, 3>> out;
    if (array == nullptr || array->shape.empty() || n == 0) {
        return out;
    }
    const auto channels = static_cast<std::size_t>(array->shape.back());
    const auto rank = array->shape.size();
    // [S, 3, H, W] as networks take it
    const bool planes = rank == 4 && array->shape[1] == 3 && countOf(*array) == 3 * n && channels != 3;
    if (!planes && (channels < 3 || channels > 4 || countOf(*array) != channels * n)) {
        return out;
    }
    std::vector<float> values;
    float scale = 1;
    if (array->dtype == DType::U8) {
        const auto bytes = array->as<std::uint8_t>();
        values.assign(bytes.begin(), bytes.end());
    } else {
        values = array->as<float>();
        scale = std::any_of(values.begin(), values.end(), [](float v) { return v > 1.5F; }) ? 1.F : 255.F;
    }
    const auto toByte = [scale](float v) {
        return static_cast<std::uint8_t>(std::clamp(std::lround(v * scale), 0L, 255L));
    };
    out.resize(n);
    if (planes) {
        const auto area = static_cast<std::size_t>(array->shape[2] * array->shape[3]);
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t c = 0; c < 3; ++c) {
                out[i][c] = toByte(values[(i / area * 3 + c) * area + i % area]);
            }
        }
    } else {
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t c = 0; c < 3; ++c) {
                out[i][c] = toByte(values[channels * i + c]);
            }
        }
    }
    return out;
}

/// Poses and intrinsics of views: world to camera, [N, 3 or 4, 4] and [N, 3, 3], a leading 1 left away.
std::vector<ForeignCamera> viewsOf(const fs::path& file, const NpyArray* extrinsics,
                                   const NpyArray* intrinsics, int width, int height) {
    std::vector<ForeignCamera> views;
    if (extrinsics == nullptr || extrinsics->shape.size() < 3 || extrinsics->shape.back() != 4) {
        return views;
    }
    const auto rows = static_cast<std::size_t>(extrinsics->shape[extrinsics->shape.size() - 2]);
    if (rows != 3 && rows != 4) {
        return views;
    }
    const auto e = extrinsics->as<float>();
    const std::size_t n = e.size() / (4 * rows);
    std::vector<float> k;
    if (intrinsics != nullptr) {
        k = intrinsics->as<float>();
        if (k.size() != 9 * n) {
            refuse(file, "intrinsics and extrinsics are of different numbers of views");
        }
    }
    for (std::size_t i = 0; i < n; ++i) {
        RigidTransform camFromWorld;
        const float* m = e.data() + 4 * rows * i;
        for (std::size_t r = 0; r < 3; ++r) {
            for (std::size_t c = 0; c < 3; ++c) {
                camFromWorld.rotation.m[3 * r + c] = m[4 * r + c];
            }
        }
        camFromWorld.translation = {m[3], m[7], m[11]};
        ForeignCamera view{"view " + std::to_string(i), inverse(camFromWorld), {}};
        if (!k.empty()) {
            view.intrinsics = {0.5 * (k[9 * i] + k[9 * i + 4]), k[9 * i + 2], k[9 * i + 5], width, height};
        }
        views.push_back(view);
    }
    return views;
}

RawScene readDepthMaps(const fs::path& file, const Arrays& arrays) {
    const auto& depth = *find(arrays, {"depth", "depths"});
    const auto* conf = find(arrays, {"conf", "confidence", "depth_conf"});
    auto shape = depth.shape;
    if (!shape.empty() && shape.back() == 1) {
        shape.pop_back();
    }
    if (shape.size() > 3 && shape.front() == 1) {
        shape.erase(shape.begin());
    }
    if (shape.size() != 3) {
        refuse(file, "depth must be [views, height, width]");
    }
    const auto n = static_cast<std::size_t>(shape[0]), h = static_cast<std::size_t>(shape[1]),
               w = static_cast<std::size_t>(shape[2]);
    RawScene scene;
    scene.kind = "depth maps with cameras";
    scene.up = UpAxis::MinusY;
    scene.turnByCameras = true;
    scene.cameras =
        viewsOf(file, find(arrays, {"extrinsics", "exts", "extrinsic"}),
                find(arrays, {"intrinsics", "ixts", "intrinsic"}), static_cast<int>(w), static_cast<int>(h));
    if (scene.cameras.size() != n || n == 0 || scene.cameras[0].intrinsics.focalPx <= 0) {
        refuse(file, "depth maps need extrinsics [views, 3 or 4, 4] and intrinsics [views, 3, 3] beside them",
               "Export with cameras, or as a PLY point cloud.");
    }
    const auto z = depth.as<float>();
    std::vector<float> sure;
    if (conf != nullptr && countOf(*conf) == z.size()) {
        sure = conf->as<float>();
    }
    const auto colours = coloursOf(find(arrays, {"image", "images", "processed_images"}), z.size());
    const std::size_t step = std::max<std::size_t>(1, (z.size() + kMostPoints - 1) / kMostPoints);
    ForeignObject cloud;
    for (std::size_t i = 0; i < z.size(); i += step) {
        if (!std::isfinite(z[i]) || z[i] <= 0) {
            continue;
        }
        const auto& view = scene.cameras[i / (h * w)];
        const auto x = static_cast<double>(i % w), y = static_cast<double>(i / w % h);
        const double d = z[i];
        const Vec3 p =
            view.worldFromCam * Vec3{d * (x - view.intrinsics.centreX) / view.intrinsics.focalPx,
                                     d * (y - view.intrinsics.centreY) / view.intrinsics.focalPx, d};
        cloud.points.push_back({static_cast<float>(p.x), static_cast<float>(p.y), static_cast<float>(p.z)});
        if (!colours.empty()) {
            cloud.colours.push_back(colours[i]);
        }
        if (!sure.empty()) {
            cloud.confidence.push_back(sure[i]);
        }
    }
    scene.objects.push_back(std::move(cloud));
    return scene;
}

RawScene readPoints(const fs::path& file, const Arrays& arrays, const NpyArray& points) {
    if (points.shape.size() < 2 || points.shape.back() != 3) {
        refuse(file, "its points must have three coordinates in the last axis");
    }
    const auto xyz = points.as<float>();
    const std::size_t n = xyz.size() / 3;
    const auto colours = coloursOf(find(arrays, {"colors", "colours", "rgb", "color", "images", "image"}), n);
    std::vector<float> sure;
    if (const auto* conf = find(arrays, {"confidence", "conf", "world_points_conf", "confidences", "scores"});
        conf != nullptr && countOf(*conf) == n) {
        sure = conf->as<float>();
    }
    RawScene scene;
    scene.kind = "npz point cloud";
    // Point maps of several views come with cameras, in the axes of the first one.
    const auto* extrinsics = find(arrays, {"extrinsic", "extrinsics"});
    const bool maps = points.shape.size() >= 4;
    if (maps) {
        scene.kind = "point maps";
        scene.up = UpAxis::MinusY;
        scene.turnByCameras = true;
        const auto rank = points.shape.size();
        scene.cameras =
            viewsOf(file, extrinsics, find(arrays, {"intrinsic", "intrinsics"}),
                    static_cast<int>(points.shape[rank - 2]), static_cast<int>(points.shape[rank - 3]));
    }
    const std::size_t step = maps ? std::max<std::size_t>(1, (n + kMostPoints - 1) / kMostPoints) : 1;
    ForeignObject cloud;
    for (std::size_t i = 0; i < n; i += step) {
        cloud.points.push_back({xyz[3 * i], xyz[3 * i + 1], xyz[3 * i + 2]});
        if (!colours.empty()) {
            cloud.colours.push_back(colours[i]);
        }
        if (!sure.empty()) {
            cloud.confidence.push_back(sure[i]);
        }
    }
    if (const auto* faces = find(arrays, {"faces", "triangles"});
        faces != nullptr && step == 1 && countOf(*faces) % 3 == 0 &&
        (faces->dtype == DType::I64 || faces->dtype == DType::I32)) {
        std::vector<std::int64_t> index;
        if (faces->dtype == DType::I64) {
            index = faces->as<std::int64_t>();
        } else {
            const auto narrow = faces->as<std::int32_t>();
            index.assign(narrow.begin(), narrow.end());
        }
        for (std::size_t i = 0; i + 2 < index.size(); i += 3) {
            for (std::size_t k = 0; k < 3; ++k) {
                if (index[i + k] < 0 || static_cast<std::size_t>(index[i + k]) >= n) {
                    refuse(file, "a face speaks of a vertex that is not there");
                }
            }
            cloud.triangles.push_back({static_cast<std::uint32_t>(index[i]),
                                       static_cast<std::uint32_t>(index[i + 1]),
                                       static_cast<std::uint32_t>(index[i + 2])});
        }
    }
    dropNonFinite(cloud);
    scene.objects.push_back(std::move(cloud));
    return scene;
}

} // namespace

RawScene readForeignNpz(const fs::path& file) {
    const auto arrays = readNpz(file);
    if (arrays.contains("pred_vertices")) {
        return readBodies(file, arrays);
    }
    if (const auto* points = find(
            arrays, {"points", "xyz", "positions", "points3d", "pts3d", "world_points", "vertices", "pcd"})) {
        return readPoints(file, arrays, *points);
    }
    if (find(arrays, {"depth", "depths"}) != nullptr) {
        return readDepthMaps(file, arrays);
    }
    std::string names;
    for (const auto& [name, array] : arrays) {
        names += (names.empty() ? "" : ", ") + name;
        if (names.size() > 200) {
            names += ", …";
            break;
        }
    }
    refuse(file,
           "none of its arrays is known as points, vertices or depth (it has " +
               (names.empty() ? "none" : names) + ")",
           "Wanted are points [N, 3] with colors and confidence, depth with extrinsics and intrinsics, or "
           "pred_vertices of SAM 3D Body.");
}

} // namespace body4d::detail
