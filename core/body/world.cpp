#include "body/world.h"

#include "base/error.h"
#include "base/order_statistics.h"
#include "body/body_keypoints.h"
#include "body/detail/contact_point.h"
#include "body/detail/rotation.h"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <optional>

namespace body4d {

namespace {

using detail::EMat3;
using detail::EVec3;
using detail::kContactSeen;
using detail::skinBelow;
using detail::toEigen;

constexpr double kFallbackHeight = 1.5;    // of the camera, where nobody is seen
constexpr double kHipHeightSigma = 0.25;   // metres, where the ground is guessed from the hips
constexpr double kUneven = 0.2;            // metres of spread from which contacts do not lie on one plane
constexpr double kSurelyUneven = 1.5;      // ... where that is so many times more than distances are uncertain
constexpr double kCellMetres = 0.5;        // contacts closer than this share their error
constexpr double kSamplesPerCell = 2;
constexpr double kTrunkSamples = 4;       // independent opinions that one person's trunk is worth
constexpr double kLeanLimit = 2;          // standard deviations from which a leaning trunk counts less
constexpr double kKnownSizeSigma = 0.002; // relative; not 0, so that it stays an unknown like the others
constexpr double kFootSigma = 0.03;        // metres: how well a foot's lowest point is known across the line of sight

/// One person in one frame, in the axes of the shot's first camera.
struct Sample {
    std::size_t track = 0;
    std::array<EVec3, kBodyKeypointCount> points;
    std::array<float, kBodyKeypointCount> seen{};
    EVec3 trunk = EVec3::Zero(); // from hips to shoulders, unit
    EVec3 hips = EVec3::Zero();
    double trunkContactSeen = 0, legLength = 0;
};

/// The lowest point of a body against some vertical.
struct Contact {
    EVec3 point;         // of the keypoint
    double pad = 0;
    std::size_t track = 0;
    double weight = 0;
};

/// Unknowns of a shot: the vertical and the camera's height, and how much larger each person is than assumed.
struct Ground {
    EVec3 up = EVec3(0, -1, 0);
    double height = kFallbackHeight; // up . X = -height on the ground
    std::vector<double> logScale;
};

struct Evidence {
    std::vector<Sample> samples;
    std::vector<EMat3> views; // camera orientations of the shot, thinned out
    double viewWeight = 1;    // how many independent ways of holding the camera they stand for
};

struct Solution {
    Ground ground;
    Eigen::MatrixXd covariance; // of (two tilts, height, log scales)
    double cost = std::numeric_limits<double>::max();
    double residual = 0;        // robust spread of contacts, metres
    double disagreement = 1;
    int contacts = 0, upright = 0;
};

/// Two directions across `up`.
Eigen::Matrix<double, 3, 2> tangents(const EVec3& up) {
    Eigen::Matrix<double, 3, 2> t;
    t.col(0) = up.cross(EVec3(0, 0, 1)).normalized();
    t.col(1) = up.cross(t.col(0)).normalized();
    return t;
}

/// Logarithm of a person's size relative to the assumed one.
struct SizePrior {
    double mean = 0, sigma = 1;
};

class ShotSolver {
public:
    /// @param sizes what is known of how much larger each person is than assumed
    ShotSolver(const Evidence& evidence, std::span<const SizePrior> sizes, const WorldOptions& options)
        : evidence_(evidence), sizes_(sizes), trackCount_(sizes.size()), options_(options) {}

    Solution solve() const {
        Solution best;
        for (const double pitch : {0.0, -0.3, 0.3, 0.6}) {
            Ground start;
            start.up = EVec3(0, -std::cos(pitch), -std::sin(pitch));
            for (const SizePrior& size : sizes_) {
                start.logScale.push_back(size.mean);
            }
            start.height = guessedHeight(start.up);
            Solution s = descend(start);
            if (s.cost < best.cost) {
                best = std::move(s);
            }
        }
        return best;
    }

private:
    /// Ground below the lowest contacts, or below standing legs where no feet are seen.
    double guessedHeight(const EVec3& up) const {
        std::vector<double> depth;
        for (const Contact& c : contacts(up)) {
            depth.push_back(-up.dot(c.point) + c.pad);
        }
        if (depth.size() < 3) {
            return hipHeight(up).value_or(kFallbackHeight);
        }
        return upperMedian(depth);
    }

