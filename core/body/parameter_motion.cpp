#include "body/parameter_motion.h"

#include "base/error.h"
#include "body/completion.h"
#include "body/detail/rotation.h"
#include "body/track_smoother.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace body4d {

using namespace detail;

namespace {

constexpr std::size_t kRotations = 1 + mhr::kTriples + mhr::kSingles; ///< the body's own, then its joints'
constexpr double kSeenWhole = 0.1,
                 kSeenNot = 0.7; ///< hidden shares at which a reading counts in full and not at all
constexpr double kPriorSeconds = 0.8, kDepthSeconds = 2.4; ///< for which the prior is as good as a reading
constexpr double kDepthTrust = 0.3; ///< of a reading's weight: half a body tells little of how far away it is

EMat3 rotationOf(double x, double y, double z) {
    return (Eigen::AngleAxisd(z, EVec3::UnitZ()) * Eigen::AngleAxisd(y, EVec3::UnitY()) *
            Eigen::AngleAxisd(x, EVec3::UnitX()))
        .toRotationMatrix();
}

/// The same angle, at most half a turn from `near`.
double unwrapped(double angle, double near) {
    return angle + 2 * std::numbers::pi * std::round((near - angle) / (2 * std::numbers::pi));
}

/// Angles of a rotation Rz Ry Rx: of all that mean the same those nearest to `near`.
EVec3 anglesOf(const EMat3& r, const EVec3& near) {
    const double cosine = std::hypot(r(0, 0), r(1, 0));
    EVec3 first(std::atan2(r(2, 1), r(2, 2)), std::atan2(-r(2, 0), cosine), std::atan2(r(1, 0), r(0, 0)));
    if (cosine < 1e-6) { // only the difference of the outer two counts
        first.z() = near.z();
        const EMat3 rest = Eigen::AngleAxisd(-near.z(), EVec3::UnitZ()).toRotationMatrix() * r;
        first.x() = std::atan2(-rest(1, 2), rest(1, 1));
    }
    EVec3 second(first.x() + std::numbers::pi, std::numbers::pi - first.y(), first.z() + std::numbers::pi);
    for (Eigen::Index k = 0; k < 3; ++k) {
        first[k] = unwrapped(first[k], near[k]);
        second[k] = unwrapped(second[k], near[k]);
    }
    return (first - near).squaredNorm() <= (second - near).squaredNorm() ? first : second;
}

std::size_t slot(int index) {
    return static_cast<std::size_t>(index);
}

EVec3 triple(const BodyParameters& p, std::size_t rotation) {
    if (rotation == 0) {
        return {p.globalRot[0], p.globalRot[1], p.globalRot[2]};
    }
    const auto& at = mhr::kThree[rotation - 1];
    return {p.bodyPose[slot(at[0])], p.bodyPose[slot(at[1])], p.bodyPose[slot(at[2])]};
}

int singleSlot(std::size_t rotation) {
    return mhr::kOne[rotation - 1 - mhr::kTriples];
}

EMat3 rotationAt(const BodyParameters& p, std::size_t rotation) {
    if (rotation <= mhr::kTriples) {
        const EVec3 a = triple(p, rotation);
        return rotationOf(a.x(), a.y(), a.z());
    }
    return rotationOf(p.bodyPose[slot(singleSlot(rotation))], 0, 0);
}

void setRotation(BodyParameters& p, std::size_t rotation, const EMat3& r) {
    if (rotation <= mhr::kTriples) {
        const EVec3 a = anglesOf(r, triple(p, rotation));
        for (std::size_t k = 0; k < 3; ++k) {
            auto& angle = rotation == 0 ? p.globalRot[k] : p.bodyPose[slot(mhr::kThree[rotation - 1][k])];
            angle = static_cast<float>(a[static_cast<Eigen::Index>(k)]);
        }
        return;
    }
    auto& angle = p.bodyPose[slot(singleSlot(rotation))];
    angle = static_cast<float>(unwrapped(std::atan2(r(2, 1), r(1, 1)), static_cast<double>(angle)));
}

/// Every number that is not an angle, by threes; 108 and 6 are both divisible.
constexpr std::size_t kTriplets = (mhr::kHandValues + mhr::kShifts) / 3;

float& plainValue(BodyParameters& p, std::size_t k) {
    return k < mhr::kHandValues ? p.hand[k] : p.bodyPose[slot(mhr::kShiftSlots[k - mhr::kHandValues])];
}
Vec3 triplet(BodyParameters& p, std::size_t k) {
    return {plainValue(p, 3 * k), plainValue(p, 3 * k + 1), plainValue(p, 3 * k + 2)};
}
void setTriplet(BodyParameters& p, std::size_t k, const Vec3& v) {
    plainValue(p, 3 * k) = static_cast<float>(v.x);
    plainValue(p, 3 * k + 1) = static_cast<float>(v.y);
    plainValue(p, 3 * k + 2) = static_cast<float>(v.z);
}

void expectSizes(const BodyParameters& p) {
    BODY4D_EXPECT(p.globalRot.size() == 3 && p.bodyPose.size() == mhr::kBodyAngles &&
                  p.hand.size() == mhr::kHandValues);
}

/// Frames [begin, end) of one shot.
void smoothShot(std::span<std::optional<BodyParameters>> track, std::span<const double> weight,
                const ParameterSmoothing& smoothing, double fps) {
    const auto count = track.size();
    std::vector<double> known(count, 0);
    std::vector<std::size_t> frames;
    for (std::size_t i = 0; i < count; ++i) {
        if (track[i]) {
            expectSizes(*track[i]);
            known[i] = weight[i];
            frames.push_back(i);
        }
    }
    if (frames.size() < 3) {
        return;
    }
    std::vector<Mat3> rotations(count);
    for (std::size_t r = 0; r < kRotations; ++r) {
        const int angle = r == 0 ? -1 : r <= mhr::kTriples ? mhr::kThree[r - 1][0] : singleSlot(r);
        const double strength = angle < 0 ? smoothing.root : smoothing.body[slot(angle)];
        const auto same = [&](std::size_t i) {
            return r <= mhr::kTriples
                       ? triple(*track[i], r) == triple(*track[frames.front()], r)
                       : track[i]->bodyPose[slot(angle)] == track[frames.front()]->bodyPose[slot(angle)];
        };
        if (strength <= 0 || std::all_of(frames.begin(), frames.end(), same)) {
            continue; // what never moves, as the fingers among the body's angles, needs no smoothing
        }
        for (const auto i : frames) {
            rotations[i] = fromEigen(rotationAt(*track[i], r));
        }
        smoothRotations(rotations, known, smoothingFrames(strength, fps));
        for (const auto i : frames) {
            setRotation(*track[i], r, toEigen(rotations[i]));
        }
    }
    std::vector<Vec3> vectors(count);
    for (std::size_t k = 0; k < kTriplets; ++k) {
        const double strength = 3 * k < mhr::kHandValues
                                    ? smoothing.hands
                                    : smoothing.body[slot(mhr::kShiftSlots[3 * k - mhr::kHandValues])];
        for (const auto i : frames) {
            vectors[i] = triplet(*track[i], k);
        }
        smoothVectors(vectors, known, smoothingFrames(strength, fps));
        for (const auto i : frames) {
            setTriplet(*track[i], k, vectors[i]);
        }
    }
    for (const auto i : frames) {
        vectors[i] = track[i]->translation;
    }
    smoothVectors(vectors, known, smoothingFrames(smoothing.root, fps));
    for (const auto i : frames) {
        track[i]->translation = vectors[i];
    }
}

/// The body's rotation is about the body model's axes, of which y and z point the other way than the
/// camera's.
EMat3 inModelAxes(const Mat3& turn) {
    const EVec3 flip(1, -1, -1);
    return flip.asDiagonal() * toEigen(turn) * flip.asDiagonal();
}

EMat3 between(const EMat3& from, const EMat3& to, double share) {
    return from * expRotation(share * logRotation(EMat3(from.transpose() * to)));
}

/// Frames to the nearest one in full view, at least 1.
std::vector<double> distances(std::span<const std::uint8_t> known) {
    const auto count = known.size();
    std::vector<double> out(count, static_cast<double>(count));
    double last = static_cast<double>(count);
    for (std::size_t i = 0; i < count; ++i) {
        last = known[i] != 0 ? 0 : last + 1;
        out[i] = last;
    }
    last = static_cast<double>(count);
    for (std::size_t i = count; i-- > 0;) {
        last = known[i] != 0 ? 0 : last + 1;
        out[i] = std::min(out[i], last);
    }
    return out;
}

} // namespace

