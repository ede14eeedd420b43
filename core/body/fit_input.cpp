#include "body/detail/fit_input.h"

#include "body/detail/cuts.h"
#include "body/detail/leg_sides.h"
#include "body/detail/pixel_test.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <span>

namespace body4d::detail {
namespace {

// The network's jitter is one of frames, people's motion one of seconds: sigmas in frames at 30 a second,
// shorter where frames are farther apart.
constexpr double kPointSigma = 0.8, kWorldSigma = 2.5;
constexpr double kBoxSigma = 2, kLimbSigma = 2; // frames
constexpr double kRoiPerBox = 1.25;             ///< the crop is this much larger than the person's box
constexpr double kCutRatio = 2.2,
                 kCutJump = 0.8; // change of the crop's size and place from one frame to the next
constexpr double kOutsideMarginPx = 5;
constexpr double kOutsideFactor = 0.03; ///< the network invents points outside the picture
// Legs behind a table or another person are invented, too, and with confidence. Told from legs that a mask
// misses by time:
constexpr double kLegMargin = 0.05; // of the box, by which a point beside the mask may miss it
constexpr double kLegSeconds = 1.2; // sigma of the time over which it is judged
constexpr double kLegDoubt =
                     0.15, // share of a leg's points beside the mask, as far as the network itself doubts the
    kLegHidden = 0.3;      // ankle, from which the leg is doubted and from which it is not believed at all

/// One number per frame and channel, channels contiguous per frame.
struct Channels {
    std::size_t count = 0;
    std::vector<double> values;
    Channels(std::size_t frames, std::size_t channels) : count(channels), values(frames * channels, 0.0) {}
    double& at(std::size_t frame, std::size_t channel) { return values[frame * count + channel]; }
};

std::vector<double> gaussianKernel(double sigma) {
    const int radius = static_cast<int>(4 * sigma + 0.5);
    std::vector<double> kernel(static_cast<std::size_t>(2 * radius + 1));
    double sum = 0;
    for (int i = -radius; i <= radius; ++i) {
        sum += kernel[static_cast<std::size_t>(i + radius)] = std::exp(-0.5 * i * i / (sigma * sigma));
    }
    for (double& k : kernel) {
        k /= sum;
    }
    return kernel;
}

std::size_t boundedIndex(std::ptrdiff_t i, std::ptrdiff_t n, FilterEnd end) {
    if (end == FilterEnd::Hold) {
        return static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(i, 0, n - 1));
    }
    const std::ptrdiff_t period = 2 * n;
    i = ((i % period) + period) % period;
    return static_cast<std::size_t>(i < n ? i : period - 1 - i);
}

/// Weighted Gaussian over time of every channel; channel c is weighted by column c / channelsPerWeight.
void filterWeighted(Channels& data, const Channels& weights, std::size_t channelsPerWeight, double sigma) {
    const auto kernel = gaussianKernel(sigma);
    const auto radius = static_cast<std::ptrdiff_t>(kernel.size() / 2);
    const std::size_t frames = data.values.size() / data.count;
    const std::vector<double> source = data.values;
    std::vector<double> sum(weights.count);
    for (std::size_t n = 0; n < frames; ++n) {
        double* out = data.values.data() + n * data.count;
        std::fill(out, out + data.count, 0.0);
        std::fill(sum.begin(), sum.end(), 0.0);
        for (std::ptrdiff_t k = -radius; k <= radius; ++k) {
            const std::size_t m = boundedIndex(static_cast<std::ptrdiff_t>(n) + k,
                                               static_cast<std::ptrdiff_t>(frames), FilterEnd::Mirror);
            const double* w = weights.values.data() + m * weights.count;
            const double* in = source.data() + m * data.count;
            const double gain = kernel[static_cast<std::size_t>(k + radius)];
            for (std::size_t p = 0; p < weights.count; ++p) {
                const double g = gain * w[p];
                sum[p] += g;
                for (std::size_t c = p * channelsPerWeight; c < (p + 1) * channelsPerWeight; ++c) {
                    out[c] += g * in[c];
                }
            }
        }
        for (std::size_t c = 0; c < data.count; ++c) {
            out[c] /= sum[c / channelsPerWeight];
        }
    }
}

/// Fills every channel of unmeasured frames linearly from both sides; the ends are held.
void interpolateGaps(Channels& data, const std::vector<std::size_t>& measured, std::size_t frames) {
    for (std::size_t k = 0; k <= measured.size(); ++k) {
        const std::size_t begin = k == 0 ? 0 : measured[k - 1] + 1,
                          end = k == measured.size() ? frames : measured[k];
        for (std::size_t n = begin; n < end; ++n) {
            const std::size_t a = k == 0 ? measured.front() : measured[k - 1];
            const std::size_t b = k == measured.size() ? measured.back() : measured[k];
            const double t = a == b ? 0 : static_cast<double>(n - a) / static_cast<double>(b - a);
            for (std::size_t c = 0; c < data.count; ++c) {
                data.at(n, c) = (1 - t) * data.at(a, c) + t * data.at(b, c);
            }
        }
    }
}

/// Points whose visibility tells whether the part that hangs on a joint is in view.
struct LimbPoints {
    std::size_t joint;
    std::size_t first, second;
};
constexpr std::array<LimbPoints, 12> kLimbPoints{{
    {joint::kUpperArmL, keypoint::kLeftElbow, keypoint::kLeftWrist},
    {joint::kLowerArmL, keypoint::kLeftWrist, keypoint::kLeftWrist},
    {joint::kWristL, keypoint::kLeftIndex, keypoint::kLeftIndex},
    {joint::kUpperArmR, keypoint::kRightElbow, keypoint::kRightWrist},
    {joint::kLowerArmR, keypoint::kRightWrist, keypoint::kRightWrist},
    {joint::kWristR, keypoint::kRightIndex, keypoint::kRightIndex},
    {joint::kUpperLegL, keypoint::kLeftKnee, keypoint::kLeftAnkle},
    {joint::kLowerLegL, keypoint::kLeftAnkle, keypoint::kLeftAnkle},
    {joint::kFootL, keypoint::kLeftToe, keypoint::kLeftToe},
    {joint::kUpperLegR, keypoint::kRightKnee, keypoint::kRightAnkle},
    {joint::kLowerLegR, keypoint::kRightAnkle, keypoint::kRightAnkle},
    {joint::kFootR, keypoint::kRightToe, keypoint::kRightToe},
}};

} // namespace