    std::optional<double> hipHeight(const EVec3& up) const {
        std::vector<double> depth;
        for (const Sample& s : evidence_.samples) {
            if (s.trunkContactSeen > kContactSeen) {
                depth.push_back(-up.dot(s.hips) + s.legLength);
            }
        }
        if (depth.empty()) {
            return std::nullopt;
        }
        return upperMedian(depth);
    }

    /// Whatever of a body is lowest touches the ground, if it is seen; samples that stand at one place share a weight.
    std::vector<Contact> contacts(const EVec3& up) const {
        std::vector<Contact> out;
        for (const Sample& s : evidence_.samples) {
            std::size_t lowest = 0;
            double low = std::numeric_limits<double>::max();
            for (std::size_t k = 0; k < s.points.size(); ++k) {
                const double height = up.dot(s.points[k]) - skinBelow(k);
                if (height < low) {
                    low = height;
                    lowest = k;
                }
            }
            if (s.seen[lowest] >= kContactSeen) {
                out.push_back({s.points[lowest], skinBelow(lowest), s.track, s.seen[lowest]});
            }
        }
        std::map<std::array<long, 4>, double> cells;
        const auto cellOf = [](const Contact& c) {
            return std::array<long, 4>{static_cast<long>(c.track), std::lround(c.point.x() / kCellMetres),
                                       std::lround(c.point.y() / kCellMetres), std::lround(c.point.z() / kCellMetres)};
        };
        for (const Contact& c : out) {
            cells[cellOf(c)] += c.weight;
        }
        for (Contact& c : out) {
            const double total = cells[cellOf(c)];
            c.weight *= std::min(1.0, kSamplesPerCell / total);
        }
        return out;
    }

    double contactSigma(const Contact& c, const EVec3& up, double kernel) const {
        const EVec3 ray = c.point / std::max(c.point.norm(), 1e-6);
        const double alongRay = options_.depthSigma * c.point.norm() * up.dot(ray);
        return kernel * std::sqrt(kFootSigma * kFootSigma + alongRay * alongRay);
    }

    /// How much worse the contacts agree on a plane than their errors explain, at least 1: steps, ramps, a camera that
    /// walks along. The other evidence then decides.
    double disagreement(const Ground& g) const {
        std::vector<double> ratio;
        for (const Contact& c : contacts(g.up)) {
            ratio.push_back(std::abs(std::exp(g.logScale[c.track]) * (g.up.dot(c.point) - c.pad) + g.height) / contactSigma(c, g.up, 1));
        }
        if (ratio.empty()) {
            return 1;
        }
        return std::clamp(1.4826 * upperMedian(ratio), 1.0, 20.0);
    }

    /// Adds a residual r with gradient g over the unknowns, cut off softly beyond `limit`.
    struct Normal {
        Eigen::MatrixXd a;
        Eigen::VectorXd b;
        double cost = 0;
        void add(double r, const Eigen::VectorXd& g, double weight, double limit) {
            const double s = r * r / (limit * limit);
            const double w = weight / ((1 + s) * (1 + s)); // Geman-McClure
            a += w * g * g.transpose();
            b -= w * r * g;
            cost += weight * r * r / (1 + s);
        }
    };

