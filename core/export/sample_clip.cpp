#include "export/sample_clip.h"

#include "base/error.h"
#include "export/export_clip.h"
#include "export/overlay_renderer.h"
#include "video/video_writer.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <string>

namespace body4d {
namespace {

constexpr int kWidth = 960, kHeight = 540, kFrames = 100;
constexpr double kFps = 25, kDistance = 4.6, kCameraHeight = 0.15; ///< metres from the body; of the pelvis above the axis
constexpr double kStride = 0.95;                                     ///< double steps a second
constexpr double kSpeed = 0.75;                                      ///< m/s

Mat3 turn(Vec3 axis, double angle) {
    const double n = norm(axis), x = axis.x / n, y = axis.y / n, z = axis.z / n;
    const double c = std::cos(angle), s = std::sin(angle), k = 1 - c;
    return Mat3{{c + x * x * k, x * y * k - z * s, x * z * k + y * s, y * x * k + z * s, c + y * y * k, y * z * k - x * s,
                 z * x * k - y * s, z * y * k + x * s, c + z * z * k}};
}

/// How a walk bends the joints; the names are Anny's. Axes are the camera's, the body faces it at rest.
BodyPose walkingPose(const BodyModel& model, double seconds) {
    const auto joints = model.joints();
    const double phase = 2 * std::numbers::pi * kStride * seconds;
    BodyPose pose;
    pose.translation = {-1.5 + kSpeed * seconds, kCameraHeight + 0.02 * std::cos(2 * phase), kDistance};
    pose.rotations.resize(joints.size());
    for (std::size_t j = 0; j < joints.size(); ++j) {
        const std::string& name = joints[j].name;
        const auto is = [&](const char* part) { return name.starts_with(part); };
        const double side = name.ends_with(".L") ? 1 : -1, swing = side * std::sin(phase), lift = side * std::cos(phase);
        Mat3& r = pose.rotations[j];
        if (joints[j].parent < 0) {
            r = turn({0, 1, 0}, -1.05); // towards where it walks, a little to the camera
        } else if (is("upperleg01")) {
            r = turn({1, 0, 0}, -0.05 - 0.42 * swing);
        } else if (is("lowerleg01")) {
            r = turn({1, 0, 0}, 0.28 + 0.32 * std::max(0.0, lift));
        } else if (is("upperarm01")) {
            r = turn({1, 0, 0}, 0.4 * swing) * turn({0, 0, 1}, side * 0.62); // hangs down
        } else if (is("lowerarm01")) {
            r = turn({1, 0, 0}, -0.25);
        } else if (name == "spine03") {
            r = turn({0, 1, 0}, 0.08 * std::sin(phase));
        }
    }
    return pose;
}

/// A wall and a floor that meet softly, with the shadow of somebody who stands at `footX`.
void paintStudio(Image& image, double footX, double footY) {
    for (int y = 0; y < image.height; ++y) {
        const double v = static_cast<double>(y) / image.height;
        const double floor = 1 / (1 + std::exp(-(v - 0.74) * 60));
        for (int x = 0; x < image.width; ++x) {
            const double u = static_cast<double>(x) / image.width - 0.45;
            double light = 0.80 - 0.35 * (u * u + 0.5 * (v - 0.35) * (v - 0.35));
            light = light * (1 - floor) + (0.62 + 0.22 * (v - 0.7)) * floor;
            const double dx = (x - footX) / 70.0, dy = (y - footY) / 12.0;
            light *= 1 - 0.35 * std::exp(-(dx * dx + dy * dy));
            // A grain keeps the coder from making steps of the gradient.
            const double grain = (((x * 7919 + y * 104729) >> 3) & 7) * 0.0012;
            auto* p = image.row(y) + 3 * x;
            p[0] = static_cast<std::uint8_t>(255 * std::clamp(light * 0.97 + grain, 0.0, 1.0));
            p[1] = static_cast<std::uint8_t>(255 * std::clamp(light * 0.99 + grain, 0.0, 1.0));
            p[2] = static_cast<std::uint8_t>(255 * std::clamp(light * 1.03 + grain, 0.0, 1.0));
        }
    }
}

} // namespace

void writeSampleClip(const BodyModel& model, const std::filesystem::path& file, const std::stop_token& stop) {
    const Intrinsics camera = intrinsicsFromFov(kWidth, kHeight, 0.96);
    const auto rest = std::make_shared<const RestBody>(model.shaped({}));
    const std::shared_ptr<const BodyModel> borrowed(&model, [](const BodyModel*) {});
    VideoWriter::Options options;
    options.width = kWidth;
    options.height = kHeight;
    options.fps = kFps;
    options.quality = 18;
    VideoWriter writer(file, options);
    OverlayRenderer renderer;
    OverlayStyle style;
    style.samples = 2;
    double low = 0; // of the feet below the pelvis
    for (const auto& p : rest->vertices) {
        low = std::max(low, static_cast<double>(p.y));
    }
    for (int f = 0; f < kFrames; ++f) {
        throwIfStopped(stop);
        const auto pose = std::make_shared<const BodyPose>(walkingPose(model, f / kFps));
        const Vec2 feet = project(camera, {pose->translation.x, kCameraHeight + low, kDistance});
        Image image(kWidth, kHeight);
        paintStudio(image, feet.x, feet.y);
        OverlayPerson person;
        person.id = 1;
        person.colour = "#C9A27E";
        person.model = borrowed;
        person.rest = rest;
        person.pose = pose;
        renderer.render(image, camera, std::span(&person, 1), style);
        writer.write(image, f / kFps);
    }
    writer.finish();
}

} // namespace body4d
