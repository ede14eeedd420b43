#include "scene/foreign_scene.h"

#include "base/error.h"
#include "scene/foreign_readers_internal.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <set>
#include <utility>

namespace body4d {
namespace fs = std::filesystem;
namespace {

constexpr float kFloorQuantile = 0.01F; ///< of a cloud's points may lie below its floor
constexpr std::size_t kFloorSamples = 200'000;

std::string extensionOf(const fs::path& file) {
    auto text = file.extension().string();
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

bool isColmapFile(const fs::path& path) {
    const auto stem = path.stem().string(), extension = extensionOf(path);
    return (extension == ".bin" || extension == ".txt") &&
           (stem == "cameras" || stem == "images" || stem == "points3D");
}

/// "walk_1_000012.ply" is frame 12 of "walk_1".
bool numberedMesh(const fs::path& file, std::string& series, std::int64_t& frame) {
    const auto extension = extensionOf(file);
    if (extension != ".ply" && extension != ".obj") {
        return false;
    }
    const auto stem = file.stem().string();
    auto begin = stem.size();
    while (begin > 0 && std::isdigit(static_cast<unsigned char>(stem[begin - 1])) != 0) {
        --begin;
    }
    if (begin == stem.size() || stem.size() - begin > 12) {
        return false;
    }
    std::from_chars(stem.data() + begin, stem.data() + stem.size(), frame);
    series = stem.substr(0, begin);
    while (!series.empty() && (series.back() == '_' || series.back() == '-' || series.back() == '.')) {
        series.pop_back();
    }
    return true;
}

/// The series of numbered meshes that lie directly in a folder.
std::vector<ForeignScene::Sequence> seriesIn(const fs::path& folder, const std::string& prefix) {
    std::map<std::string, ForeignScene::Sequence> found;
    std::error_code ec;
    for (const auto& entry : fs::directory_iterator(folder, ec)) {
        std::string series;
        std::int64_t frame = 0;
        if (entry.is_regular_file(ec) && numberedMesh(entry.path(), series, frame)) {
            auto& sequence = found[series];
            sequence.name = series.empty() ? prefix : series;
            sequence.files[frame] = entry.path();
        }
    }
    std::vector<ForeignScene::Sequence> result;
    for (auto& [series, sequence] : found) {
        result.push_back(std::move(sequence));
    }
    return result;
}

/// SAM-Body4D keeps one folder a person in mesh_4d_individual; that one, or a folder above or below it, may
/// be meant.
std::vector<ForeignScene::Sequence> sequencesOf(const fs::path& folder) {
    std::error_code ec;
    const auto meshes =
        fs::is_directory(folder / "mesh_4d_individual", ec) ? folder / "mesh_4d_individual" : folder;
    auto result = seriesIn(meshes, meshes.filename().string());
    if (!result.empty()) {
        return result;
    }
    std::set<fs::path> below;
    for (const auto& entry : fs::directory_iterator(meshes, ec)) {
        if (entry.is_directory(ec)) {
            below.insert(entry.path());
        }
    }
    for (const auto& one : below) {
        for (auto& sequence : seriesIn(one, one.filename().string())) {
            result.push_back(std::move(sequence));
        }
    }
    return result;
}

detail::RawScene readOne(const fs::path& path) {
    std::error_code ec;
    if (!fs::exists(path, ec)) {
        detail::refuse(path, "it is not there", "Choose a file that exists.");
    }
    if (fs::is_directory(path, ec)) {
        return detail::readColmap(detail::colmapFolder(path));
    }
    if (isColmapFile(path)) {
        return detail::readColmap(path.parent_path());
    }
    const auto extension = extensionOf(path);
    if (extension == ".ply") {
        return detail::readPly(path);
    }
    if (extension == ".obj") {
        return detail::readObj(path);
    }
    if (extension == ".glb") {
        return detail::readGlb(path);
    }
    if (extension == ".npz") {
        return detail::readForeignNpz(path);
    }
    detail::refuse(path, "its kind is not known", "Take a PLY, OBJ, GLB or npz file, or a COLMAP model.");
}

/// The shortest turn that brings a direction to +y.
Mat3 turnUp(Vec3 up) {
    up = (1 / norm(up)) * up;
    const double c = up.y;
    if (c < -1 + 1e-9) {
        return {{1, 0, 0, 0, -1, 0, 0, 0, -1}};
    }
    const Vec3 v{-up.z, 0, up.x}; // up x (0, 1, 0)
    const double k = 1 / (1 + c);
    return {{1 + k * (-v.z * v.z), -v.z, k * v.x * v.z, v.z, 1 + k * (-v.z * v.z - v.x * v.x), -v.x,
             k * v.x * v.z, v.x, 1 + k * (-v.x * v.x)}};
}

Mat3 turnOf(UpAxis up) {
    switch (up) {
    case UpAxis::MinusY:
        return {{1, 0, 0, 0, -1, 0, 0, 0, -1}};
    case UpAxis::Z:
        return {{1, 0, 0, 0, 0, 1, 0, -1, 0}};
    case UpAxis::Y:
    case UpAxis::AsDeclared:
        break;
    }
    return {};
}

void apply(const RigidTransform& transform, ForeignObject& object) {
    std::array<float, 9> m{};
    for (std::size_t i = 0; i < 9; ++i) {
        m[i] = static_cast<float>(transform.rotation.m[i]);
    }
    const auto& t = transform.translation;
    const Vec3f shift{static_cast<float>(t.x), static_cast<float>(t.y), static_cast<float>(t.z)};
    const auto turned = [&m](Vec3f v) {
        return Vec3f{m[0] * v.x + m[1] * v.y + m[2] * v.z, m[3] * v.x + m[4] * v.y + m[5] * v.z,
                     m[6] * v.x + m[7] * v.y + m[8] * v.z};
    };
    for (auto& p : object.points) {
        const Vec3f q = turned(p);
        p = {q.x + shift.x, q.y + shift.y, q.z + shift.z};
    }
    for (auto& n : object.normals) {
        n = turned(n);
    }
}

/// Height that all but a few points lie above.
float floorOf(const std::vector<ForeignObject>& objects, const Mat3& rotation, float quantile) {
    std::vector<float> heights;
    for (const auto& object : objects) {
        const std::size_t step = std::max<std::size_t>(1, object.points.size() / kFloorSamples);
        for (std::size_t i = 0; i < object.points.size(); i += step) {
            const auto& p = object.points[i];
            heights.push_back(
                static_cast<float>(rotation(1, 0) * p.x + rotation(1, 1) * p.y + rotation(1, 2) * p.z));
        }
    }
    if (heights.empty()) {
        return 0;
    }
    const auto at =
        heights.begin() + static_cast<std::ptrdiff_t>(quantile * static_cast<float>(heights.size() - 1));
    std::nth_element(heights.begin(), at, heights.end());
    return *at;
}

void place(ForeignScene& scene, const detail::RawScene& raw, UpAxis up) {
    RigidTransform& t = scene.worldFromFile;
    Vec3 sum;
    for (const auto& camera : scene.cameras) {
        sum = sum - camera.worldFromCam.rotation * Vec3{0, 1, 0};
    }
    if (up != UpAxis::AsDeclared) {
        t.rotation = turnOf(up);
    } else if (raw.turnByCameras && norm(sum) > 0.3 * static_cast<double>(scene.cameras.size()) &&
               !scene.cameras.empty()) {
        t.rotation = turnUp(sum);
        scene.note = "turned upright by its cameras";
    } else {
        t.rotation = turnOf(raw.up.value_or(UpAxis::Y));
    }
    if (raw.turnByCameras || raw.cameraSpace) {
        t.translation.y = -floorOf(scene.objects, t.rotation, raw.turnByCameras ? kFloorQuantile : 0);
        scene.note += std::string(scene.note.empty() ? "" : ", ") + "lifted onto the floor";
    }
    for (auto& object : scene.objects) {
        apply(t, object);
    }
    for (auto& camera : scene.cameras) {
        camera.worldFromCam = t * camera.worldFromCam;
    }
}

} // namespace

namespace detail {

void refuse(const fs::path& file, const std::string& flaw, const std::string& remedy) {
    throw Error(ErrorCode::Input, file.filename().string() + " cannot be read: " + flaw + ".", remedy,
                file.string());
}

std::string ByteCursor::takeString() {
    const auto* begin = bytes_.data() + at_;
    const auto* end = static_cast<const std::byte*>(std::memchr(begin, 0, left()));
    if (end == nullptr) {
        refuse(file_, "it ends too early");
    }
    at_ += static_cast<std::size_t>(end - begin) + 1;
    return {reinterpret_cast<const char*>(begin), static_cast<std::size_t>(end - begin)};
}

bool TextCursor::line(std::string_view& out) {
    if (text_.empty()) {
        return false;
    }
    const auto end = text_.find('\n');
    out = text_.substr(0, end);
    text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 1);
    if (!out.empty() && out.back() == '\r') {
        out.remove_suffix(1);
    }
    return true;
}

std::string_view TextCursor::word(std::string_view& line) {
    const auto begin = line.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) {
        line = {};
        return {};
    }
    const auto end = std::min(line.find_first_of(" \t\r", begin), line.size());
    const auto found = line.substr(begin, end - begin);
    line.remove_prefix(end);
    return found;
}

bool TextCursor::number(std::string_view word, double& out) {
    if (!word.empty() && word.front() == '+') {
        word.remove_prefix(1);
    }
    const auto [end, ec] = std::from_chars(word.data(), word.data() + word.size(), out);
    return ec == std::errc() && end == word.data() + word.size();
}

void dropNonFinite(ForeignObject& object) {
    const auto finite = [](Vec3f p) {
        return std::isfinite(p.x) && std::isfinite(p.y) && std::isfinite(p.z);
    };
    if (std::all_of(object.points.begin(), object.points.end(), finite)) {
        return;
    }
    constexpr auto kGone = static_cast<std::uint32_t>(-1);
    std::vector<std::uint32_t> moved(object.points.size(), kGone);
    std::uint32_t kept = 0;
    for (std::size_t i = 0; i < object.points.size(); ++i) {
        if (!finite(object.points[i])) {
            continue;
        }
        moved[i] = kept;
        object.points[kept] = object.points[i];
        if (!object.normals.empty()) {
            object.normals[kept] = object.normals[i];
        }
        if (!object.colours.empty()) {
            object.colours[kept] = object.colours[i];
        }
        if (!object.confidence.empty()) {
            object.confidence[kept] = object.confidence[i];
        }
        ++kept;
    }
    object.points.resize(kept);
    object.normals.resize(object.normals.empty() ? 0 : kept);
    object.colours.resize(object.colours.empty() ? 0 : kept);
    object.confidence.resize(object.confidence.empty() ? 0 : kept);
    std::erase_if(object.triangles, [&](auto& t) {
        for (auto& i : t) {
            i = moved[i];
        }
        return t[0] == kGone || t[1] == kGone || t[2] == kGone;
    });
}

} // namespace detail

