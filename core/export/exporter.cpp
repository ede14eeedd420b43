#include "export/exporter.h"

#include "base/error.h"
#include "export/export_clip.h"
#include "export/writers.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <numeric>
#include <regex>
#include <vector>

namespace body4d {
namespace {

using WriteFn = ExportResult (*)(const ExportClip&, const std::filesystem::path&, const std::stop_token&,
                                 const ProgressFn&);

struct Entry {
    ExportFormat format;
    WriteFn write;
};

const std::vector<Entry>& registry() {
    static const std::vector<Entry> kEntries = {
        {{"glb", "GLB (animated skeleton)",
          "Everybody with skeleton, skin and camera in one glTF 2.0 file, for Blender, game engines and the "
          "web.",
          "<project>.glb", false, false, true},
         writeGlb},
        {{"ply", "PLY (mesh per frame)", "The mesh of every person and frame with normals and colours.",
          "ply/<project>_<target>_<frame:06>.ply", true, true, true},
         writePly},
        {{"npz", "npz (parameters and joints)",
          "Poses, joints, keypoints, shape and camera of every person as NumPy arrays.",
          "<project>_<target>.npz", true, false, true},
         writeNpz},
        {{"overlay", "MP4 (overlay)", "The video with the bodies drawn over it, with its sound.",
          "<project>_overlay.mp4", false, false, true},
         writeOverlay},
        {{"masks", "PNG (masks)", "The mask of every person and frame at the video's size.",
          "masks/<project>_<target>/<frame:06>.png", true, true, true},
         writeMasks},
        {{"coco", "COCO JSON", "Masks as run lengths, boxes and body points in COCO's layout.",
          "<project>_coco.json", false, false, false},
         writeCoco},
        {{"obj", "OBJ (mesh per frame)", "The mesh of every person and frame as text, with materials.",
          "obj/<project>_<target>_<frame:06>.obj", true, true, false},
         writeObj},
        {{"bvh", "BVH (motion)", "The moving skeleton of every person, in centimetres.",
          "<project>_<target>.bvh", true, false, false},
         writeBvh},
        {{"csv", "CSV (joints and metrics)", "Joint positions of every frame and quality figures as tables.",
          "<project>_<target>_joints.csv, <project>_metrics.csv", true, false, false},
         writeCsv},
    };
    return kEntries;
}

std::size_t editDistance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t corner = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, corner + (a[i - 1] == b[j - 1] ? 0 : 1)});
            corner = above;
        }
    }
    return row[b.size()];
}

const Entry& entryOf(std::string_view name) {
    const Entry* nearest = nullptr;
    std::size_t best = 1000;
    std::string known;
    for (const Entry& entry : registry()) {
        if (entry.format.name == name) {
            return entry;
        }
        const std::size_t distance = editDistance(name, entry.format.name);
        if (distance < best) {
            best = distance;
            nearest = &entry;
        }
        known += (known.empty() ? "" : ", ") + entry.format.name;
    }
    std::string remedy = "Known formats: " + known + ".";
    if (best <= 2) {
        remedy = "Did you mean '" + nearest->format.name + "'? " + remedy;
    }
    throw Error(ErrorCode::Usage, "There is no export format '" + std::string(name) + "'.", remedy);
}

} // namespace

std::span<const ExportFormat> exportFormats() {
    static const std::vector<ExportFormat> kFormats = [] {
        std::vector<ExportFormat> formats;
        for (const Entry& entry : registry()) {
            formats.push_back(entry.format);
        }
        return formats;
    }();
    return kFormats;
}

const ExportFormat& exportFormat(std::string_view name) {
    return entryOf(name).format;
}