void smoothParameters(std::span<std::optional<BodyParameters>> track, std::span<const double> weight,
                      const ParameterSmoothing& smoothing, double fps, std::span<const std::size_t> shots) {
    BODY4D_EXPECT(track.size() == weight.size());
    if (!(fps > 0)) {
        return; // a single picture
    }
    std::size_t begin = 0;
    const auto until = [&](std::size_t end) {
        smoothShot(track.subspan(begin, end - begin), weight.subspan(begin, end - begin), smoothing, fps);
        begin = end;
    };
    for (const auto shot : shots) {
        if (shot > begin && shot < track.size()) {
            until(shot);
        }
    }
    until(track.size());
}

void interpolateParameters(std::span<std::optional<BodyParameters>> track, std::span<const std::uint8_t> wanted,
                           std::span<const std::size_t> shots) {
    BODY4D_EXPECT(track.size() == wanted.size());
    const auto count = track.size();
    std::size_t left = count; // no frame yet
    for (std::size_t right = 0; right < count; ++right) {
        if (std::find(shots.begin(), shots.end(), right) != shots.end()) {
            left = count;
        }
        if (!track[right]) {
            continue;
        }
        for (std::size_t i = left < count ? left + 1 : right; i < right; ++i) {
            if (wanted[i] == 0) {
                continue;
            }
            const double share = static_cast<double>(i - left) / static_cast<double>(right - left);
            BodyParameters out = *track[left], other = *track[right];
            for (std::size_t r = 0; r < kRotations; ++r) {
                setRotation(out, r, between(rotationAt(*track[left], r), rotationAt(other, r), share));
            }
            for (std::size_t k = 0; k < kTriplets; ++k) {
                setTriplet(out, k, (1 - share) * triplet(out, k) + share * triplet(other, k));
            }
            out.translation = (1 - share) * out.translation + share * other.translation;
            track[i] = std::move(out);
        }
        left = right;
    }
}

