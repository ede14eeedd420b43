#include "models/blazepose/decode.h"

#include "base/target_clones.h"
#include "models/blazepose/roi_map.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace body4d::blazepose {

namespace {

constexpr double kSuppressionIou = 0.3;
constexpr double kRoiMargin = 1.25;
constexpr int kHeatRadius = 3; // 7 x 7 window
constexpr float kHeatThreshold = 0; // a logit: a probability of a half

double sigmoid(double logit) {
    return 1 / (1 + std::exp(-std::clamp(logit, -80.0, 80.0)));
}

/// 255 * sigmoid over many logits. exp by its bit pattern and a cubic (relative error 1e-4): below half a
/// level.
BODY4D_CLONES void sigmoidBytes(const float* __restrict logits, std::size_t count,
                                std::uint8_t* __restrict out) {
    constexpr float kLog2e = 1.442695041F;
    constexpr std::size_t kChunk = 256;
    float limited[kChunk];
    for (std::size_t begin = 0; begin < count; begin += kChunk) {
        const std::size_t size = std::min(kChunk, count - begin);
        // A loop of its own: in one with the rest the compiler branches for what lies beyond.
        for (std::size_t i = 0; i < size; ++i) {
            const float low = logits[begin + i] > -30.F ? logits[begin + i] : -30.F;
            limited[i] = low < 30.F ? low : 30.F;
        }
        for (std::size_t i = 0; i < size; ++i) {
            const float t = -limited[i] * kLog2e + 64.F; // positive, so that truncation is floor
            const auto whole = static_cast<std::int32_t>(t);
            const float f = t - static_cast<float>(whole);
            const float power = 1.F + f * (0.69583281F + f * (0.22606716F + f * 0.07802F));
            const float e = std::bit_cast<float>((whole - 64 + 127) << 23) * power;
            out[begin + i] = static_cast<std::uint8_t>(static_cast<std::int32_t>(255.F / (1.F + e) + 0.5F));
        }
    }
}

double overlap(const Box& a, const Box& b) {
    return intersectionOverUnion(a, b);
}

/// Left becomes right.
void exchangeSides(Observation& o) {
    const auto exchange = [&](std::size_t a, std::size_t b) {
        std::swap(o.px[a], o.px[b]);
        std::swap(o.z[a], o.z[b]);
        std::swap(o.visibility[a], o.visibility[b]);
        std::swap(o.presence[a], o.presence[b]);
        std::swap(o.world[a], o.world[b]);
    };
    for (const std::size_t eye : {1U, 2U, 3U}) {
        exchange(eye, eye + 3);
    }
    for (std::size_t k = 7; k < kPoseLandmarkCount; k += 2) { // from the ears on, left and right alternate
        exchange(k, k + 1);
    }
}

} // namespace

const std::vector<Vec2>& anchorCentres() {
    static const std::vector<Vec2> centres = [] {
        std::vector<Vec2> out;
        out.reserve(kAnchorCount);
        // Strides 8, 16, 32, 32, 32 with two anchors each; layers of one stride share their cells.
        for (const auto& [cells, anchors] : {std::pair{28, 2}, std::pair{14, 2}, std::pair{7, 6}}) {
            for (int y = 0; y < cells; ++y) {
                for (int x = 0; x < cells; ++x) {
                    out.insert(out.end(), static_cast<std::size_t>(anchors),
                               Vec2{(x + 0.5) / cells, (y + 0.5) / cells});
                }
            }
        }
        return out;
    }();
    return centres;
}

Roi roiFromPoints(Vec2 hips, Vec2 sizePoint) {
    constexpr double kHalfPi = 1.5707963267948966;
    const Vec2 d = sizePoint - hips;
    return {hips.x, hips.y, 2 * norm(d) * kRoiMargin, kHalfPi - std::atan2(-d.y, d.x)};
}

std::vector<Detection> decodeDetections(const DetectorTensors& tensors, const Roi& roi, double threshold) {
    struct Candidate {
        double score = 0;
        Box box; // 0..1 of the crop
        std::array<Vec2, 4> keyPoints;
    };
    std::vector<Candidate> found;
    const auto& anchors = anchorCentres();
    const double logitThreshold = std::log(threshold / (1 - threshold));
    for (std::size_t i = 0; i < anchors.size(); ++i) {
        if (!(tensors.scores[i] > logitThreshold)) {
            continue;
        }
        const float* b = tensors.boxes.data() + 12 * i;
        Candidate c;
        c.score = sigmoid(tensors.scores[i]);
        const double x = b[0] / double{kDetectorSide} + anchors[i].x,
                     y = b[1] / double{kDetectorSide} + anchors[i].y;
        const double w = b[2] / double{kDetectorSide}, h = b[3] / double{kDetectorSide};
        c.box = {x - w / 2, y - h / 2, x + w / 2, y + h / 2};
        for (std::size_t k = 0; k < 4; ++k) {
            c.keyPoints[k] = {b[4 + 2 * k] / double{kDetectorSide} + anchors[i].x,
                              b[5 + 2 * k] / double{kDetectorSide} + anchors[i].y};
        }
        found.push_back(c);
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.score > b.score; });

    const Affine map = frameFromCrop(roi, kDetectorSide);
    std::vector<Detection> out;
    std::vector<bool> taken(found.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (taken[i]) {
            continue;
        }
        std::array<Vec2, 4> sum{};
        double weight = 0;
        for (std::size_t j = i; j < found.size(); ++j) {
            if (taken[j] || (j != i && !(overlap(found[i].box, found[j].box) > kSuppressionIou))) {
                continue;
            }
            taken[j] = true;
            weight += found[j].score;
            for (std::size_t k = 0; k < 4; ++k) {
                sum[k] = sum[k] + found[j].score * found[j].keyPoints[k];
            }
        }
        Detection detection;
        detection.score = static_cast<float>(found[i].score);
        for (std::size_t k = 0; k < 4; ++k) {
            detection.keyPoints[k] = map(kDetectorSide / weight * sum[k]);
        }
        out.push_back(detection);
    }
    return out;
}

