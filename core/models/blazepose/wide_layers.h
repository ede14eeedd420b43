#pragma once

#include "models/blazepose/pose_nets.h"

#include <array>
#include <memory>
#include <span>
#include <vector>

namespace body4d::blazepose {

/// A convolution without groups, or with one group per channel (`inputs` is 1 then).
struct Convolution {
    int outputs = 0, inputs = 0, side = 0; ///< kernel: side x side
    std::vector<float> weights;            ///< [outputs][inputs][side][side]
    std::vector<float> bias;               ///< [outputs]
};

/// The layers of the landmark network that work on 128 x 128 pixels and more. They hold a tenth of its
/// arithmetic but half of its time where every layer goes through memory on its own. Activations are ReLU6
/// except behind `mix`, `project` and `mask`; all planes are padded with zeros to keep their size.
struct WideWeights {
    Convolution first;              ///< 3 x 3, stride 2, RGB in 0..1 -> 24 at 128 x 128
    Convolution depth, mix;         ///< 3 x 3 per channel; 24 -> 16
    Convolution expand, halve;      ///< 16 -> 64; 3 x 3 per channel, stride 2
    Convolution project;            ///< 64 -> 24 at 64 x 64: the narrow part begins here
    Convolution skipDepth, skipMix; ///< of `mix`: 3 x 3 per channel; 16 -> 8, ReLU6
    struct Block {
        Convolution depth, mix; ///< x -> ReLU6(x + mix(depth(x))), 8 channels
    };
    std::array<Block, 2> coarse; ///< at 128 x 128, of twice the narrow part's result plus the skip
    std::array<Block, 2> fine;   ///< at 256 x 256, of twice the coarse result
    Convolution mask;            ///< 3 x 3, 8 -> 1
};

inline constexpr int kNarrowSide = 64, kNarrowIn = 24, kNarrowOut = 8;

/// One of several bands of rows that are worked on side by side, from top to bottom.
struct BandOf {
    int index = 0, count = 1;
};
inline constexpr int kMostBands = 3; ///< rows at their rims are computed twice: more bands are hardly faster

/// What one crop takes between the two ends of the network.
struct WideScratch;
struct WideScratchDeleter {
    void operator()(WideScratch* scratch) const;
};
using WideScratchPtr = std::unique_ptr<WideScratch, WideScratchDeleter>;

/// Runs the wide layers row by row, so that what lies between two of them never leaves the processor's cache.
/// Immutable: several threads may use it at once, each with its own scratch.
class WideLayers {
public:
    /// @throws Error{MissingModel} where a layer has another shape than described above
    explicit WideLayers(const WideWeights& weights);
    ~WideLayers();

    /// @param bands into how many each of the two calls below is split
    [[nodiscard]] static WideScratchPtr makeScratch(int bands = 1);
    /// From a crop of 256 x 256 to what the narrow part takes. Done once all bands are; they may be computed at once, on
    /// several threads with one scratch, and give the same numbers as one band.  @param narrow [24][64][64]
    void enter(const Crop& crop, float* narrow, WideScratch& scratch, BandOf band = {}) const;
    /// From what the narrow part gives to the mask, in bands likewise. @param narrow [8][64][64]
    void leave(const float* narrow, WideScratch& scratch, BandOf band = {}) const;
    /// What leave() gave, [256][256], once it is done with all bands; valid until the scratch is used again.
    [[nodiscard]] static std::span<const float> logits(const WideScratch& scratch);

    struct Packed;

private:
    std::unique_ptr<const Packed> packed_;
};

} // namespace body4d::blazepose
