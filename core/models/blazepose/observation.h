#pragma once

#include "base/geometry.h"
#include "base/pose_track.h"
#include "models/blazepose/crop.h"
#include "models/blazepose/pose_nets.h"

#include <array>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace body4d::blazepose {

using Histogram = std::vector<float>; ///< kHistogramBins values that add up to 1; empty: not measured

/// What the landmark network sees in one crop, in index space.
struct Observation {
    Roi roi;
    std::array<Vec2, kNetPoints> px{};
    std::array<float, kNetPoints> z{};            ///< pixels of the frame
    std::array<float, kNetPoints> visibility{};   ///< 0..1
    std::array<float, kNetPoints> presence{};     ///< 0..1
    std::array<Vec3, kPoseLandmarkCount> world{}; ///< metres, camera axes
    float score = 0;
    int frameWidth = 0, frameHeight = 0;  ///< of the picture; 0: not known, everything counts as seen
    std::shared_ptr<const CropMask> mask; ///< what the network says
    std::shared_ptr<const CropMask>
        own; ///< without the pixels that belong to other targets; null: all of `mask`
    std::shared_ptr<const Crop> crop;     ///< colours as the network saw them; not kept beyond the frame
    Histogram histogram;                  ///< of all clothes
    Histogram upperClothes, lowerClothes; ///< trunk with arms, legs; empty where too little of them shows

    [[nodiscard]] const CropMask& ownMask() const { return own ? *own : *mask; }
};

/// Two ends of each bone drawn or measured against.
inline constexpr std::array<std::pair<int, int>, 18> kBones{{{11, 12},
                                                             {11, 23},
                                                             {12, 24},
                                                             {23, 24},
                                                             {11, 13},
                                                             {13, 15},
                                                             {12, 14},
                                                             {14, 16},
                                                             {23, 25},
                                                             {25, 27},
                                                             {24, 26},
                                                             {26, 28},
                                                             {0, 7},
                                                             {0, 8},
                                                             {27, 31},
                                                             {28, 32},
                                                             {15, 19},
                                                             {16, 20}}};
/// Bones whose distance decides between two people: with neck, without hands and ears.
inline constexpr std::array<std::pair<int, int>, 16> kOwnershipBones{{{11, 12},
                                                                      {11, 23},
                                                                      {12, 24},
                                                                      {23, 24},
                                                                      {11, 13},
                                                                      {13, 15},
                                                                      {12, 14},
                                                                      {14, 16},
                                                                      {23, 25},
                                                                      {25, 27},
                                                                      {24, 26},
                                                                      {26, 28},
                                                                      {0, 11},
                                                                      {0, 12},
                                                                      {27, 31},
                                                                      {28, 32}}};
/// Nose, shoulders, elbows, wrists, hips, knees, ankles.
inline constexpr std::array<int, 13> kMainPoints{0, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28};

/// Crop for the next frame or the next look: from the two alignment points.
[[nodiscard]] Roi roiFromPoints(Vec2 hips, Vec2 sizePoint);
[[nodiscard]] inline Roi nextRoi(const Observation& o) {
    return roiFromPoints(o.px[33], o.px[34]);
}

/// Around the 33 body points.
[[nodiscard]] Box bodyBox(const Observation& o);

/// Mean mask value at the main points inside the picture, 0 where fewer than 3 are.
[[nodiscard]] double insideShare(const Observation& o, const CropMask& mask, int frameWidth, int frameHeight);

/// Mean mask value (0..1) in a 5 x 5 window of the crop around a place of the frame.
[[nodiscard]] double maskAt(const Observation& o, const CropMask& mask, Vec2 place);

/// Distance to the nearest bone as a share of the crop's side.
[[nodiscard]] double skeletonDistance(const Observation& o, Vec2 place);

/// The same to the head, the trunk (0 inside), the upper arms and the thighs: where a click means this person
/// and not something held.
[[nodiscard]] double coreDistance(const Observation& o, Vec2 place);

/// From a place to the line from a to b.
[[nodiscard]] double segmentDistance(Vec2 a, Vec2 b, Vec2 place);

/// Pixels of the frame a metre of the body, in the picture plane, as far as the main points say.
[[nodiscard]] double bodyScale(const Observation& o);
[[nodiscard]] double bodyScale(const PoseLandmarks& pose);

/// Head below the hips, as far as the crop's angle tells.
[[nodiscard]] bool upsideDown(const Observation& o);

/// Pixels inside (at least 128), of side * side.
[[nodiscard]] int maskArea(const CropMask& mask);

} // namespace body4d::blazepose
