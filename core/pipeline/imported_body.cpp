#include "pipeline/imported_body_internal.h"

#include "base/error.h"
#include "base/npz.h"
#include "body/mhr_model.h"
#include "body/ply_mesh.h"

#include <algorithm>
#include <cctype>
#include <cmath>

namespace body4d::detail {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void refuse(const fs::path& file, const std::string& why) {
    throw Error(ErrorCode::Input, file.filename().string() + " holds no body: " + why + ".",
                "Give .npz files with the fields of SAM 3D Body's output, or folders of PLY meshes.",
                file.string());
}

/// The official axes have y up and z towards the camera.
Mat3 flipped(Mat3 m) {
    for (std::size_t c = 0; c < 3; ++c) {
        m.m[3 + c] = -m.m[3 + c];
        m.m[6 + c] = -m.m[6 + c];
    }
    return m;
}

} // namespace

bool hasExtension(const fs::path& file, const char* extension) {
    auto text = file.extension().string();
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text == extension;
}

std::optional<std::int64_t> numberIn(const fs::path& file) {
    const auto stem = file.stem().string();
    const auto last = stem.find_last_of("0123456789");
    if (last == std::string::npos) {
        return std::nullopt;
    }
    auto first = last;
    while (first > 0 && std::isdigit(static_cast<unsigned char>(stem[first - 1]))) {
        --first;
    }
    if (last - first > 9) {
        return std::nullopt;
    }
    return std::stoll(stem.substr(first, last - first + 1));
}

ImportedBody readNpzBody(const fs::path& file) {
    const auto arrays = readNpz(file);
    const auto values = [&](const char* name, std::size_t width) -> std::vector<float> {
        const auto found = arrays.find(name);
        if (found == arrays.end()) {
            return {};
        }
        auto all = found->second.as<float>();
        if (width > 0 && all.size() % width != 0) {
            refuse(file, std::string(name) + " has another shape");
        }
        if (std::any_of(all.begin(), all.end(), [](float v) { return !std::isfinite(v); })) {
            refuse(file, std::string(name) + " has values that are no numbers");
        }
        return all;
    };
    ImportedBody body;
    const auto vertices = values("pred_vertices", 3), translation = values("pred_cam_t", 3);
    if (vertices.empty() || translation.size() != 3) {
        refuse(file, "pred_vertices or pred_cam_t is missing");
    }
    body.translation = {translation[0], translation[1], translation[2]};
    for (std::size_t i = 0; i < vertices.size(); i += 3) {
        body.surface->vertices.push_back({vertices[i], vertices[i + 1], vertices[i + 2]});
    }
    const auto joints = values("pred_joint_coords", 3), rotations = values("pred_global_rots", 9);
    if (joints.size() != 3 * kMhrJointCount || rotations.size() != 9 * kMhrJointCount) {
        refuse(file, "pred_joint_coords or pred_global_rots is missing");
    }
    for (std::size_t j = 0; j < kMhrJointCount; ++j) {
        body.surface->joints.push_back({joints[3 * j], joints[3 * j + 1], joints[3 * j + 2]});
        Mat3 rotation;
        std::copy_n(rotations.begin() + static_cast<std::ptrdiff_t>(9 * j), 9, rotation.m.begin());
        body.surface->rotations.push_back(flipped(rotation));
    }
    const auto keypoints = values("pred_keypoints_3d", 3), pixels = values("pred_keypoints_2d", 2);
    for (std::size_t i = 0; i + 2 < keypoints.size(); i += 3) {
        body.keypoints.push_back({keypoints[i], keypoints[i + 1], keypoints[i + 2]});
    }
    for (std::size_t i = 0; i + 1 < pixels.size(); i += 2) {
        body.keypointsPx.push_back({pixels[i], pixels[i + 1]});
    }
    if (const auto focal = values("focal_length", 0); focal.size() == 1) {
        body.focalPx = focal[0];
    }
    if (const auto faces = arrays.find("faces"); faces != arrays.end() && faces->second.dtype == DType::I64) {
        const auto indices = faces->second.as<std::int64_t>();
        const auto count = static_cast<std::int64_t>(body.surface->vertices.size());
        if (indices.size() % 3 != 0 || std::any_of(indices.begin(), indices.end(), [&](std::int64_t index) {
                return index < 0 || index >= count;
            })) {
            refuse(file, "faces name vertices that are not there");
        }
        for (std::size_t i = 0; i + 2 < indices.size(); i += 3) {
            body.triangles.push_back({static_cast<std::uint32_t>(indices[i]),
                                      static_cast<std::uint32_t>(indices[i + 1]),
                                      static_cast<std::uint32_t>(indices[i + 2])});
        }
    }
    for (const auto& [name, array] : arrays) {
        const bool number =
            array.dtype == DType::F32 || array.dtype == DType::F64 || array.dtype == DType::F16;
        if (number && name != "pred_vertices" && name != "mask") {
            body.surface->fields[name] = values(name.c_str(), 0);
        }
    }
    return body;
}

ImportedBody readPlyBody(const fs::path& file) {
    auto mesh = readPly(file);
    if (mesh.vertices.empty() || mesh.triangles.empty()) {
        refuse(file, "the mesh is empty");
    }
    ImportedBody body;
    Vec3 sum;
    for (auto& v : mesh.vertices) {
        v = {v.x, -v.y, -v.z};
        sum = sum + Vec3{v.x, v.y, v.z};
    }
    body.translation = (1.0 / static_cast<double>(mesh.vertices.size())) * sum;
    for (const auto& v : mesh.vertices) {
        body.surface->vertices.push_back({static_cast<float>(v.x - body.translation.x),
                                          static_cast<float>(v.y - body.translation.y),
                                          static_cast<float>(v.z - body.translation.z)});
    }
    body.surface->joints = {Vec3{}};
    body.surface->rotations = {Mat3{}};
    body.triangles = std::move(mesh.triangles);
    return body;
}

std::vector<fs::path> sortedEntries(const fs::path& folder) {
    std::error_code code;
    std::vector<fs::path> entries;
    for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code)) {
        if (!it->path().filename().string().starts_with('.')) {
            entries.push_back(it->path());
        }
    }
    std::sort(entries.begin(), entries.end(), [](const fs::path& a, const fs::path& b) {
        const auto x = numberIn(a), y = numberIn(b);
        return x != y ? x < y : a < b;
    });
    return entries;
}

} // namespace body4d::detail
