#include "body/detail/contour_ties.h"

#include "body/detail/silhouette_match.h"
#include "body/mask_sampling.h"
#include "body/rasterizer.h"

#include <algorithm>
#include <cmath>

namespace body4d::detail {
namespace {

constexpr double kTiePixels = 128;  // size of the person in the comparison
constexpr int kLargestWindow = 4096; // pixels of the drawing
constexpr double kReach = 0.1;      // of the box side: farther edges belong to something else
constexpr unsigned kTieCount = 80;  // about as many a frame
constexpr double kFrameWeight = 20; // of all ties of a frame together, if every rim point finds its edge
constexpr double kSoftShare = 0.3;  // head, hands, feet: hair, fingers and shoes differ from the mannequin's
constexpr double kUnseenShare = 0.25; // limbs whose landmarks are out of view

/// Coverage blurred over 3 x 3 pixels, for normals.
class Edges {
public:
    explicit Edges(const Mask& mask) : width_(mask.width), height_(mask.height), values_(mask.values.size()) {
        for (int y = 0; y < height_; ++y) {
            for (int x = 0; x < width_; ++x) {
                float sum = 0;
                for (int v = -1; v <= 1; ++v) {
                    const std::uint8_t* row = mask.row(std::clamp(y + v, 0, height_ - 1));
                    for (int u = -1; u <= 1; ++u) {
                        sum += static_cast<float>(row[std::clamp(x + u, 0, width_ - 1)]);
                    }
                }
                values_[index(x, y)] = sum / (9 * 255);
            }
        }
    }

    /// Bilinear, pixel centres at integer + 0.5; outside the window the border's value.
    [[nodiscard]] double at(double x, double y) const {
        const double u = std::clamp(x - 0.5, 0.0, width_ - 1.001),
                     v = std::clamp(y - 0.5, 0.0, height_ - 1.001);
        const int i = static_cast<int>(u), j = static_cast<int>(v);
        const double a = u - i, b = v - j;
        const int i1 = std::min(i + 1, width_ - 1), j1 = std::min(j + 1, height_ - 1);
        return (1 - b) * ((1 - a) * static_cast<double>(values_[index(i, j)]) +
                          a * static_cast<double>(values_[index(i1, j)])) +
               b * ((1 - a) * static_cast<double>(values_[index(i, j1)]) +
                    a * static_cast<double>(values_[index(i1, j1)]));
    }

    /// Unit vector from inside to outside; zero where nothing changes.
    [[nodiscard]] EVec2 outward(double x, double y) const {
        const EVec2 g(at(x - 1, y) - at(x + 1, y), at(x, y - 1) - at(x, y + 1));
        const double length = g.norm();
        return length > 1e-3 ? EVec2(g / length) : EVec2(0, 0);
    }

    /// Signed distance along `normal` from a point to the nearest way out of the mask. @returns false if none
    /// within reach
    [[nodiscard]] bool edgeAlong(EVec2 from, const EVec2& normal, double reach, double& distance) const {
        constexpr double kStep = 0.5;
        const auto value = [&](double t) {
            return at(from.x() + t * normal.x(), from.y() + t * normal.y()) - 0.5;
        };
        double outer = value(0), inner = outer; // walked outwards and inwards side by side
        for (double t = 0; t < reach; t += kStep) {
            const double nextOut = value(t + kStep);
            if (outer >= 0 && nextOut < 0) {
                distance = t + kStep * outer / (outer - nextOut);
                return true;
            }
            const double nextIn = value(-t - kStep);
            if (inner < 0 && nextIn >= 0) {
                distance = -t - kStep * inner / (inner - nextIn);
                return true;
            }
            outer = nextOut;
            inner = nextIn;
        }
        return false;
    }

private:
    [[nodiscard]] std::size_t index(int x, int y) const {
        return static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x);
    }
    int width_, height_;
    std::vector<float> values_;
};

/// Calls visit(x, y) for pixels inside with a neighbour outside, not counting the window's border.
template <typename Inside, typename Visit>
void forEachRimPixel(int width, int height, Inside&& inside, Visit&& visit) {
    for (int y = 1; y + 1 < height; ++y) {
        for (int x = 1; x + 1 < width; ++x) {
            if (inside(x, y) &&
                !(inside(x - 1, y) && inside(x + 1, y) && inside(x, y - 1) && inside(x, y + 1))) {
                visit(x, y);
            }
        }
    }
}

/// Picks one pixel in `stride` by its place alone, so that a pixel more on the rim does not reshuffle the
/// others.
bool isSampled(int x, int y, unsigned stride) {
    unsigned h = static_cast<unsigned>(x) * 0x9e3779b1U ^ static_cast<unsigned>(y) * 0x85ebca77U;
    h ^= h >> 15;
    h *= 0x2c1b3c6dU;
    h ^= h >> 12;
    return h % stride == 0;
}

/// 0 below `from`, 1 above `to`, smooth between: no tie appears or goes at once.
double fade(double value, double from, double to) {
    const double t = std::clamp((value - from) / (to - from), 0.0, 1.0);
    return t * t * (3 - 2 * t);
}

double shareOf(BodyRegion region) {
    return region == BodyRegion::Suit || region == BodyRegion::SuitAccent ? 1 : kSoftShare;
}

} // namespace