    Normal linearize(const Ground& g, const std::vector<Contact>& touching, double kernel) const {
        const auto n = static_cast<Eigen::Index>(3 + trackCount_);
        Normal out{Eigen::MatrixXd::Zero(n, n), Eigen::VectorXd::Zero(n), 0};
        const auto t = tangents(g.up);
        Eigen::VectorXd j = Eigen::VectorXd::Zero(n);
        constexpr double kNoLimit = 1e6;

        for (const Contact& c : touching) {
            const double scale = std::exp(g.logScale[c.track]), sigma = contactSigma(c, g.up, kernel);
            j.setZero();
            j.head<2>() = scale / sigma * (t.transpose() * c.point);
            j(2) = 1 / sigma;
            j(static_cast<Eigen::Index>(3 + c.track)) = scale * g.up.dot(c.point) / sigma;
            const double r = (scale * (g.up.dot(c.point) - c.pad) + g.height) / sigma;
            // A body may be in the air but not in the ground.
            out.add(r, j, c.weight, r > 0 ? 2.5 : 6);
        }
        if (touching.size() < 3) {
            if (const auto guess = hipHeight(g.up)) {
                j.setZero();
                j(2) = 1 / kHipHeightSigma;
                out.add((g.height - *guess) / kHipHeightSigma, j, 1, kNoLimit);
            }
        }
        // Trunks: well seen across the line of sight, badly along it. A person's habits do not average out.
        std::vector<double> perTrack(trackCount_, 0.0);
        for (const Sample& s : evidence_.samples) {
            perTrack[s.track] += s.trunkContactSeen;
        }
        for (const Sample& s : evidence_.samples) {
            if (s.trunkContactSeen <= 0) {
                continue;
            }
            const double weight = s.trunkContactSeen * std::min(1.0, kTrunkSamples / perTrack[s.track]);
            const double upright = s.trunk.dot(g.up);
            if (upright < 0.3) { // lying, bent down or on the head: no opinion, at the price of the worst one
                out.cost += 2 * weight * kLeanLimit * kLeanLimit;
                continue;
            }
            const EVec3 sight = s.hips.normalized();
            const EVec3 across = sight.cross(g.up).normalized(), along = g.up.cross(across);
            for (const auto& [axis, sigma] : {std::pair{across, 0.5 * options_.leanSigmaRadians},
                                              std::pair{along, 1.5 * options_.leanSigmaRadians}}) {
                // d(axis . trunk) when up tips: the trunk's deviation shrinks by the tip along the axis.
                j.setZero();
                j.head<2>() = -upright / sigma * (t.transpose() * axis);
                out.add(s.trunk.dot(axis) / sigma, j, weight, kLeanLimit);
            }
        }
        const double perView = 1.0 / static_cast<double>(evidence_.views.size());
        for (const EMat3& view : evidence_.views) {
            const EVec3 right = view.col(0), ahead = view.col(2);
            j.setZero();
            j.head<2>() = t.transpose() * right / options_.rollSigmaRadians;
            out.add(g.up.dot(right) / options_.rollSigmaRadians, j, perView * evidence_.viewWeight, kNoLimit);
            j.setZero();
            j.head<2>() = t.transpose() * ahead / options_.pitchSigmaRadians;
            out.add(g.up.dot(ahead) / options_.pitchSigmaRadians, j, perView, kNoLimit);
        }
        for (std::size_t i = 0; i < trackCount_; ++i) {
            j.setZero();
            j(static_cast<Eigen::Index>(3 + i)) = 1 / sizes_[i].sigma;
            out.add((g.logScale[i] - sizes_[i].mean) / sizes_[i].sigma, j, 1, kNoLimit);
        }
        j.setZero();
        j(2) = 1 / 20.0; // keeps the height defined where nobody is seen
        out.add((g.height - kFallbackHeight) / 20.0, j, 1, kNoLimit);
        return out;
    }

    static Ground stepped(const Ground& g, const Eigen::VectorXd& step) {
        Ground out = g;
        out.up = (g.up + tangents(g.up) * step.head<2>()).normalized();
        out.height += step(2);
        for (std::size_t i = 0; i < g.logScale.size(); ++i) {
            out.logScale[i] += step(static_cast<Eigen::Index>(3 + i));
        }
        return out;
    }

