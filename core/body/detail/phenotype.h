#pragma once

#include "body/body_model.h"

#include <array>
#include <span>
#include <vector>

namespace body4d::detail {

inline constexpr std::size_t kPhenotypeColumns = 26;

/// Weights of the 26 variations (race, gender, age, muscle, weight, height, proportions, cup size, firmness)
/// for a shape: piecewise linear between an axis' anchors, values outside are clamped. Races weigh a third
/// each.
[[nodiscard]] std::array<double, kPhenotypeColumns> phenotypeWeights(const BodyShape& shape);

/// Coefficients of the reduced blend shapes: each full shape's is the product of the weights that its mask
/// selects.
/// @param mask [shapes * 26] of 0/1  @param projection [shapes * basis]  @returns [basis]
[[nodiscard]] std::vector<double> shapeCoefficients(const BodyShape& shape,
                                                    std::span<const std::uint8_t> mask,
                                                    std::span<const float> projection, std::size_t basis);

} // namespace body4d::detail
