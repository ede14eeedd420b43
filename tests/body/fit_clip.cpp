// Development tool, not a test: fits a recorded track, prints the figures and draws the mesh over the frames.
//   fit_clip anny.safetensors TRACK.safetensors [--frames DIR_OF_PPM] [--out DIR] [--smoothing S] [--side]
//   [--window N] [--compare N]
#include "track_file.h"

#include "base/files.h"
#include "body/body_fitter.h"
#include "body/body_keypoints.h"
#include "body/body_metrics.h"
#include "body/rasterizer.h"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>

using namespace body4d;

namespace {

Image readPpm(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::string magic;
    int width = 0, height = 0, most = 0;
    in >> magic >> width >> height >> most;
    in.get();
    Image image(width, height);
    in.read(reinterpret_cast<char*>(image.rgb.data()), static_cast<std::streamsize>(image.rgb.size()));
    return in ? image : Image{};
}

void writePpm(const std::filesystem::path& path, const Image& image) {
    std::ofstream out(path, std::ios::binary);
    out << "P6\n" << image.width << ' ' << image.height << "\n255\n";
    out.write(reinterpret_cast<const char*>(image.rgb.data()),
              static_cast<std::streamsize>(image.rgb.size()));
}

void drawMesh(Image& image, const std::vector<Vec3f>& vertices, const MeshTopology& topology,
              const Intrinsics& camera, double opacity) {
    DepthImage depth;
    rasterize(vertices, topology, camera, depth);
    std::vector<Vec3f> normals;
    computeNormals(vertices, topology, normals);
    const std::array<std::array<double, 3>, 6> colours{
        {{230, 215, 200}, {86, 150, 233}, {60, 120, 205}, {230, 215, 200}, {70, 75, 85}, {250, 250, 250}}};
    for (int y = 0; y < image.height; ++y) {
        for (int x = 0; x < image.width; ++x) {
            const int t = depth.triangle[static_cast<std::size_t>(y * image.width + x)];
            if (t < 0) {
                continue;
            }
            const auto v = topology.triangles[static_cast<std::size_t>(t)][0];
            const Vec3f n = normals[v];
            const double light = std::max(0.0, -0.35 * double(n.x) - 0.55 * double(n.y) - 0.75 * double(n.z));
            const auto& colour = colours[topology.region[v]];
            for (int c = 0; c < 3; ++c) {
                auto& out = image.row(y)[3 * x + c];
                out = static_cast<std::uint8_t>(
                    (1 - opacity) * out +
                    opacity * std::min(255.0, colour[std::size_t(c)] * (0.3 + 0.75 * light)));
            }
        }
    }
}

/// The body turned by a quarter about the vertical through its root, as seen from its side.
std::vector<Vec3f> fromTheSide(std::vector<Vec3f> vertices, const Vec3& root) {
    for (Vec3f& v : vertices) {
        const float dx = v.x - static_cast<float>(root.x), dz = v.z - static_cast<float>(root.z);
        v = {static_cast<float>(root.x) + dz, v.y, static_cast<float>(root.z) - dx};
    }
    return vertices;
}

} // namespace

