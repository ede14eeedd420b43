#include "body/detail/phenotype.h"

#include "base/error.h"

#include <algorithm>

namespace body4d::detail {
namespace {

/// Appends the two neighbouring anchors' weights of a value, 0 for all others.
void interpolate(double value, std::span<const double> anchors, double*& out) {
    value = std::clamp(value, anchors.front(), anchors.back());
    std::size_t upper = 1;
    while (upper + 1 < anchors.size() && value > anchors[upper]) {
        ++upper;
    }
    const double t = (value - anchors[upper - 1]) / (anchors[upper] - anchors[upper - 1]);
    for (std::size_t i = 0; i < anchors.size(); ++i) {
        *out++ = i == upper ? t : i + 1 == upper ? 1 - t : 0;
    }
}

} // namespace

std::array<double, kPhenotypeColumns> phenotypeWeights(const BodyShape& shape) {
    constexpr std::array kTwo{0.0, 1.0};
    constexpr std::array kThree{0.0, 0.5, 1.0};
    constexpr std::array kAges{-1.0 / 3, 0.0, 1.0 / 3, 2.0 / 3, 1.0}; // newborn, baby, child, young, old
    std::array<double, kPhenotypeColumns> weights{1.0 / 3, 1.0 / 3, 1.0 / 3};
    double* out = weights.data() + 3;
    interpolate(shape.gender, kTwo, out);
    interpolate(shape.age, kAges, out);
    interpolate(shape.muscle, kThree, out);
    interpolate(shape.weight, kThree, out);
    interpolate(shape.height, kTwo, out);
    interpolate(shape.proportions, kTwo, out);
    interpolate(0.5, kThree, out); // cup size
    interpolate(0.5, kThree, out); // firmness
    return weights;
}

std::vector<double> shapeCoefficients(const BodyShape& shape, std::span<const std::uint8_t> mask,
                                      std::span<const float> projection, std::size_t basis) {
    const std::size_t shapes = mask.size() / kPhenotypeColumns;
    BODY4D_EXPECT(mask.size() == shapes * kPhenotypeColumns && projection.size() == shapes * basis);
    const auto weights = phenotypeWeights(shape);
    std::vector<double> coefficients(basis, 0.0);
    for (std::size_t s = 0; s < shapes; ++s) {
        double product = 1;
        for (std::size_t c = 0; c < kPhenotypeColumns; ++c) {
            if (mask[s * kPhenotypeColumns + c] != 0) {
                product *= weights[c];
            }
        }
        if (product == 0) {
            continue;
        }
        for (std::size_t b = 0; b < basis; ++b) {
            coefficients[b] += product * static_cast<double>(projection[s * basis + b]);
        }
    }
    return coefficients;
}

} // namespace body4d::detail
