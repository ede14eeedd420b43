#pragma once

#include "models/blazepose/decode.h"
#include "models/blazepose/ownership.h"
#include "models/blazepose/pose_nets.h"

#include <optional>
#include <span>
#include <stop_token>
#include <vector>

namespace body4d::blazepose {

/// A place to look at, with the people to hide there first.
struct Glance {
    Roi roi;
    const Others* hidden = nullptr;     ///< may be null
    const Image* picture = nullptr;     ///< another one than the eye's frame; nobody can be hidden there
    const Observation* alone = nullptr; ///< everything around this one's mask is hidden; may be null
    bool mirrored = false; ///< the landmark network sees it as in a mirror; what it says is turned back
};

/// A place where the detector says that a person is.
struct Candidate {
    double score = 0;
    Roi roi;
};

/// Both networks applied to one frame: crops, painting out, decoding. One thread at a time.
class FrameEye {
public:
    FrameEye(PoseNetworks& networks, const Image& frame, std::stop_token stop)
        : networks_(networks), frame_(frame), stop_(std::move(stop)) {}

    [[nodiscard]] const Image& frame() const { return frame_; }
    /// Detections of every glance, in order.
    [[nodiscard]] std::vector<std::vector<Detection>> detect(std::span<const Glance> glances,
                                                             double threshold);
    /// Landmarks of every glance, in order, with the crop's true colours and an empty histogram.
    [[nodiscard]] std::vector<Observation> look(std::span<const Glance> glances);
    /// Looks again where each observation's own alignment points say. A second look that is clearly worse is
    /// dropped.
    void refine(std::vector<Observation>& seen, std::span<const Glance> glances,
                const std::vector<bool>& wanted);

    /// Detections of all glances as candidates, best first, without duplicates.
    [[nodiscard]] std::vector<Candidate> candidates(std::span<const Glance> glances, double threshold);

private:
    [[nodiscard]] const Image& pictureOf(const Glance& glance) const;
    void hide(const Glance& glance, Crop& crop);
    PoseNetworks& networks_;
    const Image& frame_;
    std::stop_token stop_;
    std::optional<Backdrop> backdrop_;
};

/// Best first, without duplicates and what is too small.
[[nodiscard]] std::vector<Candidate> distinct(std::vector<Candidate> candidates);

/// The same person seen twice?
[[nodiscard]] bool sameCandidate(const Roi& a, const Roi& b);

} // namespace body4d::blazepose
