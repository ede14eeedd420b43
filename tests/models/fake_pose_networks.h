#pragma once

#include "base/error.h"
#include "models/blazepose/pose_nets.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <optional>
#include <vector>

namespace body4d::blazepose {

/// Networks that understand a toy world: people are upright rectangles, about three times as tall as wide, of
/// one pure colour on a grey ground. Everything is computed from the crop's pixels alone, as the real
/// networks do it.
class FakePoseNetworks final : public PoseNetworks {
public:
    std::atomic<int> landmarkCalls{0}, detectorCalls{0};
    int overlooked = -1; ///< colour that the detector does not see
    int imagined = -1;   ///< colour of a thing that is taken for a person, elsewhere in every crop and with doubts

    void detect(std::size_t count, const Produce& produce, const UseDetections& use,
                const std::stop_token& stop) override {
        Crop crop;
        for (std::size_t i = 0; i < count; ++i) {
            throwIfStopped(stop);
            produce(i, crop);
            ++detectorCalls;
            std::vector<float> boxes(static_cast<std::size_t>(kAnchorCount) * 12), scores(kAnchorCount, -50);
            std::size_t slot = 0; // the first anchors all sit in the first cell
            for (int colour = 0; colour < 3; ++colour) {
                if (const auto blob = find(crop, colour); blob && colour != overlooked) {
                    float* b = boxes.data() + 12 * slot * 2;
                    const double anchor = kDetectorSide * 0.5 / 28,
                                 anchorX = anchor + static_cast<double>(slot) * kDetectorSide / 28;
                    const double cx = (blob->x0 + blob->x1) / 2 - anchorX,
                                 cy = (blob->y0 + blob->y1) / 2 - anchor;
                    const double h = blob->height();
                    const std::array<double, 12> values{cx,         cy, blob->width(), h,  cx,        cy, cx,
                                                        cy - h / 2, cx, cy - h / 4,    cx, cy - h / 2};
                    std::copy(values.begin(), values.end(), b);
                    scores[slot * 2] = colour == imagined ? -0.8F : 3; // 0.31 and 0.95
                    ++slot;
                }
            }
            use(i, {boxes, scores});
        }
    }

    void landmarks(std::size_t count, const Produce& produce, const UseLandmarks& use,
                   const std::stop_token& stop) override {
        Crop crop;
        for (std::size_t i = 0; i < count; ++i) {
            throwIfStopped(stop);
            produce(i, crop);
            ++landmarkCalls;
            std::vector<float> points(kNetPoints * 5), presence{0.01F}, world(kNetPoints * 3);
            std::vector<float> mask(kLandmarkSide * kLandmarkSide, -20),
                heat(kHeatMapSide * kHeatMapSide * kNetPoints, -20);
            std::optional<Box> best;
            int bestColour = 0;
            for (int colour = 0; colour < 3; ++colour) {
                const auto blob = find(crop, colour);
                const auto off = [](const Box& b) {
                    return std::hypot((b.x0 + b.x1) / 2 - 128, (b.y0 + b.y1) / 2 - 128);
                };
                if (blob && (!best || off(*blob) < off(*best))) {
                    best = blob;
                    bestColour = colour;
                }
            }
            if (best) {
                presence[0] = 0.97F;
                if (bestColour == imagined) {
                    const double wobble = 3 * ((best->x0 + best->x1) / 2 - 128);
                    best->x0 += wobble;
                    best->x1 += wobble;
                }
                fill(*best, points, world);
                for (int k = 0; k < kLandmarkSide * kLandmarkSide; ++k) {
                    mask[static_cast<std::size_t>(k)] =
                        isColour(crop.rgb.data() + 3 * k, bestColour) ? 20 : -20;
                }
            }
            use(i, {points, presence, mask, heat, world});
        }
    }

private:
    static void throwIfStopped(const std::stop_token& stop) {
        if (stop.stop_requested()) {
            throw Cancelled();
        }
    }
    static bool isColour(const std::uint8_t* p, int colour) {
        return p[colour] > 150 && p[(colour + 1) % 3] < 100 && p[(colour + 2) % 3] < 100;
    }
    static std::optional<Box> find(const Crop& crop, int colour) {
        Box box{1e9, 1e9, -1, -1};
        int count = 0;
        for (int y = 0; y < crop.side; ++y) {
            for (int x = 0; x < crop.side; ++x) {
                if (isColour(crop.rgb.data() + 3 * (static_cast<std::ptrdiff_t>(y) * crop.side + x),
                             colour)) {
                    box = {std::min<double>(box.x0, x), std::min<double>(box.y0, y),
                           std::max(box.x1, x + 1.0), std::max(box.y1, y + 1.0)};
                    ++count;
                }
            }
        }
        const bool upright = box.height() > 1.8 * box.width();
        return count > 40 && upright && count > 0.6 * box.area() ? std::optional(box) : std::nullopt;
    }
    /// A standing body in the rectangle: coordinates as shares of its width and height.
    static void fill(const Box& box, std::vector<float>& points, std::vector<float>& world) {
        for (std::size_t k = 0; k < kNetPoints; ++k) {
            double u = 0.5, v = 0.1; // head
            const bool left = k % 2 == 1;
            if (k >= 11 && k <= 22) {
                u = left ? 0.85 : 0.15;
                v = k <= 12 ? 0.2 : k <= 14 ? 0.35 : 0.5;
            } else if (k >= 23 && k <= 32) {
                u = left ? 0.7 : 0.3;
                v = k <= 24 ? 0.5 : k <= 26 ? 0.75 : 0.97;
            } else if (k == 33) {
                v = 0.5;
            } else if (k == 34) {
                v = 0;
            }
            float* p = points.data() + 5 * k;
            p[0] = static_cast<float>(box.x0 + u * box.width());
            p[1] = static_cast<float>(box.y0 + v * box.height());
            p[3] = p[4] = 4;
            world[3 * k] = static_cast<float>((u - 0.5) * 0.5);
            world[3 * k + 1] = static_cast<float>((v - 0.5) * 1.7);
        }
    }
};

struct ToyPerson {
    double x = 0, y = 0, height = 90; ///< centre
    int colour = 0;                   ///< 0 red, 1 green, 2 blue
};

inline ImagePtr toyFrame(int width, int height, const std::vector<ToyPerson>& people) {
    auto image = std::make_shared<Image>(width, height);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const auto grey = static_cast<std::uint8_t>(100 + (x + 2 * y) % 17);
            std::fill_n(image->row(y) + 3 * x, 3, grey);
        }
    }
    for (const ToyPerson& p : people) {
        for (int y = 0; y < height; ++y) {
            for (int x = 0; x < width; ++x) {
                if (std::abs(x + 0.5 - p.x) < p.height / 6 && std::abs(y + 0.5 - p.y) < p.height / 2) {
                    std::uint8_t* q = image->row(y) + 3 * x;
                    q[0] = q[1] = q[2] = 40;
                    q[p.colour] = 210;
                }
            }
        }
    }
    return image;
}

} // namespace body4d::blazepose
