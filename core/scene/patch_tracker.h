#pragma once

#include "base/geometry.h"
#include "base/image.h"

#include <cstdint>
#include <span>
#include <vector>

namespace body4d {

/// One level of brightness, 0..255.
struct GreyLevel {
    int width = 0, height = 0;
    std::vector<float> values;
    [[nodiscard]] const float* row(int y) const { return values.data() + static_cast<std::size_t>(y) * width; }
    [[nodiscard]] float* row(int y) { return values.data() + static_cast<std::size_t>(y) * width; }
};

/// Brightness at halving sizes; level 0 is the work picture.
struct GreyPyramid {
    std::vector<GreyLevel> levels;
};

inline constexpr int kPyramidLevels = 4;

/// @param longSide of level 0 in pixels (never enlarged)  @param out overwritten, memory reused
void buildPyramid(const Image& frame, int longSide, GreyPyramid& out);

/// Cells of 8x8 work pixels that people cover, grown by one cell. Row-major [rows x columns], 1 = covered.
struct CoverGrid {
    static constexpr int kCell = 8;
    int columns = 0, rows = 0;
    std::vector<std::uint8_t> covered;
    [[nodiscard]] bool at(Vec2 workPx) const;
};
[[nodiscard]] CoverGrid coverGrid(std::span<const RleMask* const> masks, int workWidth, int workHeight);

/// Small pieces of one picture that are found again in others. Positions in pixels of the work picture, centres at + 0.5.
class PatchSet {
public:
    /// Corners spread over the picture, at most `maxCount`, none on covered cells.
    void choose(const GreyPyramid& picture, const CoverGrid& cover, int maxCount);
    [[nodiscard]] const std::vector<Vec2>& positions() const { return positions_; }

    struct Match {
        Vec2 position;
        bool found = false;
    };
    /// Lucas-Kanade from coarse to fine, brightness offset compensated.
    /// @param guesses where to start, one a patch  @param matches resized
    void follow(const GreyPyramid& picture, std::span<const Vec2> guesses, std::vector<Match>& matches) const;

private:
    static constexpr int kRadius = 6;
    static constexpr int kSide = 2 * kRadius + 1;
    static constexpr int kPixels = kSide * kSide;
    static constexpr int kLanes = 8;
    static constexpr int kPadded = (kPixels + kLanes - 1) / kLanes * kLanes; ///< sums run in lanes, without a rest
    struct Template {
        bool usable = false;
        float value[kPadded] = {}; ///< zero mean
        float dx[kPadded] = {}, dy[kPadded] = {};
        float inverse[3] = {};     ///< of the 2x2 normal matrix: xx, xy, yy
        float power = 0;           ///< mean square of value
    };
    static bool sample(const GreyLevel& level, double x, double y, float* out, int radius);
    std::vector<Vec2> positions_;
    std::vector<Template> templates_; ///< [patch][level]
};

} // namespace body4d