    Solution descend(Ground g) const {
        Solution out;
        double damping = 1e-3;
        double kernel = 6;
        for (const double narrowed : {6.0, 3.0, 1.5, 1.0, 1.0}) { // wide first, so that a far start still sees the ground
            kernel = std::max(narrowed, narrowed < 3 ? disagreement(g) : 1.0);
            for (int iteration = 0; iteration < 12; ++iteration) {
                const std::vector<Contact> touching = contacts(g.up);
                Normal n = linearize(g, touching, kernel);
                Eigen::MatrixXd damped = n.a;
                damped.diagonal() *= 1 + damping;
                const Eigen::VectorXd step = damped.ldlt().solve(n.b);
                const double length = step.head<2>().norm();
                const Ground next = stepped(g, length > 0.2 ? Eigen::VectorXd(0.2 / length * step) : step);
                if (linearize(next, touching, kernel).cost < n.cost) {
                    g = next;
                    damping = std::max(1e-6, damping / 5);
                } else {
                    damping *= 10;
                }
                if (length < 1e-5 || damping > 1e4) {
                    break;
                }
            }
            damping = 1e-3;
        }
        const std::vector<Contact> touching = contacts(g.up);
        Normal last = linearize(g, touching, kernel);
        out.cost = last.cost;
        out.covariance = last.a.inverse();
        std::vector<double> off;
        for (const Contact& c : touching) {
            off.push_back(std::abs(std::exp(g.logScale[c.track]) * (g.up.dot(c.point) - c.pad) + g.height));
        }
        if (!off.empty()) {
            out.residual = 1.4826 * upperMedian(off);
            for (const Contact& c : touching) {
                const double r = std::exp(g.logScale[c.track]) * (g.up.dot(c.point) - c.pad) + g.height;
                out.contacts += std::abs(r) < 2.5 * contactSigma(c, g.up, kernel) ? 1 : 0;
            }
        }
        out.disagreement = disagreement(g);
        if (out.residual > kUneven && out.disagreement > kSurelyUneven) { // no plane: below (nearly) everybody instead of amid them
            std::vector<double> depth;
            for (const Contact& c : touching) {
                depth.push_back(-std::exp(g.logScale[c.track]) * (g.up.dot(c.point) - c.pad));
            }
            g.height = valueAtRank(depth, depth.size() * 9 / 10);
        }
        for (const Sample& s : evidence_.samples) {
            out.upright += s.trunkContactSeen > kContactSeen && s.trunk.dot(g.up) > std::cos(0.5) ? 1 : 0;
        }
        out.ground = std::move(g);
        return out;
    }

    const Evidence& evidence_;
    std::span<const SizePrior> sizes_;
    std::size_t trackCount_;
    const WorldOptions& options_;
};

bool usable(const BodyFrame& frame) {
    return frame.state == FrameState::Visible && !frame.pose.rotations.empty();
}

EMat3 turnAt(const CameraPath& path, std::int64_t frame) {
    if (path.shotFromCam.empty()) {
        return EMat3::Identity();
    }
    const auto i = std::clamp<std::int64_t>(frame - path.firstFrame, 0, static_cast<std::int64_t>(path.shotFromCam.size()) - 1);
    return toEigen(path.shotFromCam[static_cast<std::size_t>(i)]);
}

Sample makeSample(const BodyFrame& frame, std::size_t track, const EMat3& shotFromCam) {
    using namespace keypoint;
    Sample s;
    s.track = track;
    s.seen = frame.confidence;
    for (std::size_t k = 0; k < s.points.size(); ++k) {
        s.points[k] = shotFromCam * toEigen(frame.keypoints[k]);
    }
    const auto& p = s.points;
    s.hips = 0.5 * (p[kLeftHip] + p[kRightHip]);
    const EVec3 line = 0.5 * (p[kLeftShoulder] + p[kRightShoulder]) - s.hips;
    s.trunk = line / std::max(line.norm(), 1e-6);
    s.trunkContactSeen = std::min({s.seen[kLeftShoulder], s.seen[kRightShoulder], s.seen[kLeftHip], s.seen[kRightHip]});
    // Half-body shots show hips at the edge of the picture at best: shoulders and head carry a weaker opinion.
    s.trunkContactSeen = std::max(s.trunkContactSeen, 0.3 * std::min(s.seen[kLeftShoulder], s.seen[kRightShoulder]));
    s.legLength = 0.5 * ((p[kLeftHip] - p[kLeftKnee]).norm() + (p[kLeftKnee] - p[kLeftAnkle]).norm() +
                         (p[kRightHip] - p[kRightKnee]).norm() + (p[kRightKnee] - p[kRightAnkle]).norm()) + 0.08;
    return s;
}

Evidence gather(std::span<const BodyTrack* const> tracks, const CameraPath& path, std::int64_t begin, std::int64_t end) {
    constexpr std::size_t kSamplesPerTrack = 90;
    Evidence out;
    for (std::size_t t = 0; t < tracks.size(); ++t) {
        std::vector<const BodyFrame*> frames;
        for (const BodyFrame& f : tracks[t]->frames) {
            if (f.frame >= begin && f.frame < end && usable(f)) {
                frames.push_back(&f);
            }
        }
        const std::size_t count = std::min(frames.size(), kSamplesPerTrack);
        for (std::size_t i = 0; i < count; ++i) {
            const BodyFrame& f = *frames[i * frames.size() / count];
            out.samples.push_back(makeSample(f, t, turnAt(path, f.frame)));
        }
    }
    const std::int64_t count = std::clamp<std::int64_t>(end - begin, 1, 40);
    double widest = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        out.views.push_back(turnAt(path, begin + i * std::max<std::int64_t>(end - begin, 1) / count));
        widest = std::max(widest, detail::logRotation(EMat3(out.views.front().transpose() * out.views.back())).norm());
    }
    out.viewWeight = 1 + widest / 0.35; // hands level the camera anew about every 20 degrees
    return out;
}

} // namespace

