#include "models/blazepose/hand_roi.h"

#include <algorithm>
#include <cmath>

namespace body4d::blazepose {

namespace {

constexpr std::array<std::array<std::size_t, 3>, 2> kHandInPose{
    {{15, 17, 19}, {16, 18, 20}}}; // wrist, little, index
/// Shoulders, elbows and hips: what tells how many pixels a metre has where the person stands.
constexpr std::array<std::size_t, 6> kScalePoints{11, 12, 13, 14, 23, 24};
/// The points of the palm and the fingers' lower halves: fingertips would make the square jump.
constexpr std::array<std::size_t, 12> kPalm{0, 1, 2, 3, 5, 6, 9, 10, 13, 14, 17, 18};

constexpr double kPoseScale = 2.7, kHandScale = 2.0; // square against the palm, as the network was trained
constexpr double kForward = 0.1;                     // of the unscaled side, towards the fingers
constexpr double kLeastMetres = 0.32; // side of the square; a hand that points at the camera looks shorter
constexpr double kSmallestSide = 48;  // pixels
constexpr double kLeastConfidence = 0.5;

Roi square(Vec2 centre, double side, double scale, double angle) {
    const double shift = kForward * side;
    return {centre.x + shift * std::sin(angle), centre.y - shift * std::cos(angle), scale * side, angle};
}

/// Angle of a square whose top looks along `direction`.
double uprightAngle(Vec2 direction) {
    return std::atan2(direction.x, -direction.y);
}

/// Pixels per metre at the person's distance; 0 where it cannot be told.
double pixelsPerMetre(const PoseLandmarks& pose) {
    double weight = 0, spreadPx = 0, spreadWorld = 0;
    Vec2 px, world;
    const auto trust = [](const PoseLandmark& p) { return double{p.visibility} * p.presence; };
    for (const std::size_t k : kScalePoints) {
        const PoseLandmark& p = pose.points[k];
        weight += trust(p);
        px = px + trust(p) * p.px;
        world = world + trust(p) * Vec2{p.world.x, p.world.y};
    }
    if (weight < 1) {
        return 0;
    }
    px = (1 / weight) * px;
    world = (1 / weight) * world;
    for (const std::size_t k : kScalePoints) {
        const PoseLandmark& p = pose.points[k];
        const double a = norm(p.px - px), b = norm(Vec2{p.world.x, p.world.y} - world);
        spreadPx += trust(p) * a * a;
        spreadWorld += trust(p) * b * b;
    }
    return spreadWorld > 1e-6 ? std::sqrt(spreadPx / spreadWorld) : 0;
}

} // namespace

HandPlace handPlace(const PoseLandmarks& pose, std::size_t side, int frameWidth, int frameHeight) {
    const auto& [w, little, index] = kHandInPose[side];
    const PoseLandmark& wrist = pose.points[w];
    HandPlace out;
    out.wrist = wrist.px;
    out.knuckles = (1.0 / 3) * (2.0 * pose.points[index].px + pose.points[little].px);
    const Vec2 palm = out.knuckles - out.wrist;
    const double least = kLeastMetres * pixelsPerMetre(pose) / kPoseScale;
    out.roi = square(out.knuckles, std::max(2 * norm(palm), least), kPoseScale, uprightAngle(palm));
    const bool inside = wrist.px.x > 0 && wrist.px.y > 0 && wrist.px.x < frameWidth &&
                        wrist.px.y < frameHeight && out.knuckles.x > 0 && out.knuckles.y > 0 &&
                        out.knuckles.x < frameWidth && out.knuckles.y < frameHeight;
    out.visible = pose.score > 0 && inside && out.roi.side >= kSmallestSide && norm(palm) > 0 &&
                  wrist.visibility * wrist.presence >= kLeastConfidence;
    return out;
}

Roi handRoi(const HandPoints& p) {
    const Vec2 fingers = 0.5 * (0.5 * (p[5] + p[13]) + p[9]);
    const double angle = uprightAngle(fingers - p[0]), c = std::cos(angle), s = std::sin(angle);
    double x0 = 1e30, y0 = 1e30, x1 = -1e30, y1 = -1e30;
    for (const std::size_t k : kPalm) {
        const double x = c * p[k].x + s * p[k].y, y = -s * p[k].x + c * p[k].y;
        x0 = std::min(x0, x);
        x1 = std::max(x1, x);
        y0 = std::min(y0, y);
        y1 = std::max(y1, y);
    }
    const double x = (x0 + x1) / 2, y = (y0 + y1) / 2 - kForward * (y1 - y0);
    return {c * x - s * y, s * x + c * y, kHandScale * std::max(x1 - x0, y1 - y0), angle};
}

} // namespace body4d::blazepose