void bridgeParameters(std::span<std::optional<BodyParameters>> track, std::span<const float> hidden,
                      std::span<const std::uint8_t> wanted, std::span<const Mat3> turns, double fps) {
    const auto count = track.size();
    BODY4D_EXPECT(hidden.size() == count && wanted.size() == count &&
                  (turns.empty() || turns.size() == count) && fps > 0);
    std::vector<std::uint8_t> known(count, 0);
    const BodyParameters* example = nullptr;
    for (std::size_t i = 0; i < count; ++i) {
        known[i] = track[i] && hidden[i] <= 0 ? 1 : 0;
        example = known[i] != 0 && example == nullptr ? &*track[i] : example;
    }
    if (example == nullptr || std::all_of(hidden.begin(), hidden.end(), [](float h) { return h <= 0; })) {
        return;
    }
    const BodyParameters first = *example;
    expectSizes(first);
    const auto turnOf = [&](std::size_t i) { return turns.empty() ? Mat3() : turns[i]; };
    std::vector<BodyPose> poses(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto& p = known[i] != 0 ? *track[i] : first;
        poses[i].translation = turnOf(i) * p.translation;
        for (std::size_t r = 0; r < kRotations; ++r) {
            const EMat3 local = rotationAt(p, r);
            poses[i].rotations.push_back(fromEigen(r == 0 ? EMat3(inModelAxes(turnOf(i)) * local) : local));
        }
    }
    fillPoses(known, poses, fps);
    const auto far = distances(known);
    for (std::size_t i = 0; i < count; ++i) {
        if (known[i] != 0 || (wanted[i] == 0 && !track[i])) {
            continue;
        }
        // The nearest known frames on both sides, for what has no motion of its own.
        std::size_t left = i, right = i;
        while (left > 0 && known[left] == 0) {
            --left;
        }
        while (right + 1 < count && known[right] == 0) {
            ++right;
        }
        const bool hasLeft = known[left] != 0, hasRight = known[right] != 0;
        BodyParameters guess = *track[hasLeft ? left : right];
        if (hasLeft && hasRight) {
            const double r = static_cast<double>(i - left) / static_cast<double>(right - left);
            BodyParameters other = *track[right];
            for (std::size_t k = 0; k < kTriplets; ++k) {
                setTriplet(guess, k, (1 - r) * triplet(guess, k) + r * triplet(other, k));
            }
        }
        const EMat3 back = toEigen(turnOf(i)).transpose();
        double share = 1, depthShare = 1;
        if (track[i]) {
            const double seconds = far[i] / fps;
            const double reading =
                std::clamp((kSeenNot - static_cast<double>(hidden[i])) / (kSeenNot - kSeenWhole), 0.0, 1.0);
            const double prior = std::exp(-seconds / kPriorSeconds),
                         depthPrior = std::exp(-seconds / kDepthSeconds);
            share = prior / (prior + reading);
            depthShare = depthPrior / (depthPrior + kDepthTrust * reading);
        }
        BodyParameters out = track[i] ? *track[i] : guess;
        for (std::size_t r = 0; r < kRotations; ++r) {
            EMat3 filled = toEigen(poses[i].rotations[r]);
            if (r == 0) {
                filled = inModelAxes(fromEigen(back)) * filled;
            }
            setRotation(out, r, track[i] ? between(rotationAt(*track[i], r), filled, share) : filled);
        }
        for (std::size_t k = 0; k < kTriplets; ++k) {
            setTriplet(out, k, (1 - share) * triplet(out, k) + share * triplet(guess, k));
        }
        const EVec3 path = back * toEigen(poses[i].translation),
                    read = track[i] ? toEigen(track[i]->translation) : path;
        const EVec3 direction = ((1 - share) * read.normalized() + share * path.normalized()).normalized();
        const double depth = (1 - depthShare) * std::log(std::max(read.norm(), 1e-6)) +
                             depthShare * std::log(std::max(path.norm(), 1e-6));
        out.translation = fromEigen(EVec3(std::exp(depth) * direction));
        track[i] = std::move(out);
    }
}

} // namespace body4d