int main(int argc, char** argv) {
    std::filesystem::path frames, out = ".";
    BodyFitOptions options;
    bool side = false;
    int compare = 0;
    for (int i = 3; i < argc; ++i) {
        const std::string arg = argv[i];
        const char* value = i + 1 < argc ? argv[i + 1] : "";
        if (arg == "--frames") {
            frames = value;
        } else if (arg == "--out") {
            out = value;
        } else if (arg == "--smoothing") {
            const double s = std::atof(value);
            options.smoothing = {s, s, s, s, s};
        } else if (arg == "--iterations") {
            options.maxIterations = std::atoi(value);
        } else if (arg == "--window") {
            options.windowFrames = std::atoi(value);
        } else if (arg == "--compare") {
            compare = std::atoi(value);
        } else if (arg == "--no-silhouette") {
            options.silhouette = false;
            --i;
        } else if (arg == "--side") {
            side = true;
            --i;
        }
        ++i;
    }
    if (argc < 3) {
        std::fprintf(stderr, "usage: fit_clip MODEL TRACK [--frames DIR] [--out DIR] [--side]\n");
        return 2;
    }
    const auto model = BodyModel::loadAnny(argv[1]);
    const TrackFile clip = readTrackFile(argv[2]);
    const BodyFitter fitter(model, options);
    const auto wall = std::chrono::steady_clock::now();
    const std::clock_t cpu = std::clock();
    const BodyTrack body = fitter.fit(clip.track, {}, clip.width, clip.height, clip.fps, {}, {});
    const double cpuMs = 1000.0 * static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
    const double wallMs =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - wall).count();
    if (compare > 0) {
        BodyFitOptions other = options;
        other.windowFrames = compare;
        const BodyTrack again =
            BodyFitter(model, other).fit(clip.track, {}, clip.width, clip.height, clip.fps, {}, {});
        double worst = 0;
        std::size_t frame = 0, point = 0;
        for (std::size_t n = 0; n < body.frames.size(); ++n) {
            for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
                const double distance = norm(body.frames[n].keypoints[k] - again.frames[n].keypoints[k]);
                if (distance > worst) {
                    worst = distance;
                    frame = n;
                    point = k;
                }
            }
        }
        std::printf("windows of %d frames: worst difference %.4f mm in frame %zu, %s\n", compare,
                    1000 * worst, frame, kBodyKeypoints[point].name);
    }
    const BodyMetrics m = measureBody(body, clip.track);
    std::vector<double> depths;
    for (const BodyFrame& frame : body.frames) {
        depths.push_back(frame.pose.translation.z);
    }
    std::nth_element(depths.begin(), depths.begin() + static_cast<std::ptrdiff_t>(depths.size() / 2),
                     depths.end());
    const double n = static_cast<double>(body.frames.size());
    std::printf("%-18s kept %lld/%lld  2D %.2f %%  IoU %.3f median %.3f  acc %.1f -> %.1f  weight %.2f "
                "muscle %.2f  depth "
                "%.2f  cpu %.2f ms/frame  wall %.2f\n",
                std::filesystem::path(argv[2]).stem().c_str(), static_cast<long long>(m.tracked),
                static_cast<long long>(m.frames), m.reprojectionPercent, m.silhouetteIou,
                m.silhouetteIouMedian, m.jointAccelerationRaw, m.jointAcceleration, body.shape.weight,
                body.shape.muscle, depths[depths.size() / 2], cpuMs / n, wallMs / n);
    if (frames.empty()) {
        return 0;
    }
    std::filesystem::create_directories(out);
    const RestBody rest = model->shaped(body.shape);
    std::vector<Vec3f> vertices;
    for (const BodyFrame& frame : body.frames) {
        char name[32];
        std::snprintf(name, sizeof name, "%06lld.ppm", static_cast<long long>(frame.frame));
        Image image = std::filesystem::exists(frames / name) ? readPpm(frames / name) : Image{};
        if (image.empty()) {
            continue;
        }
        model->pose(rest, frame.pose, vertices);
        if (side) {
            Image second(image.width, image.height);
            std::fill(second.rgb.begin(), second.rgb.end(), std::uint8_t{40});
            drawMesh(second, fromTheSide(vertices, frame.pose.translation), model->topology(), body.camera,
                     1);
            drawMesh(image, vertices, model->topology(), body.camera, 0.75);
            Image both(image.width * 2, image.height);
            for (int y = 0; y < image.height; ++y) {
                std::copy_n(image.row(y), 3 * image.width, both.row(y));
                std::copy_n(second.row(y), 3 * image.width, both.row(y) + 3 * image.width);
            }
            image = std::move(both);
        } else {
            drawMesh(image, vertices, model->topology(), body.camera, 0.75);
        }
        writePpm(out / name, image);
    }
    return 0;
}