std::size_t ForeignScene::pointCount() const {
    std::size_t sum = 0;
    for (const auto& object : objects) {
        sum += object.points.size();
    }
    return sum;
}

std::size_t ForeignScene::triangleCount() const {
    std::size_t sum = 0;
    for (const auto& object : objects) {
        sum += object.triangles.size();
    }
    return sum;
}

std::pair<std::int64_t, std::int64_t> ForeignScene::frames() const {
    std::int64_t first = 0, last = 0;
    bool any = false;
    for (const auto& sequence : sequences) {
        if (!sequence.files.empty()) {
            const auto begin = sequence.files.begin()->first, end = sequence.files.rbegin()->first + 1;
            first = any ? std::min(first, begin) : begin;
            last = any ? std::max(last, end) : end;
            any = true;
        }
    }
    return {first, last};
}

bool isForeignScene(const fs::path& path) {
    std::error_code ec;
    if (fs::is_directory(path, ec)) {
        return path.extension() != ".body4d" &&
               (!detail::colmapFolder(path).empty() || !sequencesOf(path).empty());
    }
    const auto extension = extensionOf(path);
    return extension == ".ply" || extension == ".obj" || extension == ".glb" || extension == ".npz" ||
           isColmapFile(path);
}

ForeignScene readForeignScene(std::span<const fs::path> paths, UpAxis up) {
    BODY4D_EXPECT(!paths.empty());
    ForeignScene scene;
    scene.name = paths.front().filename().string();
    if (paths.size() > 1) {
        scene.name += " and " + std::to_string(paths.size() - 1) + " more";
    }
    detail::RawScene all;
    bool first = true;
    std::error_code ec;
    for (const auto& path : paths) {
        detail::RawScene raw;
        if (fs::is_directory(path, ec) && detail::colmapFolder(path).empty()) {
            auto sequences = sequencesOf(path);
            if (sequences.empty()) {
                detail::refuse(path, "there are neither numbered meshes nor a COLMAP model in it",
                               "Choose SAM-Body4D's result folder, a folder of PLY files numbered by frame, "
                               "or a folder with "
                               "cameras, images and points3D.");
            }
            ForeignScene part;
            part.sequences = sequences;
            const auto at = part.frames().first;
            for (const auto& sequence : sequences) {
                const auto it = sequence.files.find(at);
                raw = readOne(it != sequence.files.end() ? it->second : sequence.files.begin()->second);
                ForeignObject object;
                if (it != sequence.files.end()) {
                    object = std::move(raw.objects.front());
                }
                object.name = sequence.name;
                scene.objects.push_back(std::move(object));
            }
            scene.sequences.insert(scene.sequences.end(), sequences.begin(), sequences.end());
            raw.objects.clear();
            raw.kind = "meshes by frame";
            // SAM-Body4D's meshes lie where the camera saw them; ours say so where they do.
            raw.cameraSpace = raw.cameraSpace || !raw.up;
        } else {
            raw = readOne(path);
        }
        for (auto& object : raw.objects) {
            if (object.name.empty()) {
                object.name = path.stem().string();
            }
            scene.objects.push_back(std::move(object));
        }
        scene.cameras.insert(scene.cameras.end(), raw.cameras.begin(), raw.cameras.end());
        if (std::exchange(first, false)) {
            all = std::move(raw);
        } else {
            all.cameraSpace = all.cameraSpace && raw.cameraSpace;
            all.turnByCameras = all.turnByCameras || raw.turnByCameras;
        }
    }
    if (scene.pointCount() == 0 && scene.cameras.empty()) {
        detail::refuse(paths.front(), "there is not a single point in it",
                       "Take a file with vertices or points.");
    }
    scene.kind = all.kind;
    place(scene, all, up);
    return scene;
}

std::vector<ForeignObject> readForeignFrame(const ForeignScene& scene, std::int64_t frame) {
    std::vector<ForeignObject> objects;
    for (const auto& sequence : scene.sequences) {
        ForeignObject object;
        if (const auto it = sequence.files.find(frame); it != sequence.files.end()) {
            auto raw = readOne(it->second);
            if (!raw.objects.empty()) {
                object = std::move(raw.objects.front());
            }
        }
        object.name = sequence.name;
        apply(scene.worldFromFile, object);
        objects.push_back(std::move(object));
    }
    return objects;
}

} // namespace body4d