std::vector<double> gaussianFiltered(const std::vector<double>& values, double sigma, FilterEnd end) {
    const auto kernel = gaussianKernel(sigma);
    const auto radius = static_cast<std::ptrdiff_t>(kernel.size() / 2);
    const auto count = static_cast<std::ptrdiff_t>(values.size());
    std::vector<double> out(values.size(), 0.0);
    for (std::ptrdiff_t n = 0; n < count; ++n) {
        for (std::ptrdiff_t k = -radius; k <= radius; ++k) {
            out[static_cast<std::size_t>(n)] +=
                kernel[static_cast<std::size_t>(k + radius)] * values[boundedIndex(n + k, count, end)];
        }
    }
    return out;
}

namespace {

bool hasLandmarks(const TargetFrame& frame) {
    return frame.state == FrameState::Visible && frame.pose.score > 0 && frame.pose.roi.side > 0;
}

/// How far the left and the right leg below the knee are believed, 0..1 a frame: not where for a long time
/// the points lie beside the mask, on whatever hides them, and the ankle is hardly seen.
std::vector<std::array<double, 2>> trustInLegs(std::span<const TargetFrame> track, double fps) {
    std::vector<std::array<double, 2>> out(track.size(), {1, 1});
    const double sigma = kLegSeconds * fps;
    struct Leg {
        std::vector<double> judged, beside, seen;
    };
    const std::vector<double> none(track.size());
    std::array<Leg, 2> legs{Leg{none, none, none}, Leg{none, none, none}};
    for (std::size_t n = 0; n < track.size(); ++n) {
        const TargetFrame& frame = track[n];
        if (!hasLandmarks(frame) || frame.mask.empty()) {
            continue;
        }
        const PixelTest inMask(frame.mask);
        const double margin = kLegMargin * frame.pose.roi.side / kRoiPerBox;
        for (std::size_t side = 0; side < 2;
             ++side) { // BlazePose: 25 and 27 are the left knee and ankle, 26 and 28 the right
            Leg& leg = legs[side];
            const PoseLandmark& ankle = frame.pose.points[27 + side];
            for (const PoseLandmark* p : {&frame.pose.points[25 + side], &ankle}) {
                const bool inside =
                    p->px.x >= 0 && p->px.y >= 0 && p->px.x < frame.mask.width && p->px.y < frame.mask.height;
                if (inside) {
                    leg.judged[n] += 0.5;
                    leg.beside[n] += inMask.near(p->px, margin) ? 0 : 0.5;
                    leg.seen[n] += 0.5 * static_cast<double>(ankle.visibility * ankle.presence);
                }
            }
        }
    }
    for (std::size_t side = 0; side < 2; ++side) {
        const auto& [judged, beside, seen] = legs[side];
        if (std::none_of(beside.begin(), beside.end(), [](double b) { return b > 0; })) {
            continue;
        }
        const auto all = gaussianFiltered(judged, sigma, FilterEnd::Hold),
                   off = gaussianFiltered(beside, sigma, FilterEnd::Hold),
                   clear = gaussianFiltered(seen, sigma, FilterEnd::Hold);
        for (std::size_t n = 0; n < track.size(); ++n) {
            if (all[n] > 0.01) {
                const double hidden = off[n] / all[n] * (1 - clear[n] / all[n]);
                out[n][side] = 1 - std::clamp((hidden - kLegDoubt) / (kLegHidden - kLegDoubt), 0.0, 1.0);
            }
        }
    }
    return out;
}

} // namespace

