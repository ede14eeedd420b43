#include "export/export_doctor.h"

#include "base/error.h"
#include "base/files.h"
#include "base/npz.h"
#include "export/exporter.h"
#include "export/glb_doctor_internal.h"
#include "export/skin_fit.h"
#include "video/video_reader.h"
#include "video/video_writer.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <map>
#include <sstream>
#include <stdexcept>

namespace body4d {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kSampledMeshes = 5;
using Files = PathList;

/// All files of one format.
struct Batch {
    const ExportClip& clip;
    const Files& files;
    ExportCheck& check;

    void expect(bool fine, const std::string& problem) const {
        if (!fine && std::find(check.problems.begin(), check.problems.end(), problem) == check.problems.end()) {
            check.problems.push_back(problem);
        }
    }
    /// Whose file it is, by its name.
    [[nodiscard]] const ExportPerson* personOf(const fs::path& file) const {
        const auto name = file.stem().string();
        const ExportPerson* best = nullptr;
        for (const auto& person : clip.people) {
            const auto stem = clip.fileStem(person);
            if (name.starts_with(stem) && (name.size() == stem.size() || name[stem.size()] == '_')) {
                best = &person;
            }
        }
        return best;
    }
};

std::string formatOf(const fs::path& file) {
    const auto extension = file.extension().string(), name = file.filename().string();
    if (extension == ".glb" || extension == ".ply" || extension == ".obj" || extension == ".npz" || extension == ".csv") {
        return extension.substr(1);
    }
    if (extension == ".mtl") {
        return "obj";
    }
    if (extension == ".bvh" || name.ends_with(".bvh.json")) {
        return "bvh";
    }
    if (extension == ".mp4") {
        return "overlay";
    }
    if (name.ends_with("_coco.json")) {
        return "coco";
    }
    return extension == ".png" || name == "masks.json" ? "masks" : std::string();
}

double numberIn(std::string_view text) {
    double value = NAN;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// Points and faces of a mesh file of one person and frame.
struct MeshFile {
    std::vector<Vec3> points;
    std::int64_t triangles = 0;
    std::int64_t frame = -1;
};

MeshFile readPly(const fs::path& path) {
    const auto bytes = readFile(path);
    const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    constexpr std::string_view kEnd = "end_header\n";
    const auto body = all.find(kEnd);
    if (!all.starts_with("ply\n") || body == std::string_view::npos) {
        throw std::runtime_error("It has no PLY header.");
    }
    MeshFile mesh;
    std::istringstream header{std::string(all.substr(0, body))};
    std::size_t vertices = 0, stride = 0;
    std::string line, element;
    while (std::getline(header, line)) {
        std::istringstream words(line);
        std::string key, a, b;
        words >> key >> a >> b;
        if (key == "comment" && a == "frame") {
            mesh.frame = static_cast<std::int64_t>(numberIn(b));
        } else if (key == "element") {
            element = a;
            const auto count = static_cast<std::int64_t>(numberIn(b));
            if (a == "vertex") {
                vertices = static_cast<std::size_t>(count);
            } else {
                mesh.triangles = count;
            }
        } else if (key == "property" && element == "vertex") {
            stride += a == "uchar" ? 1 : a == "double" ? 8 : 4;
        }
    }
    const std::size_t start = body + kEnd.size();
    if (start + vertices * stride + static_cast<std::size_t>(mesh.triangles) * 13 != bytes.size()) {
        throw std::runtime_error("Its length is not that of its vertices and faces.");
    }
    for (std::size_t v = 0; v < vertices; ++v) {
        float p[3];
        std::memcpy(p, bytes.data() + start + v * stride, sizeof p);
        mesh.points.push_back({p[0], p[1], p[2]});
    }
    for (std::int64_t t = 0; t < mesh.triangles; ++t) {
        std::uint32_t corner[3];
        const std::byte* face = bytes.data() + start + vertices * stride + static_cast<std::size_t>(t) * 13;
        std::memcpy(corner, face + 1, sizeof corner);
        if (face[0] != std::byte{3} || std::max({corner[0], corner[1], corner[2]}) >= vertices) {
            throw std::runtime_error("A face names a vertex that is not there.");
        }
    }
    return mesh;
}

MeshFile readObj(const fs::path& path) {
    std::istringstream in(readTextFile(path));
    MeshFile mesh;
    std::string line;
    while (std::getline(in, line)) {
        if (line.starts_with("v ")) {
            std::istringstream numbers(line.substr(2));
            Vec3 p;
            numbers >> p.x >> p.y >> p.z;
            mesh.points.push_back(p);
        } else if (line.starts_with("f ")) {
            ++mesh.triangles;
        } else if (line.starts_with("# frame ")) {
            mesh.frame = static_cast<std::int64_t>(numberIn(std::string_view(line).substr(8)));
        }
    }
    return mesh;
}

void checkMeshes(const Batch& batch, PointCheck& points, MeshFile (*read)(const fs::path&)) {
    std::map<const ExportPerson*, Files> byPerson;
    for (const auto& file : batch.files) {
        if (file.extension() != ".mtl") {
            if (const auto* person = batch.personOf(file)) {
                byPerson[person].push_back(file);
            } else {
                batch.expect(false, file.filename().string() + " belongs to nobody.");
            }
        }
    }
    std::vector<Vec3f> exact;
    for (const auto& [person, files] : byPerson) {
        ++batch.check.people;
        batch.check.frames = std::max(batch.check.frames, static_cast<std::int64_t>(files.size()));
        const std::size_t count = std::min(kSampledMeshes, files.size());
        for (std::size_t i = 0; i < count; ++i) {
            const auto mesh = read(files[count == 1 ? 0 : i * (files.size() - 1) / (count - 1)]);
            if (i == 0) {
                batch.check.vertices += static_cast<std::int64_t>(mesh.points.size());
                batch.check.triangles += mesh.triangles;
            }
            const auto body = person->shown(mesh.frame);
            if (body == nullptr) {
                batch.expect(false, "A file says that it is of a frame that was not exported.");
                continue;
            }
            person->model().pose(*person->rest, body->pose, exact);
            batch.expect(mesh.points.size() == exact.size() &&
                             mesh.triangles == static_cast<std::int64_t>(person->model().topology().triangles.size()),
                         "A mesh has not as many vertices and faces as the body.");
            const auto& options = batch.clip.options.mesh;
            const auto place = batch.clip.fileFromCam(mesh.frame, options.space, options.axes);
            for (std::size_t v = 0; v < std::min(exact.size(), mesh.points.size()); ++v) {
                points.add(mesh.points[v], place * Vec3{exact[v].x, exact[v].y, exact[v].z});
            }
        }
    }
}

void checkNpz(const Batch& batch, PointCheck& points) {
    for (const auto& file : batch.files) {
        const auto arrays = readNpz(file);
        const auto* person = batch.personOf(file);
        if (person == nullptr || !arrays.contains("frame_index") || !arrays.contains("joints_cam")) {
            batch.expect(false, file.filename().string() + " lacks arrays that belong there.");
            continue;
        }
        ++batch.check.people;
        const auto rows = arrays.at("frame_index").shape.at(0);
        batch.check.frames = std::max(batch.check.frames, rows);
        batch.expect(rows == batch.clip.frameCount(), "It has not one row for each exported frame.");
        const auto times = arrays.at("pts_s").as<double>();
        if (!times.empty()) {
            batch.check.seconds = std::max(batch.check.seconds, times.back() - times.front());
        }
        const auto joints = arrays.at("joints_cam").as<float>();
        const std::size_t count = person->model().joints().size();
        for (const auto frame : sampledFrames(batch.clip, *person, kSampledMeshes)) {
            const auto pose = person->model().skeleton(*person->rest, person->shown(frame)->pose);
            for (std::size_t j = 0; j < count; ++j) {
                const auto at = (static_cast<std::size_t>(frame - batch.clip.begin) * count + j) * 3;
                if (at + 2 < joints.size()) {
                    points.add({joints[at], joints[at + 1], joints[at + 2]}, pose.joints[j]);
                }
            }
        }
    }
}

void checkBvh(const Batch& batch) {
    for (const auto& file : batch.files) {
        if (file.extension() != ".bvh") {
            continue;
        }
        ++batch.check.people;
        std::istringstream in(readTextFile(file));
        std::string line;
        std::int64_t said = -1, rows = 0, channels = 0;
        double step = 0;
        bool motion = false, finite = true, whole = true;
        while (std::getline(in, line)) {
            if (line.starts_with("MOTION")) {
                motion = true;
            } else if (line.starts_with("Frames:")) {
                said = static_cast<std::int64_t>(numberIn(std::string_view(line).substr(8)));
            } else if (line.starts_with("Frame Time:")) {
                step = numberIn(std::string_view(line).substr(12));
            } else if (!motion && line.find("CHANNELS") != std::string::npos) {
                channels += static_cast<std::int64_t>(numberIn(std::string_view(line).substr(line.find("CHANNELS") + 9)));
            } else if (motion && !line.empty()) {
                ++rows;
                std::istringstream numbers(line);
                std::int64_t n = 0;
                for (double v = 0; numbers >> v; ++n) {
                    finite = finite && std::isfinite(v);
                }
                whole = whole && n == channels;
            }
        }
        batch.expect(rows == said && rows == batch.clip.frameCount(), "It has not one row for each exported frame.");
        batch.expect(whole && finite, "A row of the motion is not whole.");
        batch.check.frames = std::max(batch.check.frames, rows);
        batch.check.seconds = std::max(batch.check.seconds, static_cast<double>(rows) * step);
    }
}

void checkCsv(const Batch& batch) {
    for (const auto& file : batch.files) {
        std::istringstream in(readTextFile(file));
        std::string line;
        std::int64_t rows = -1; // the heading
        std::size_t columns = 0;
        while (std::getline(in, line)) {
            if (line.starts_with("#")) {
                continue;
            }
            const auto n = static_cast<std::size_t>(std::count(line.begin(), line.end(), ','));
            columns = rows < 0 ? n : columns;
            batch.expect(n == columns, file.filename().string() + " has rows of different lengths.");
            ++rows;
        }
        if (file.filename().string().ends_with("_joints.csv")) {
            ++batch.check.people;
            batch.check.frames = std::max(batch.check.frames, rows);
            std::int64_t shown = 0;
            if (const auto* person = batch.personOf(file)) {
                shown = static_cast<std::int64_t>(person->shownFrames(batch.clip.begin, batch.clip.end).size());
            }
            batch.expect(rows == shown, "It has not one row for each frame with a body.");
        }
    }
}

void checkCoco(const Batch& batch) {
    const auto json = nlohmann::json::parse(readTextFile(batch.files.front()));
    batch.check.frames = static_cast<std::int64_t>(json.at("images").size());
    std::map<long long, int> people;
    for (const auto& annotation : json.at("annotations")) {
        const auto box = annotation.at("bbox").get<std::vector<double>>();
        batch.expect(box.size() == 4 && box[0] >= 0 && box[1] >= 0 && box[0] + box[2] <= batch.clip.camera.width + 0.5 &&
                         box[1] + box[3] <= batch.clip.camera.height + 0.5,
                     "A box reaches beyond the picture.");
        ++people[annotation.value("track_id", annotation.value("target_id", 0LL))];
    }
    batch.check.people = static_cast<int>(people.size());
}

void checkMasks(const Batch& batch) {
    std::map<fs::path, std::int64_t> folders;
    for (const auto& file : batch.files) {
        if (file.extension() == ".png") {
            if (folders[file.parent_path()]++ == 0) {
                const Image image = readImage(file);
                batch.expect(image.width == batch.clip.scene.source.width && image.height == batch.clip.scene.source.height,
                             "A mask has not the size of the video.");
            }
        }
    }
    for (const auto& [folder, count] : folders) {
        batch.check.people += folder.parent_path().filename() == "masks" ? 1 : 0;
        batch.check.frames = std::max(batch.check.frames, count);
    }
}

void checkOverlay(const Batch& batch) {
    const auto reader = VideoReader::open(batch.files.front());
    const auto& info = reader->info();
    batch.check.frames = info.frameCount;
    batch.check.seconds = info.durationSeconds;
    batch.check.people = static_cast<int>(batch.clip.people.size());
    batch.expect(info.frameCount == batch.clip.frameCount(), "It has not as many pictures as frames were exported.");
    (void)reader->read(info.frameCount - 1); // the last one can be decoded: it is whole
}

void checkFormat(const std::string& format, const Batch& batch) {
    PointCheck points;
    if (format == "glb") {
        for (const auto& file : batch.files) {
            std::vector<const ExportPerson*> people;
            for (const auto& person : batch.clip.people) {
                if (!batch.clip.options.glb.separateFiles || batch.personOf(file) == &person) {
                    people.push_back(&person);
                }
            }
            checkGlb(batch.clip, people, file, batch.check, points);
        }
    } else if (format == "ply") {
        checkMeshes(batch, points, readPly);
    } else if (format == "obj") {
        checkMeshes(batch, points, readObj);
    } else if (format == "npz") {
        checkNpz(batch, points);
    } else if (format == "bvh") {
        checkBvh(batch);
    } else if (format == "csv") {
        checkCsv(batch);
    } else if (format == "coco") {
        checkCoco(batch);
    } else if (format == "masks") {
        checkMasks(batch);
    } else if (format == "overlay") {
        checkOverlay(batch);
    }
    points.report(batch.check);
}

} // namespace

std::vector<ExportCheck> checkExports(const ExportScene& scene, const ExportOptions& options, const PathList& files,
                                      const std::stop_token& stop, const ProgressFn& progress) {
    const ExportClip clip(scene, options);
    std::vector<std::pair<std::string, Files>> formats;
    for (const auto& file : files) {
        const auto format = formatOf(file);
        if (format.empty()) {
            continue;
        }
        auto it = std::find_if(formats.begin(), formats.end(), [&](const auto& f) { return f.first == format; });
        if (it == formats.end()) {
            it = formats.insert(formats.end(), {format, {}});
        }
        it->second.push_back(file);
    }
    std::vector<ExportCheck> checks;
    long long done = 0;
    for (const auto& [format, batch] : formats) {
        throwIfStopped(stop);
        ExportCheck check;
        check.format = format;
        check.file = batch.front();
        check.files = static_cast<int>(batch.size());
        try {
            for (const auto& file : batch) {
                if (!fs::exists(file)) {
                    throw std::runtime_error(file.filename().string() + " is not there.");
                }
            }
            checkFormat(format, {clip, batch, check});
        } catch (const Cancelled&) {
            throw;
        } catch (const std::exception& e) {
            check.problems.emplace_back(e.what());
        }
        checks.push_back(std::move(check));
        done += static_cast<long long>(batch.size());
        if (progress) {
            progress({"export", "Checking " + format, done, static_cast<long long>(files.size()), 0, -1});
        }
    }
    return checks;
}

std::vector<ExportForecast> forecastExports(const ExportScene& scene, std::span<const std::string> formats,
                                            const ExportOptions& options, const std::stop_token& stop) {
    const ExportClip clip(scene, options);
    std::vector<ExportForecast> forecasts;
    for (const auto& format : formats) {
        throwIfStopped(stop);
        ExportForecast forecast;
        forecast.format = format;
        forecast.bytes = estimateBytes(scene, format, options);
        if (format == "glb" && options.glb.mesh == GlbMesh::Skinned) {
            double sum = 0;
            int frames = 0;
            for (const auto& person : clip.people) {
                throwIfStopped(stop);
                const Rig rig = makeRig(person.model(), *person.rest, options.glb.rig, options.glb.leafBones);
                const SkinSamples samples = sampleSkin(clip, person, rig);
                RigSkin skin = reduceSkin(person.model().skin(), rig, options.glb.influences > 4 ? 8 : 4);
                refineSkin(skin, person.model().skin(), rig, samples);
                const SkinError error = measureSkinError(samples, skin);
                sum += error.meanMm * error.frames;
                frames += error.frames;
                forecast.maxMm = std::max(forecast.maxMm, error.frames > 0 ? error.maxMm : -1);
            }
            forecast.meanMm = frames > 0 ? sum / frames : -1;
        }
        forecasts.push_back(std::move(forecast));
    }
    return forecasts;
}

} // namespace body4d