Observation decodeLandmarks(const LandmarkTensors& tensors, const Roi& roi, bool mirrored) {
    Observation o;
    o.roi = roi;
    o.score = tensors.presence[0];
    const Affine map = frameFromCrop(roi, kLandmarkSide);
    for (std::size_t k = 0; k < kNetPoints; ++k) {
        const float* p = tensors.points.data() + 5 * k;
        Vec2 at{p[0], p[1]};
        const int cx = static_cast<int>(p[0] / 4), cy = static_cast<int>(p[1] / 4);
        if (cx >= 0 && cy >= 0 && cx < kHeatMapSide && cy < kHeatMapSide) {
            const int x0 = std::max(0, cx - kHeatRadius), x1 = std::min(kHeatMapSide - 1, cx + kHeatRadius);
            const int y0 = std::max(0, cy - kHeatRadius), y1 = std::min(kHeatMapSide - 1, cy + kHeatRadius);
            const auto logit = [&](int x, int y) {
                return tensors.heatMaps[static_cast<std::size_t>(y * kHeatMapSide + x) * kNetPoints + k];
            };
            bool clear = false;
            for (int y = y0; y <= y1; ++y) {
                for (int x = x0; x <= x1; ++x) {
                    clear = clear || logit(x, y) >= kHeatThreshold;
                }
            }
            if (clear) {
                double sum = 0;
                Vec2 mean;
                for (int y = y0; y <= y1; ++y) {
                    for (int x = x0; x <= x1; ++x) {
                        const double value = sigmoid(logit(x, y));
                        sum += value;
                        mean = mean + value * Vec2{double(x), double(y)};
                    }
                }
                at = 4 / sum * mean;
            }
        }
        o.px[k] = map(mirrored ? Vec2{kLandmarkSide - at.x, at.y} : at);
        o.z[k] = static_cast<float>(p[2] * roi.side / kLandmarkSide);
        o.visibility[k] = static_cast<float>(sigmoid(p[3]));
        o.presence[k] = static_cast<float>(sigmoid(p[4]));
    }
    const double c = std::cos(roi.angle), s = std::sin(roi.angle);
    for (std::size_t k = 0; k < o.world.size(); ++k) {
        const float* w = tensors.world.data() + 3 * k;
        const float x = mirrored ? -w[0] : w[0];
        o.world[k] = {c * x - s * w[1], s * x + c * w[1], w[2]};
    }
    auto mask = std::make_shared<CropMask>(kLandmarkSide);
    sigmoidBytes(tensors.mask.data(), mask->values.size(), mask->values.data());
    if (mirrored) {
        for (auto row = mask->values.begin(); row != mask->values.end(); row += kLandmarkSide) {
            std::reverse(row, row + kLandmarkSide);
        }
        exchangeSides(o);
    }
    o.mask = std::move(mask);
    return o;
}

Box bodyBox(const Observation& o) {
    Box box{o.px[0].x, o.px[0].y, o.px[0].x, o.px[0].y};
    for (int k = 1; k < kPoseLandmarkCount; ++k) {
        const Vec2 p = o.px[static_cast<std::size_t>(k)];
        box = {std::min(box.x0, p.x), std::min(box.y0, p.y), std::max(box.x1, p.x), std::max(box.y1, p.y)};
    }
    return box;
}

double insideShare(const Observation& o, const CropMask& mask, int frameWidth, int frameHeight) {
    constexpr int kBorder = 2;
    const Affine map = cropFromFrame(o.roi, mask.side);
    double sum = 0;
    int count = 0;
    for (const int k : kMainPoints) {
        const Vec2 p = o.px[static_cast<std::size_t>(k)];
        if (p.x < kBorder || p.y < kBorder || p.x >= frameWidth - kBorder || p.y >= frameHeight - kBorder) {
            continue;
        }
        const Vec2 q = map(p);
        if (q.x > -1 && q.y > -1 && q.x < mask.side && q.y < mask.side) {
            sum += mask.at(static_cast<int>(q.x), static_cast<int>(q.y)) / 255.0;
            ++count;
        }
    }
    return count > 2 ? sum / count : 0;
}

