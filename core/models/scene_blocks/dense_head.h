#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <tuple>

#include "nn/blocks/layers.h"

namespace body4d::scene_blocks {

/// Transposed convolution without overlap: kernel and stride are equal. weight [in, out, k, k], bias [out]
struct Enlarge {
    at::Tensor weight, bias;
    Enlarge() = default;
    Enlarge(std::int64_t channels, std::int64_t kernel);
    void fields(nn::Fields& f);
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
};

/// Two 3x3 convolutions with a way around them: conv{1,2}
struct ResidualUnit {
    nn::Conv2d conv1, conv2;
    explicit ResidualUnit(std::int64_t channels);
    void fields(nn::Fields& f);
    /// @param rectified the way around begins behind the first ReLU, as where that works in place (VGGT)
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x, bool rectified) const;
};

/// One step from coarse to fine: resConfUnit{1,2}, out_conv. The coarsest has no resConfUnit1.
struct Fusion {
    std::optional<ResidualUnit> resConfUnit1;
    ResidualUnit resConfUnit2;
    nn::Conv2d out_conv;
    Fusion(std::int64_t channels, bool coarsest);
    void fields(nn::Fields& f);
    /// @param lateral of this level; undefined for the coarsest
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x, const at::Tensor& lateral, std::int64_t height,
                                        std::int64_t width, bool rectified) const;
};

/// A 3x3 convolution, ReLU and a 1x1 convolution at full resolution, keys 0 and 2 (or 0, 2 for a norm and 5).
struct PixelHead {
    nn::Conv2d first, last;
    std::optional<nn::LayerNorm2d> norm;
    PixelHead(std::int64_t in, std::int64_t out, bool normed);
    void fields(nn::Fields& f);
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
};

/// Dense prediction from tokens of four levels. Projecting to the head's width (`project`) is separate from
/// the rest, so that tokens of a level need not be kept.
struct DenseHead {
    struct Options {
        std::int64_t width = 0; ///< channels of a token
        std::int64_t features = 256;
        std::array<std::int64_t, 4> channels{256, 512, 1024, 1024};
        std::int64_t outputs = 2;
        bool norm = true;             ///< tokens are normalised first
        bool positions = true;        ///< maps get the place in the picture added
        bool doublePositions = false; ///< that is computed in double precision (VGGT)
        bool rectified = false;       ///< see ResidualUnit
        bool sky = false;             ///< a second output at full resolution
    };
    Options options;
    std::optional<nn::LayerNorm> norm;
    std::array<nn::Conv2d, 4> projects;
    Enlarge resize0, resize1;
    nn::Conv2d resize3;
    std::array<nn::Conv2d, 4> layer_rn; ///< scratch.layer{1..4}_rn
    std::vector<Fusion> refinenet;      ///< scratch.refinenet{1..4}
    nn::Conv2d output_conv1;
    PixelHead output_conv2;
    std::optional<PixelHead> sky_output_conv2;

    explicit DenseHead(const Options& wanted);
    void fields(nn::Fields& f);

    /// Size of the picture in patches of 14 pixels.
    struct Grid {
        std::int64_t rows = 0, columns = 0;
        bool operator==(const Grid&) const = default;
    };
    /// @param tokens [frames, rows * columns, width]  @returns float32 [frames, channels[level], rows,
    /// columns]
    [[nodiscard]] at::Tensor project(std::size_t level, const at::Tensor& tokens, const Grid& grid) const;
    struct Maps {
        at::Tensor main; ///< [frames, outputs, 14 rows, 14 columns], before any activation
        at::Tensor sky;  ///< [frames, 1, ...] where there is one
    };
    /// @param levels what project() gave, for the same frames
    [[nodiscard]] Maps operator()(const std::array<at::Tensor, 4>& levels, const Grid& grid) const;
    /// Adds the code of the place in a picture of that grid to maps [frames, channels, h, w], in place.
    void addPositions(at::Tensor& maps, const Grid& grid) const;
    /// The four maps that fusion starts from: [frames, features, ...] from fine to coarse.
    [[nodiscard]] std::array<at::Tensor, 4> pyramid(const std::array<at::Tensor, 4>& levels) const;

private:
    /// Codes for one grid, by channels, height and width. One thread at a time.
    mutable std::map<std::tuple<std::int64_t, std::int64_t, std::int64_t>, at::Tensor> codes_;
    mutable Grid codesGrid_;
};

/// Code of the place in a picture: channels / 2 for x, then for y, sines before cosines; coordinates span a
/// diagonal of 2.
/// @returns float32 [1, channels, height, width], times 0.1
[[nodiscard]] at::Tensor placeCode(std::int64_t channels, std::int64_t height, std::int64_t width,
                                   double aspect, at::ScalarType precision);

/// A stored square grid of positions for another size, as Depth Anything 3 does it: bicubic by a factor that
/// is a little too large. @param grid [1, n * n, C]  @returns [1, rows * columns, C]
[[nodiscard]] at::Tensor positionsByFactor(const at::Tensor& grid, std::int64_t rows, std::int64_t columns);
/// As VGGT does it: bicubic with antialiasing, by size.
[[nodiscard]] at::Tensor positionsBySize(const at::Tensor& grid, std::int64_t rows, std::int64_t columns);

} // namespace body4d::scene_blocks
