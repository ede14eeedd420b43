#pragma once

#include "base/geometry.h"

#include <array>
#include <cstddef>
#include <vector>

namespace body4d {

/// A body in the numbers of SAM 3D Body. Lengths are fixed by the model.
struct BodyParameters {
    std::vector<float> globalRot, bodyPose, hand, shape, scale;
    Vec3 translation; ///< metres, camera axes
};

/// Which of the body's 133 angles belong together.
namespace mhr {

inline constexpr std::size_t kBodyAngles = 133, kHandValues = 108, kTriples = 23, kSingles = 58, kShifts = 6;
/// Angles about x, y, z of joints that turn freely, and those of joints that turn about one axis, both in the
/// order in which the network says them; then shifts, which are no angles.
inline constexpr std::array<std::array<int, 3>, kTriples> kThree = {{
    {0, 2, 4},      {6, 8, 10},     {12, 13, 14},   {15, 16, 17},   {18, 19, 20},    {21, 22, 23},
    {24, 25, 26},   {27, 28, 29},   {34, 35, 36},   {37, 38, 39},   {44, 45, 46},    {53, 54, 55},
    {64, 65, 66},   {85, 69, 73},   {86, 70, 79},   {87, 71, 82},   {88, 72, 76},    {91, 92, 93},
    {112, 96, 100}, {113, 97, 106}, {114, 98, 109}, {115, 99, 103}, {130, 131, 132},
}};
inline constexpr std::array<int, kSingles> kOne = {
    1,  3,  5,   7,   9,   11,  30,  31,  32,  33,  40,  41,  42,  43,  47,  48,  49,  50, 51, 52,
    56, 57, 58,  59,  60,  61,  62,  63,  67,  68,  74,  75,  77,  78,  80,  81,  83,  84, 89, 90,
    94, 95, 101, 102, 104, 105, 107, 108, 110, 111, 116, 117, 118, 119, 120, 121, 122, 123};
inline constexpr std::array<int, kShifts> kShiftSlots = {124, 125, 126, 127, 128, 129};

} // namespace mhr
} // namespace body4d
