#pragma once

#include "models/edgetam/network.h"
#include "models/edgetam/segmenter.h"

#include "../sam3/tiny_network.h"

#include <map>

/// A small encoder and few latents with the tracker at full size, and weights that the reference's test
/// program computes alike.
namespace body4d::edgetam::testing {

inline Config tinyConfig() {
    Config config;
    config.imageSize = 256;
    config.latentGrid = 4;
    config.widths = {16, 24, 32, 48};
    config.depths = {1, 2, 2, 1};
    return config;
}

inline Network tinyNetwork(double scoreBias = 3, bool folded = true) {
    Network network(tinyConfig());
    sam3::testing::fillIn(network, "e", scoreBias);
    if (folded) {
        network.prepare(c10::kCPU, {});
    } else {
        network.prepareUnfolded();
    }
    return network;
}

/// Frame t of the clip that SAM 3's tests use, enlarged and normalised as the reference's test program does
/// it.
inline at::Tensor image(std::int64_t t) {
    const SafetensorsFile file(BODY4D_SOURCE_DIR "/tests/data/sam3/frames.safetensors");
    const auto frame =
        sam3::testing::tensorOf(file, "frames").narrow(0, t, 1).permute({0, 3, 1, 2}).to(at::kFloat);
    const auto mean = at::tensor({0.485F, 0.456F, 0.406F}).view({1, 3, 1, 1}),
               deviation = at::tensor({0.229F, 0.224F, 0.225F}).view({1, 3, 1, 1});
    return (at::upsample_bilinear2d(frame, {256, 256}, false) / 255 - mean) / deviation;
}

inline constexpr int kFrames = 6; ///< of the clip that sessions follow
inline sam3::TrackerOptions clipOptions() {
    auto options = trackerOptions();
    options.clipFrames = kFrames;
    return options;
}

/// The clip's features, computed when they are first asked for.
class EncodedClip {
public:
    /// @param network outlives this
    explicit EncodedClip(const Network& network) : network_(network) {}
    const sam3::Features& features(int frame) {
        auto& found = features_[frame];
        if (!found.top.defined()) {
            found = network_.encode(image(frame));
        }
        return found;
    }

private:
    const Network& network_;
    std::map<int, sam3::Features> features_;
};

} // namespace body4d::edgetam::testing