double maskAt(const Observation& o, const CropMask& mask, Vec2 place) {
    const Vec2 q = cropFromFrame(o.roi, mask.side)(place);
    if (!(q.x > -0.5 && q.y > -0.5 && q.x < mask.side - 0.5 && q.y < mask.side - 0.5)) {
        return 0;
    }
    const int cx = static_cast<int>(std::lround(q.x)), cy = static_cast<int>(std::lround(q.y));
    int sum = 0, count = 0;
    for (int y = std::max(0, cy - 2); y <= std::min(mask.side - 1, cy + 2); ++y) {
        for (int x = std::max(0, cx - 2); x <= std::min(mask.side - 1, cx + 2); ++x, ++count) {
            sum += mask.at(x, y);
        }
    }
    return sum / (255.0 * count);
}

double segmentDistance(Vec2 a, Vec2 b, Vec2 place) {
    const Vec2 d = b - a, p = place - a;
    const double t = std::clamp((p.x * d.x + p.y * d.y) / std::max(d.x * d.x + d.y * d.y, 1e-9), 0.0, 1.0);
    return norm(p - t * d);
}

double skeletonDistance(const Observation& o, Vec2 place) {
    double best = 1e30;
    for (const auto& [i, j] : kBones) {
        best = std::min(best, segmentDistance(o.px[static_cast<std::size_t>(i)],
                                              o.px[static_cast<std::size_t>(j)], place));
    }
    return best / o.roi.side;
}

double coreDistance(const Observation& o, Vec2 place) {
    constexpr std::array<std::size_t, 5> kTrunk{11, 12, 24, 23, 11};
    bool left = false, right = false;
    for (std::size_t k = 0; k + 1 < kTrunk.size(); ++k) {
        const Vec2 edge = o.px[kTrunk[k + 1]] - o.px[kTrunk[k]], p = place - o.px[kTrunk[k]];
        (edge.x * p.y - edge.y * p.x > 0 ? left : right) = true;
    }
    constexpr double kHead = 0.04; // of the crop's side, about the nose
    if (left != right || norm(o.px[0] - place) < kHead * o.roi.side) {
        return 0;
    }
    double best = std::min(norm(o.px[0] - place), segmentDistance(o.px[7], o.px[8], place));
    for (const auto& [i, j] : {std::pair{11, 12}, std::pair{11, 23}, std::pair{12, 24}, std::pair{23, 24},
                               std::pair{11, 13}, std::pair{12, 14}, std::pair{23, 25}, std::pair{24, 26}}) {
        best = std::min(best, segmentDistance(o.px[static_cast<std::size_t>(i)],
                                              o.px[static_cast<std::size_t>(j)], place));
    }
    return best / o.roi.side;
}

namespace {

/// Least squares of picture against world about their means, by how surely the points are seen.
template <typename Place, typename World, typename Weight>
double scaleOf(const Place& place, const World& world, const Weight& weight) {
    Vec2 meanPlace, meanWorld;
    double weights = 0;
    for (const int k : kMainPoints) {
        const auto i = static_cast<std::size_t>(k);
        const double w = weight(i);
        meanPlace = meanPlace + w * place(i);
        meanWorld = meanWorld + w * Vec2{world(i).x, world(i).y};
        weights += w;
    }
    meanPlace = (1 / weights) * meanPlace;
    meanWorld = (1 / weights) * meanWorld;
    double product = 0, square = 0;
    for (const int k : kMainPoints) {
        const auto i = static_cast<std::size_t>(k);
        const Vec2 a = place(i) - meanPlace, b = Vec2{world(i).x, world(i).y} - meanWorld;
        product += weight(i) * (a.x * b.x + a.y * b.y);
        square += weight(i) * (b.x * b.x + b.y * b.y);
    }
    return product / std::max(square, 1e-9);
}

constexpr double kUnseenWeight = 0.05; // of a point that is not seen at all

} // namespace

double bodyScale(const Observation& o) {
    return scaleOf(
        [&](std::size_t i) { return o.px[i]; }, [&](std::size_t i) { return o.world[i]; },
        [&](std::size_t i) { return std::max<double>(kUnseenWeight, o.visibility[i] * o.presence[i]); });
}

double bodyScale(const PoseLandmarks& pose) {
    const auto& p = pose.points;
    return scaleOf(
        [&](std::size_t i) { return p[i].px; }, [&](std::size_t i) { return p[i].world; },
        [&](std::size_t i) { return std::max<double>(kUnseenWeight, p[i].visibility * p[i].presence); });
}

bool upsideDown(const Observation& o) {
    constexpr double kBeyond = 1.75; // radians off upright
    return std::abs(wrapAngle(o.roi.angle)) > kBeyond;
}

int maskArea(const CropMask& mask) {
    return static_cast<int>(
        std::count_if(mask.values.begin(), mask.values.end(), [](std::uint8_t v) { return v >= 128; }));
}

} // namespace body4d::blazepose