bool isCut(const TargetFrame& before, const TargetFrame& after, std::size_t framesBetween) {
    if (after.afterCut && !before.afterCut) {
        return true;
    }
    const Roi &a = before.pose.roi, &b = after.pose.roi;
    const double ratio = std::max(a.side, b.side) / std::min(a.side, b.side);
    const double jump = std::hypot(a.centreX - b.centreX, a.centreY - b.centreY) / std::max(a.side, b.side);
    return framesBetween == 1 && (ratio > kCutRatio || jump > kCutJump);
}

namespace {

/// One shot: frames between cuts.
std::vector<FrameInput> prepareShot(std::span<const TargetFrame> track, int width, int height, double fps) {
    constexpr std::size_t kPoints = kBodyKeypointCount;
    const std::size_t frames = track.size();
    std::vector<FrameInput> input(frames);
    std::vector<std::size_t> measured;
    Channels px(frames, 2 * kPoints), world(frames, 3 * kPoints), box(frames, 1);
    Channels confidence(frames, kPoints), trust(frames, kPoints);
    const auto inPicture = [&](double x, double y) {
        return x > -kOutsideMarginPx && y > -kOutsideMarginPx && x < width + kOutsideMarginPx &&
               y < height + kOutsideMarginPx;
    };
    const auto legs = trustInLegs(track, fps);
    const auto exchanged = exchangedLegs(track, fps);
    const auto landmarkOf = [&](std::size_t n, std::size_t k) {
        const auto p = static_cast<std::size_t>(kBodyKeypoints[k].poseLandmark);
        return exchanged[n] != 0 ? onOtherLeg(p) : p;
    };
    const auto trusted = [&](std::size_t n, std::size_t k) { // knees and below by their side, all else always
        const std::size_t p = landmarkOf(n, k);
        return p < kFirstLegPoint ? 1 : legs[n][(p - kFirstLegPoint) % 2];
    };
    for (std::size_t n = 0; n < frames; ++n) {
        const TargetFrame& frame = track[n];
        if (!hasLandmarks(frame)) {
            continue;
        }
        measured.push_back(n);
        input[n].measured = true;
        box.at(n, 0) = frame.pose.roi.side / kRoiPerBox;
        for (std::size_t k = 0; k < kPoints; ++k) {
            const PoseLandmark& p = frame.pose.points[landmarkOf(n, k)];
            px.at(n, 2 * k) = p.px.x;
            px.at(n, 2 * k + 1) = p.px.y;
            world.at(n, 3 * k) = p.world.x;
            world.at(n, 3 * k + 1) = p.world.y;
            world.at(n, 3 * k + 2) = p.world.z;
            const double seen =
                0.05 + 0.95 * static_cast<double>(p.visibility) * static_cast<double>(p.presence);
            const double believed =
                inPicture(p.px.x, p.px.y) ? std::max(trusted(n, k), kOutsideFactor) : kOutsideFactor;
            confidence.at(n, k) = seen * believed * std::min(1.0, static_cast<double>(frame.pose.score));
        }
    }
    if (measured.empty()) {
        for (FrameInput& in : input) {
            in.px.fill(EVec2::Zero());
            in.rawPx = in.px;
            in.world.fill(EVec3::Zero());
            in.confidence.fill(0);
            in.weight2 = in.weight3 = in.confidence;
            in.limbSeen.fill(1);
        }
        return input;
    }
    interpolateGaps(px, measured, frames);
    interpolateGaps(world, measured, frames);
    interpolateGaps(box, measured, frames);
    for (std::size_t i = 0; i < trust.values.size(); ++i) {
        trust.values[i] = confidence.values[i] + (input[i / kPoints].measured ? 1e-4 : 2e-4);
    }
    const Channels rawPx = px;
    const double perFrame = std::clamp(fps / 30, 0.1, 4.0);
    filterWeighted(px, trust, 2, kPointSigma * perFrame);
    filterWeighted(world, trust, 3, kWorldSigma * perFrame);
    const auto smoothBox = gaussianFiltered(box.values, kBoxSigma, FilterEnd::Hold);

    Channels limb(frames, kLimbPoints.size());
    for (std::size_t n = 0; n < frames; ++n) {
        FrameInput& in = input[n];
        in.box = smoothBox[n];
        in.rawBox = box.values[n];
        std::array<bool, kPoints> inside{};
        for (std::size_t k = 0; k < kPoints; ++k) {
            in.px[k] = {px.at(n, 2 * k), px.at(n, 2 * k + 1)};
            in.rawPx[k] = {rawPx.values[n * rawPx.count + 2 * k], rawPx.values[n * rawPx.count + 2 * k + 1]};
            in.world[k] = {world.at(n, 3 * k), world.at(n, 3 * k + 1), world.at(n, 3 * k + 2)};
            inside[k] = inPicture(in.px[k].x(), in.px[k].y());
            in.confidence[k] = confidence.at(n, k);
            in.weight2[k] = kBodyKeypoints[k].weight * in.confidence[k];
            in.weight3[k] =
                !in.measured
                    ? 0
                    : kBodyKeypoints[k].weight *
                          (inside[k] ? (0.04 + 0.04 * trusted(n, k)) + 0.92 * in.confidence[k] : 0.04);
        }
        const EVec3 midHip = 0.5 * (in.world[keypoint::kLeftHip] + in.world[keypoint::kRightHip]);
        for (EVec3& p : in.world) {
            p -= midHip;
        }
        for (std::size_t l = 0; l < kLimbPoints.size(); ++l) {
            const auto inView = [&](std::size_t k) { return inside[k] ? in.confidence[k] : 0; };
            limb.at(n, l) =
                std::min(1.0, 1.5 * std::max(inView(kLimbPoints[l].first), inView(kLimbPoints[l].second)));
        }
    }
    for (FrameInput& in : input) {
        in.limbSeen.fill(1);
    }
    interpolateGaps(limb, measured, frames); // who is out of sight for a moment has not lost their limbs
    std::vector<double> seen(frames);
    for (std::size_t l = 0; l < kLimbPoints.size(); ++l) {
        for (std::size_t n = 0; n < frames; ++n) {
            seen[n] = limb.at(n, l);
        }
        const auto smooth = gaussianFiltered(seen, kLimbSigma, FilterEnd::Hold);
        for (std::size_t n = 0; n < frames; ++n) {
            input[n].limbSeen[kLimbPoints[l].joint] = smooth[n];
        }
    }
    return input;
}

} // namespace

std::vector<FrameInput> prepareInput(const TargetTrack& track, int width, int height, double fps) {
    std::vector<FrameInput> input;
    const std::span<const TargetFrame> frames(track.frames);
    std::size_t begin = 0, last = frames.size(); // last: the latest frame with landmarks
    const auto finishShot = [&](std::size_t end) {
        auto shot = prepareShot(frames.subspan(begin, end - begin), width, height, fps);
        if (!shot.empty()) {
            shot.front().startsShot = true;
        }
        input.insert(input.end(), std::make_move_iterator(shot.begin()), std::make_move_iterator(shot.end()));
        begin = end;
    };
    for (std::size_t n = 0; n < frames.size(); ++n) {
        if (!hasLandmarks(frames[n])) {
            continue;
        }
        if (last < n && isCut(frames[last], frames[n], n - last)) {
            finishShot(n);
        }
        last = n;
    }
    finishShot(frames.size());
    return input;
}

} // namespace body4d::detail