std::uint64_t estimateBytes(const ExportScene& scene, std::string_view format, const ExportOptions& options) {
    const std::string& name = exportFormat(format).name;
    const ExportClip clip(scene, options);
    std::uint64_t total = 0;
    for (const ExportPerson& person : clip.people) {
        const std::uint64_t shown = person.shownFrames(clip.begin, clip.end).size();
        const MeshTopology& topology = person.model().topology();
        const std::uint64_t vertices = person.rest->vertices.size(), triangles = topology.triangles.size();
        const std::uint64_t joints = person.model().joints().size();
        const auto frames = static_cast<std::uint64_t>(clip.frameCount());
        if (name == "glb" && options.glb.mesh == GlbMesh::Exact) {
            total += shown * (24 * vertices * 11 / 10 + 1500) + 6 * triangles;
        } else if (name == "glb") {
            total += vertices * 11 / 10 * (options.glb.influences > 4 ? 72 : 52) + 6 * triangles +
                     350 * joints + shown * 350;
        } else if (name == "ply") {
            total += shown * (27 * vertices + 13 * triangles + 900);
        } else if (name == "obj") {
            total += shown * (62 * vertices + 25 * topology.uv.size() + 48 * triangles);
        } else if (name == "npz") {
            total += frames * (2 * joints * 84 + 2000) + 8000;
        } else if (name == "bvh") {
            total += frames * joints * 32;
        } else if (name == "csv") {
            total += frames * (joints * 27 + 120);
        } else if (name == "masks") {
            total += shown * 4000;
        } else if (name == "coco") {
            total += shown * 2500;
        }
    }
    if (name == "overlay") {
        // About 0.09 bits a pixel at quality 20; six steps of quality double or halve it.
        const double pixels = static_cast<double>(clip.camera.width) * clip.camera.height *
                              static_cast<double>(clip.frameCount());
        total = static_cast<std::uint64_t>(pixels * 0.09 / 8 *
                                           std::pow(2.0, (20 - options.overlay.quality) / 6.0));
    }
    return total;
}

namespace {

/// Temporary files of a process that was killed; see writeFileAtomically() for their names: .NAME.PID-N.tmp.
void removeLeftovers(const std::filesystem::path& dir) {
    static const std::regex kName(R"(\..+\.(\d{1,9})-\d+\.tmp.*)");
    std::error_code ec;
    std::vector<std::filesystem::path> doomed;
    for (std::filesystem::directory_iterator it(dir, ec), end; !ec && it != end; it.increment(ec)) {
        const auto file = it->path().filename().string();
        std::smatch parts;
        std::error_code ignored;
        if (std::regex_match(file, parts, kName) && it->is_regular_file(ignored) &&
            ::kill(static_cast<pid_t>(std::stoi(parts[1])), 0) != 0 && errno == ESRCH) {
            doomed.push_back(it->path());
        }
    }
    for (const auto& path : doomed) {
        std::filesystem::remove(path, ec);
    }
}

} // namespace

ExportResult exportAll(const ExportScene& scene, std::span<const std::string> formats,
                       const std::filesystem::path& dir, const ExportOptions& options,
                       const std::stop_token& stop, const ProgressFn& progress) {
    std::vector<const Entry*> entries; // all names are known before anything is written
    for (const std::string& name : formats) {
        const Entry& entry = entryOf(name);
        if (std::find(entries.begin(), entries.end(), &entry) == entries.end()) {
            entries.push_back(&entry);
        }
    }
    const ExportClip clip(scene, options);
    removeLeftovers(dir);
    ExportResult result;
    for (const Entry* entry : entries) {
        throwIfStopped(stop);
        result.append(entry->write(clip, dir, stop, progress));
    }
    return result;
}

std::string fileNamePart(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '-' || c == '.' || byte >= 0x80; // letters beyond ASCII stay
        if (kept) {
            out += c;
        } else if (!out.empty() && out.back() != '_') {
            out += '_';
        }
    }
    // Neither hidden nor a step up the tree.
    const auto first = out.find_first_not_of("_."), last = out.find_last_not_of("_.");
    out = first == std::string::npos ? std::string() : out.substr(first, last - first + 1);
    return out.empty() ? "export" : out;
}

} // namespace body4d