namespace {

std::vector<Solution> solveShots(std::span<const Evidence> evidence, std::span<const SizePrior> sizes, const WorldOptions& options) {
    std::vector<Solution> out;
    for (const Evidence& shot : evidence) {
        out.push_back(ShotSolver(shot, sizes, options).solve());
    }
    return out;
}

/// What all shots together say of a person's size; each shot has counted the prior once.
SizePrior jointSize(std::span<const Solution> solutions, std::size_t track, const SizePrior& prior) {
    const double priorInformation = 1 / (prior.sigma * prior.sigma);
    double information = priorInformation, sum = priorInformation * prior.mean;
    for (const Solution& s : solutions) {
        const auto at = static_cast<Eigen::Index>(3 + track);
        const double own = std::max(0.0, 1 / s.covariance(at, at) - priorInformation);
        // The shot's estimate holds a share of the prior; what remains is its own opinion.
        const double opinion = s.ground.logScale[track] * (own + priorInformation) - priorInformation * prior.mean;
        information += own;
        sum += opinion;
    }
    return {sum / information, kKnownSizeSigma};
}

} // namespace

WorldFrame solveWorld(std::span<const BodyTrack* const> tracks, const CameraPath& path, const WorldOptions& options,
                      WorldReport* report) {
    WorldFrame world;
    std::int64_t begin = std::numeric_limits<std::int64_t>::max(), end = std::numeric_limits<std::int64_t>::min();
    for (const BodyTrack* track : tracks) {
        BODY4D_EXPECT(track != nullptr);
        begin = std::min(begin, track->firstFrame);
        end = std::max(end, track->firstFrame + static_cast<std::int64_t>(track->frames.size()));
        world.focalPx = track->camera.focalPx;
    }
    if (!path.shotFromCam.empty()) {
        begin = std::min(begin, path.firstFrame);
        end = std::max(end, path.firstFrame + static_cast<std::int64_t>(path.shotFromCam.size()));
    }
    world.cameraMoves = path.moves;
    world.firstFrame = begin > end ? 0 : begin;
    if (begin >= end) {
        return world;
    }
    std::vector<std::int64_t> shots{begin};
    for (const std::int64_t s : path.shotStarts) {
        if (s > begin && s < end) {
            shots.push_back(s);
        }
    }
    shots.push_back(end);
    std::vector<Evidence> evidenceOf;
    for (std::size_t shot = 0; shot + 1 < shots.size(); ++shot) {
        evidenceOf.push_back(gather(tracks, path, shots[shot], shots[shot + 1]));
    }
    std::vector<SizePrior> sizes(tracks.size(), {0, options.sizeSigma});
    for (std::size_t i = 0; i < std::min(sizes.size(), options.sizeKnown.size()); ++i) {
        sizes[i].sigma = options.sizeKnown[i] ? kKnownSizeSigma : options.sizeSigma;
    }
    std::vector<Solution> solutions = solveShots(evidenceOf, sizes, options);
    if (solutions.size() > 1 && tracks.size() > 1) {
        // A person has one size in all shots: what each shot says of it, weighted, then all shots once more with that.
        for (std::size_t i = 0; i < sizes.size(); ++i) {
            sizes[i] = jointSize(solutions, i, sizes[i]);
        }
        solutions = solveShots(evidenceOf, sizes, options);
    }
    WorldReport summary;
    summary.targetScale.assign(tracks.size(), 1.0);
    for (std::size_t shot = 0; shot + 1 < shots.size(); ++shot) {
        const Evidence& evidence = evidenceOf[shot];
        const Solution& solution = solutions[shot];
        const Ground& ground = solution.ground;
        const EMat3 first = turnAt(path, shots[shot]);
        const EVec3 up = ground.up;
        // x: the first camera's right, made level.
        EVec3 right = first.col(0) - up.dot(first.col(0)) * up;
        right = right.norm() > 1e-6 ? EVec3(right.normalized()) : EVec3(tangents(up).col(0));
        EMat3 worldFromShot;
        worldFromShot.row(0) = right.transpose();
        worldFromShot.row(1) = up.transpose();
        worldFromShot.row(2) = right.cross(up).transpose();
        for (std::int64_t f = shots[shot]; f < shots[shot + 1]; ++f) {
            world.worldFromCam.push_back({detail::fromEigen(EMat3(worldFromShot * turnAt(path, f))), {0, ground.height, 0}});
        }
        // How far the ground under the people may be off: the plane's own error there, and how well the contacts agree.
        EVec3 middle = EVec3::Zero();
        for (const Sample& s : evidence.samples) {
            middle += s.hips / static_cast<double>(evidence.samples.size());
        }
        Eigen::Vector3d lever;
        lever << tangents(up).transpose() * middle, 1;
        const Eigen::Matrix3d covariance = solution.covariance.topLeftCorner<3, 3>();
        const double planeSigma = std::sqrt(std::max(0.0, lever.dot(covariance * lever)));
        world.groundUncertaintyMetres = std::max(world.groundUncertaintyMetres, std::hypot(planeSigma, solution.residual));
        summary.planeSigmaMetres = std::max(summary.planeSigmaMetres, planeSigma);
        summary.disagreement = std::max(summary.disagreement, solution.disagreement);
        summary.contactSamples += solution.contacts;
        summary.uprightSamples += solution.upright;
        if (shot == 0) {
            summary.pitchRadians = std::asin(std::clamp(-up.dot(first.col(2)), -1.0, 1.0));
            summary.rollRadians = std::asin(std::clamp(-up.dot(first.col(0)), -1.0, 1.0));
            summary.cameraHeightMetres = ground.height;
            summary.tiltSigmaRadians = std::sqrt(std::max(0.0, solution.covariance.topLeftCorner<2, 2>().trace() / 2));
            summary.contactResidualMetres = solution.residual;
            for (std::size_t i = 0; i < tracks.size(); ++i) {
                summary.targetScale[i] = std::exp(ground.logScale[i]);
            }
        }
    }
    if (report != nullptr) {
        *report = summary;
    }
    return world;
}