std::vector<ContourTie> contourTies(const AnnyModel& model, const RestBody& rest,
                                    std::span<const Vec3f> vertices, const Intrinsics& camera,
                                    const RleMask& mask, double roiSide, const FrameInput& input) {
    const double box = input.box;
    std::vector<ContourTie> ties;
    const double scale = std::min(1.0, kTiePixels / std::max(roiSide, 1.0));
    const Box seen = boundingBox(mask), mesh = projectedBox(vertices, camera);
    if (seen.area() == 0 || mesh.area() == 0) {
        return ties;
    }
    const double margin = kReach * box + 3 / scale;
    const Box region{std::floor((std::min(seen.x0, mesh.x0) - margin) * scale) / scale,
                     std::floor((std::min(seen.y0, mesh.y0) - margin) * scale) / scale,
                     std::max(seen.x1, mesh.x1) + margin, std::max(seen.y1, mesh.y1) + margin};
    const Intrinsics window = windowed(camera, region, scale);
    if (std::max(window.width, window.height) > kLargestWindow) {
        return ties; // a pose on its way, so near that it is many times the person's size: its outline says nothing
    }
    thread_local DepthImage image;
    thread_local Mask measured;
    rasterize(vertices, model.topology(), window, image, Faces::Front);
    sampleMask(mask, region, scale, measured);
    const auto triangleAt = [&](int x, int y) {
        return image.triangle[static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) +
                              static_cast<std::size_t>(x)];
    };
    Mask drawn(image.width, image.height);
    for (std::size_t i = 0; i < drawn.values.size(); ++i) {
        drawn.values[i] = image.triangle[i] >= 0 ? 255 : 0;
    }
    const Edges maskEdges(measured), meshEdges(drawn);
    unsigned perimeter = 0; // of the mask, which does not change while the pose is found
    forEachRimPixel(
        measured.width, measured.height, [&](int x, int y) { return measured.row(y)[x] >= 128; },
        [&](int, int) { ++perimeter; });
    if (perimeter == 0) {
        return ties;
    }
    const unsigned stride = std::max(1U, (perimeter + kTieCount / 2) / kTieCount);
    const double tieWeight = kFrameWeight * stride / perimeter;
    const double reach = kReach * box * scale;
    const int originX = static_cast<int>(std::lround(region.x0 * scale)),
              originY = static_cast<int>(std::lround(region.y0 * scale));
    const auto addTie = [&](int x, int y) {
        if (!isSampled(originX + x, originY + y, stride)) {
            return;
        }
        const EVec2 pixel(x + 0.5, y + 0.5);
        const EVec2 normal = meshEdges.outward(pixel.x(), pixel.y());
        double own = 0, seenAt = 0;
        if (normal.isZero(0) || !meshEdges.edgeAlong(pixel, normal, 3, own)) {
            return;
        }
        const EVec2 edge = pixel + own * normal; // where the mesh's coverage falls to one half
        if (!maskEdges.edgeAlong(edge, normal, reach, seenAt)) {
            return;
        }
        const EVec2 target = edge + seenAt * normal;
        const EVec2 onPicture = target / scale + EVec2(region.x0, region.y0);
        // the mask ends with the picture, the person does not
        const double inPicture = std::min(
            {onPicture.x(), onPicture.y(), camera.width - onPicture.x(), camera.height - onPicture.y()});
        const double trust = fade(inPicture, 1, 4) *
                             fade(maskEdges.outward(target.x(), target.y()).dot(normal), 0.5, 0.8) *
                             fade(1 - std::fabs(seenAt) / reach, 0, 0.3);
        if (trust == 0) {
            return;
        }
        // the corner of the triangle that lies farthest out stands for the rim
        std::size_t best = 0;
        EVec2 bestPx = EVec2::Zero();
        double farthest = -1e30;
        for (const std::uint32_t v : model.topology().triangles[static_cast<std::size_t>(triangleAt(x, y))]) {
            const Vec2 p =
                project(camera, {static_cast<double>(vertices[v].x), static_cast<double>(vertices[v].y),
                                 static_cast<double>(vertices[v].z)});
            const double out = normal.dot(EVec2(p.x, p.y));
            if (out > farthest) {
                farthest = out;
                best = v;
                bestPx = EVec2(p.x, p.y);
            }
        }
        ContourTie tie;
        tie.point = model.carriedVertex(rest, best);
        tie.normal = normal;
        tie.px = bestPx + (seenAt / scale) * normal;
        // a limb that the landmarks do not show would follow a single tie anywhere
        double seenShare = 0;
        for (const CarriedPoint::Part& part : tie.point.parts) {
            seenShare += part.mass * std::max(kUnseenShare, input.limbSeen[part.joint]);
        }
        tie.weight =
            tieWeight * trust * seenShare * shareOf(static_cast<BodyRegion>(model.topology().region[best]));
        if (tie.weight > 0) {
            ties.push_back(std::move(tie));
        }
    };
    forEachRimPixel(
        image.width, image.height, [&](int x, int y) { return triangleAt(x, y) >= 0; }, addTie);
    return ties;
}

} // namespace body4d::detail
