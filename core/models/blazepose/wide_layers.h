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

    [[nodiscard]] static WideScratchPtr makeScratch();
    /// From a crop of 256 x 256 to what the narrow part takes. @param narrow [24][64][64]
    void enter(const Crop& crop, float* narrow, WideScratch& scratch) const;
    /// From what the narrow part gives to the mask. @param narrow [8][64][64]  @returns [256][256] logits,
    /// valid until the scratch is used again
    [[nodiscard]] std::span<const float> leave(const float* narrow, WideScratch& scratch) const;

    struct Packed;

private:
    std::unique_ptr<const Packed> packed_;
};

} // namespace body4d::blazepose