const RigidTransform& worldFromCamAt(const WorldFrame& world, std::int64_t frame) {
    static const RigidTransform kNothing;
    if (world.worldFromCam.empty()) {
        return kNothing;
    }
    const auto i = std::clamp<std::int64_t>(frame - world.firstFrame, 0, static_cast<std::int64_t>(world.worldFromCam.size()) - 1);
    return world.worldFromCam[static_cast<std::size_t>(i)];
}

namespace {

std::shared_ptr<const MeasuredSurface> scaled(const std::shared_ptr<const MeasuredSurface>& surface, double factor) {
    if (!surface) {
        return {};
    }
    auto out = std::make_shared<MeasuredSurface>(*surface);
    const auto f = static_cast<float>(factor);
    for (auto& v : out->vertices) {
        v = {f * v.x, f * v.y, f * v.z};
    }
    for (auto& j : out->joints) {
        j = factor * j;
    }
    return out;
}

} // namespace

void scaleTrack(BodyTrack& track, double factor) {
    BODY4D_EXPECT(factor > 0);
    track.shape.scale *= factor;
    for (BodyFrame& f : track.frames) {
        f.pose.translation = factor * f.pose.translation;
        f.rawPose.translation = factor * f.rawPose.translation;
        const bool shared = f.pose.surface == f.rawPose.surface;
        f.pose.surface = scaled(f.pose.surface, factor);
        f.rawPose.surface = shared ? f.pose.surface : scaled(f.rawPose.surface, factor);
        for (Vec3& k : f.keypoints) {
            k = factor * k;
        }
    }
}

} // namespace body4d
