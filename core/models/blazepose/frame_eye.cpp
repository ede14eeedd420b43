#include "models/blazepose/frame_eye.h"

#include "base/error.h"
#include "models/blazepose/roi_map.h"

#include <algorithm>
#include <cmath>

namespace body4d::blazepose {

namespace {
constexpr double kSmallestCandidate = 12; // pixels
constexpr double kSmallestRoi = 10;
constexpr double kLargestRoi = 4; // of the longer side of the frame
constexpr double kWorseBy = 0.2;

void mirror(Crop& crop) {
    for (int y = 0; y < crop.side; ++y) {
        std::uint8_t* row = crop.rgb.data() + static_cast<std::size_t>(y) * crop.side * 3;
        for (int left = 0, right = crop.side - 1; left < right; ++left, --right) {
            std::swap_ranges(row + 3 * left, row + 3 * left + 3, row + 3 * right);
        }
    }
}
} // namespace

bool sameCandidate(const Roi& a, const Roi& b) {
    const double ratio = a.side / b.side;
    return std::hypot(a.centreX - b.centreX, a.centreY - b.centreY) < 0.12 * b.side && ratio > 0.75 &&
           ratio < 1.33 && std::abs(wrapAngle(a.angle - b.angle)) < 0.5;
}

std::vector<Candidate> distinct(std::vector<Candidate> candidates) {
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const auto& a, const auto& b) { return a.score > b.score; });
    std::vector<Candidate> out;
    for (const Candidate& c : candidates) {
        if (c.roi.side >= kSmallestCandidate && std::none_of(out.begin(), out.end(), [&](const Candidate& o) {
                return sameCandidate(c.roi, o.roi);
            })) {
            out.push_back(c);
        }
    }
    return out;
}

const Image& FrameEye::pictureOf(const Glance& glance) const {
    return glance.picture != nullptr ? *glance.picture : frame_;
}

void FrameEye::hide(const Glance& glance, Crop& crop) {
    const bool some = glance.hidden != nullptr && !glance.hidden->empty();
    if (!some && glance.alone == nullptr) {
        return;
    }
    BODY4D_EXPECT(glance.picture == nullptr);
    if (!backdrop_) {
        backdrop_.emplace(frame_);
    }
    if (some) {
        paintOut(crop, glance.roi, *glance.hidden, *backdrop_);
    }
    if (glance.alone != nullptr) {
        paintAround(crop, glance.roi, *glance.alone, *backdrop_);
    }
}

std::vector<std::vector<Detection>> FrameEye::detect(std::span<const Glance> glances, double threshold) {
    std::vector<std::vector<Detection>> out(glances.size());
    networks_.detect(
        glances.size(),
        [&](std::size_t i, Crop& crop) {
            sampleCrop(pictureOf(glances[i]), glances[i].roi, kDetectorSide, crop);
            hide(glances[i], crop);
        },
        [&](std::size_t i, const DetectorTensors& t) {
            out[i] = decodeDetections(t, glances[i].roi, threshold);
        },
        stop_);
    return out;
}

std::vector<Observation> FrameEye::look(std::span<const Glance> glances) {
    std::vector<Observation> out(glances.size());
    std::vector<std::shared_ptr<const Crop>> colours(glances.size());
    networks_.landmarks(
        glances.size(),
        [&](std::size_t i, Crop& crop) {
            auto seen = std::make_shared<Crop>();
            sampleCrop(pictureOf(glances[i]), glances[i].roi, kLandmarkSide, *seen);
            crop.rgb = seen->rgb;
            crop.side = kLandmarkSide;
            colours[i] = std::move(seen);
            hide(glances[i], crop);
            if (glances[i].mirrored) {
                mirror(crop);
            }
        },
        [&](std::size_t i, const LandmarkTensors& t) {
            out[i] = decodeLandmarks(t, glances[i].roi, glances[i].mirrored);
            out[i].crop = colours[i];
            out[i].frameWidth = pictureOf(glances[i]).width;
            out[i].frameHeight = pictureOf(glances[i]).height;
        },
        stop_);
    return out;
}

void FrameEye::refine(std::vector<Observation>& seen, std::span<const Glance> glances,
                      const std::vector<bool>& wanted) {
    std::vector<Glance> again;
    std::vector<std::size_t> which;
    for (std::size_t i = 0; i < seen.size(); ++i) {
        const Roi roi = nextRoi(seen[i]);
        const auto& picture = pictureOf(glances[i]);
        const double largest = kLargestRoi * std::max(picture.width, picture.height);
        if (wanted[i] && roi.side >= kSmallestRoi && roi.side <= largest) {
            Glance closer = glances[i];
            closer.roi = roi;
            again.push_back(closer);
            which.push_back(i);
        }
    }
    auto second = look(again);
    for (std::size_t k = 0; k < which.size(); ++k) {
        if (second[k].score >= seen[which[k]].score - kWorseBy) {
            seen[which[k]] = std::move(second[k]);
        }
    }
}

std::vector<Candidate> FrameEye::candidates(std::span<const Glance> glances, double threshold) {
    std::vector<Candidate> all;
    for (const auto& detections : detect(glances, threshold)) {
        for (const Detection& d : detections) {
            all.push_back({d.score, d.roi()});
        }
    }
    return distinct(std::move(all));
}

} // namespace body4d::blazepose
