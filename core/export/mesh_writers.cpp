#include "base/files.h"
#include "base/parallel.h"
#include "export/export_metadata_internal.h"
#include "export/file_stream.h"
#include "export/mannequin_palette.h"
#include "export/writers.h"

#include <atomic>
#include <cstdio>
#include <cstring>
#include <mutex>

namespace body4d {
namespace fs = std::filesystem;
namespace {

/// The mesh of one person in one frame, in the file's space.
struct FileMesh {
    std::vector<Vec3f> vertices, normals;
};

void poseForFile(const ExportClip& clip, const ExportPerson& person, std::int64_t frame,
                 const BodyFrame& body, FileMesh& mesh) {
    const MeshFileOptions& options = clip.options.mesh;
    person.model().pose(*person.rest, body.pose, mesh.vertices);
    computeNormals(mesh.vertices, person.model().topology(), mesh.normals);
    const RigidTransform place = clip.fileFromCam(frame, options.space, options.axes);
    for (std::size_t v = 0; v < mesh.vertices.size(); ++v) {
        Vec3f& p = mesh.vertices[v];
        Vec3f& n = mesh.normals[v];
        const Vec3 moved = place * Vec3{p.x, p.y, p.z}, turned = place.rotation * Vec3{n.x, n.y, n.z};
        p = {static_cast<float>(moved.x), static_cast<float>(moved.y), static_cast<float>(moved.z)};
        n = {static_cast<float>(turned.x), static_cast<float>(turned.y), static_cast<float>(turned.z)};
    }
}

std::string oneLine(std::string text) {
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x20) {
            c = ' ';
        }
    }
    return text;
}

/// What PLY and OBJ say in their comments.
std::vector<std::string> comments(const ExportClip& clip, const ExportPerson& person, std::int64_t frame,
                                  const BodyFrame& body) {
    const MeshFileOptions& options = clip.options.mesh;
    char time[64];
    std::snprintf(time, sizeof time, "%.6f s", clip.seconds(frame));
    std::vector<std::string> lines = {
        "generator " + clip.generator(),
        "units m",
        std::string("axes ") + describe(options.axes),
        "space " + (options.space == ExportSpace::Camera ? std::string("camera of this frame")
                                                         : "world: " + clip.worldText()),
        "source " + clip.scene.source.fileName,
        "frame " + std::to_string(frame),
        std::string("time ") + time,
        "target " + std::to_string(person.id()) + " " + person.source->target.name,
        std::string("state ") + name(body.state),
        "engine " + clip.engineText(),
        "scale body model: height follows the chosen age and build",
    };
    for (std::string& line : lines) {
        line = oneLine(std::move(line));
    }
    return lines;
}

std::vector<Rgb> vertexColours(const ExportPerson& person, std::size_t count) {
    std::array<Rgb, kBodyRegionCount> palette{};
    for (int r = 0; r < kBodyRegionCount; ++r) {
        palette[static_cast<std::size_t>(r)] =
            regionColour(static_cast<BodyRegion>(r), person.source->target.colour);
    }
    const auto& region = person.model().topology().region;
    std::vector<Rgb> colours(count, palette[static_cast<std::size_t>(BodyRegion::Suit)]);
    for (std::size_t v = 0; v < std::min(count, region.size()); ++v) {
        colours[v] = palette[std::min<std::size_t>(region[v], kBodyRegionCount - 1)];
    }
    return colours;
}

void writePlyFile(const fs::path& path, const std::vector<std::string>& header, const FileMesh& mesh,
                  const std::vector<Rgb>& colours, const MeshTopology& topology) {
    std::string text = "ply\nformat binary_little_endian 1.0\n";
    for (const std::string& line : header) {
        text += "comment " + line + "\n";
    }
    text +=
        "element vertex " + std::to_string(mesh.vertices.size()) +
        "\nproperty float x\nproperty float y\nproperty float z\nproperty float nx\nproperty float ny\n"
        "property float nz\nproperty uchar red\nproperty uchar green\nproperty uchar blue\nelement face " +
        std::to_string(topology.triangles.size()) + "\nproperty list uchar int vertex_indices\nend_header\n";
    constexpr std::size_t kVertex = 27, kFace = 13;
    const std::size_t start = text.size();
    text.resize(start + kVertex * mesh.vertices.size() + kFace * topology.triangles.size());
    char* out = text.data() + start;
    for (std::size_t v = 0; v < mesh.vertices.size(); ++v, out += kVertex) {
        std::memcpy(out, &mesh.vertices[v], 12);
        std::memcpy(out + 12, &mesh.normals[v], 12);
        std::memcpy(out + 24, colours[v].data(), 3);
    }
    for (const auto& triangle : topology.triangles) {
        *out = 3;
        std::memcpy(out + 1, triangle.data(), 12);
        out += kFace;
    }
    writeFileAtomically(path, std::string_view(text));
}

void appendObjLine(std::string& text, const char* key, float a, float b, float c) {
    char line[80];
    text.append(line, static_cast<std::size_t>(
                          std::snprintf(line, sizeof line, "%s %.6g %.6g %.6g\n", key, a, b, c)));
}

/// Everything of an OBJ that does not change from frame to frame: texture coordinates and faces by region.
std::string objFaces(const MeshTopology& topology) {
    std::string text;
    char line[120];
    const bool textured = !topology.uv.empty() && topology.triangleUv.size() == topology.triangles.size();
    for (const auto& uv : topology.uv) {
        text.append(
            line, static_cast<std::size_t>(std::snprintf(line, sizeof line, "vt %.6g %.6g\n", uv[0], uv[1])));
    }
    const std::vector<BodyRegion> regions = triangleRegions(topology);
    for (int r = 0; r < kBodyRegionCount; ++r) {
        bool named = false;
        for (std::size_t t = 0; t < regions.size(); ++t) {
            if (static_cast<int>(regions[t]) != r) {
                continue;
            }
            if (!named) {
                text += std::string("usemtl ") + regionName(regions[t]) + "\n";
                named = true;
            }
            const auto& v = topology.triangles[t];
            const int n = textured ? std::snprintf(line, sizeof line, "f %u/%u/%u %u/%u/%u %u/%u/%u\n",
                                                   v[0] + 1, topology.triangleUv[t][0] + 1, v[0] + 1,
                                                   v[1] + 1, topology.triangleUv[t][1] + 1, v[1] + 1,
                                                   v[2] + 1, topology.triangleUv[t][2] + 1, v[2] + 1)
                                   : std::snprintf(line, sizeof line, "f %u//%u %u//%u %u//%u\n", v[0] + 1,
                                                   v[0] + 1, v[1] + 1, v[1] + 1, v[2] + 1, v[2] + 1);
            text.append(line, static_cast<std::size_t>(n));
        }
    }
    return text;
}

std::string materialFile(const ExportClip& clip, const ExportPerson& person) {
    std::string text = "# " + clip.generator() + "\n";
    char line[120];
    for (int r = 0; r < kBodyRegionCount; ++r) {
        const auto region = static_cast<BodyRegion>(r);
        const Rgb c = regionColour(region, person.source->target.colour);
        std::snprintf(line, sizeof line, "newmtl %s\nKd %.4f %.4f %.4f\nKs 0 0 0\nillum 1\n",
                      regionName(region), linearFromSrgb(c[0]), linearFromSrgb(c[1]), linearFromSrgb(c[2]));
        text += line;
    }
    return text;
}

std::string frameName(const ExportClip& clip, const ExportPerson& person, std::int64_t frame,
                      const char* extension) {
    char number[32];
    std::snprintf(number, sizeof number, "_%06lld", static_cast<long long>(frame));
    return clip.fileStem(person) + number + extension;
}

using WriteMesh = std::function<void(const fs::path&, const ExportPerson&, const std::vector<std::string>&,
                                     const FileMesh&)>;

/// One file a person and shown frame, on all threads.
ExportResult writeMeshes(const ExportClip& clip, const fs::path& dir, const char* extension,
                         const char* title, const WriteMesh& write, const std::stop_token& stop,
                         const ProgressFn& progress) {
    ExportResult result;
    struct Item {
        const ExportPerson* person;
        std::int64_t frame;
    };
    std::vector<Item> items;
    for (const ExportPerson& person : clip.people) {
        for (const std::int64_t frame : person.shownFrames(clip.begin, clip.end)) {
            items.push_back({&person, frame});
            result.files.push_back(dir / frameName(clip, person, frame, extension));
        }
    }
    std::atomic<long long> done{0};
    std::mutex mutex;
    parallelFor(
        items.size(),
        [&](std::size_t begin, std::size_t end) {
            FileMesh mesh;
            for (std::size_t i = begin; i < end; ++i) {
                throwIfStopped(stop);
                const auto& [person, frame] = items[i];
                const auto body = person->at(frame);
                poseForFile(clip, *person, frame, *body, mesh);
                write(dir / frameName(clip, *person, frame, extension), *person, comments(clip, *person, frame, *body), mesh);
                const long long now = ++done;
                if (progress) {
                    const std::scoped_lock lock(mutex);
                    progress({"export", title, now, static_cast<long long>(items.size()), 0, -1});
                }
            }
        },
        clip.options.threads);
    return result;
}

} // namespace

ExportResult writePly(const ExportClip& clip, const fs::path& dir, const std::stop_token& stop,
                      const ProgressFn& progress) {
    const auto write = [](const fs::path& path, const ExportPerson& person,
                          const std::vector<std::string>& header, const FileMesh& mesh) {
        writePlyFile(path, header, mesh, vertexColours(person, mesh.vertices.size()),
                     person.model().topology());
    };
    return writeMeshes(clip, dir / "ply", ".ply", "PLY", write, stop, progress);
}

ExportResult writeObj(const ExportClip& clip, const fs::path& dir, const std::stop_token& stop,
                      const ProgressFn& progress) {
    const fs::path folder = dir / "obj";
    ExportResult materials;
    std::vector<std::string> faces;
    for (const ExportPerson& person : clip.people) {
        const fs::path path = folder / (clip.fileStem(person) + ".mtl");
        writeFileAtomically(path, materialFile(clip, person));
        materials.files.push_back(path);
        faces.push_back(objFaces(person.model().topology()));
    }
    const auto write = [&](const fs::path& path, const ExportPerson& person,
                           const std::vector<std::string>& header, const FileMesh& mesh) {
        std::string text;
        for (const std::string& line : header) {
            text += "# " + line + "\n";
        }
        text += "mtllib " + clip.fileStem(person) + ".mtl\no " + clip.fileStem(person) + "\n";
        for (const Vec3f& p : mesh.vertices) {
            appendObjLine(text, "v", p.x, p.y, p.z);
        }
        for (const Vec3f& n : mesh.normals) {
            appendObjLine(text, "vn", n.x, n.y, n.z);
        }
        text += faces[static_cast<std::size_t>(&person - clip.people.data())];
        writeFileAtomically(path, text);
    };
    ExportResult result = writeMeshes(clip, folder, ".obj", "OBJ", write, stop, progress);
    result.append(std::move(materials));
    return result;
}

} // namespace body4d
