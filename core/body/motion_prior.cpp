#include "body/detail/motion_prior.h"

#include "base/error.h"
#include "body/detail/gap_predictors.h"

#include <Eigen/Dense>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <optional>

namespace body4d::detail {

namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr std::size_t kContext = 14;       // known frames used on each side of a gap
constexpr std::size_t kContextReach = 22;  // how far away they may lie
constexpr std::size_t kTrials = 28;        // places where the predictors are tried out
constexpr std::size_t kFewestTrials = 4;
constexpr std::size_t kExemplars = 3;      // similar stretches that are averaged
constexpr std::size_t kDeviations = 6;     // of the trials whose errors are handed on
constexpr double kUntriedPath = 0.05, kUntriedTurn = 0.3; // spread where a clip is too short to try anything out

/// A place as azimuth, elevation and log distance: what the picture tells well and what it tells badly stay apart.
EVec3 spherical(const EVec3& p) {
    const double level = std::hypot(p.x(), p.z());
    return {std::atan2(p.x(), p.z()), std::atan2(p.y(), level), std::log(std::max(p.norm(), 1e-6))};
}
EVec3 cartesian(const EVec3& s) {
    return std::exp(s.z()) * EVec3(std::sin(s.x()) * std::cos(s.y()), std::sin(s.y()), std::cos(s.x()) * std::cos(s.y()));
}
/// The same angle, less than half a turn from `near`.
double unwrapped(double angle, double near) {
    return angle + 2 * std::numbers::pi * std::round((near - angle) / (2 * std::numbers::pi));
}

EMat3 halfway(const EMat3& a, const EMat3& b) { return a * expRotation(0.5 * logRotation(EMat3(a.transpose() * b))); }

/// Fills the gaps of joints that are known in the same frames.
class GroupFiller {
public:
    GroupFiller(MotionSequence& motion, std::vector<std::size_t> joints)
        : motion_(motion), joints_(std::move(joints)), known_(motion.known[joints_.front()]) {
        for (const std::size_t j : joints_) {
            isPath_.push_back(j == motion.jointCount);
            habits_.push_back(isPath_.back() ? EMat3::Identity() : meanRotation(j));
            if (isPath_.back()) {
                preparePath();
            }
        }
        period_ = findPeriod();
    }

    void fill() {
        const std::size_t frames = motion_.frameCount();
        std::vector<Gap> gaps;
        for (std::size_t f = 0; f < frames; ++f) {
            if (known_[f] != 0) {
                continue;
            }
            Gap gap;
            gap.begin = f;
            while (f < frames && known_[f] == 0) {
                ++f;
            }
            gap.end = f;
            for (std::size_t k = gap.begin; k-- > 0 && gap.left.size() < kContext && gap.begin - k <= kContextReach;) {
                if (known_[k] != 0) {
                    gap.left.push_back(k);
                }
            }
            for (std::size_t k = gap.end; k < frames && gap.right.size() < kContext && k - gap.end < kContextReach; ++k) {
                if (known_[k] != 0) {
                    gap.right.push_back(k);
                }
            }
            if (!gap.left.empty() || !gap.right.empty()) {
                gaps.push_back(std::move(gap));
            }
        }
        // All predictions come from measured values alone: gaps must not learn from each other.
        std::vector<std::vector<MatrixXd>> results;
        for (const Gap& gap : gaps) {
            results.push_back(bridge(gap));
        }
        for (std::size_t g = 0; g < gaps.size(); ++g) {
            for (std::size_t i = 0; i < joints_.size(); ++i) {
                const EMat3 centre = isPath_[i] ? EMat3::Identity() : reference(gaps[g], joints_[i]);
                for (std::size_t f = 0; f < gaps[g].length(); ++f) {
                    const EVec3 v = results[g][i].row(static_cast<Eigen::Index>(f)).transpose();
                    if (isPath_[i]) {
                        motion_.path[gaps[g].begin + f] = cartesian(v);
                    } else {
                        motion_.rotations[gaps[g].begin + f][joints_[i]] = centre * expRotation(v);
                    }
                }
            }
        }
    }

private:
    EMat3 meanRotation(std::size_t joint) const {
        EMat3 sum = EMat3::Zero();
        for (std::size_t f = 0; f < motion_.frameCount(); ++f) {
            if (known_[f] != 0) {
                sum += motion_.rotations[f][joint];
            }
        }
        const Eigen::JacobiSVD<EMat3> svd(sum, Eigen::ComputeFullU | Eigen::ComputeFullV);
        EMat3 u = svd.matrixU();
        if ((u * svd.matrixV().transpose()).determinant() < 0) {
            u.col(2) = -u.col(2);
        }
        return u * svd.matrixV().transpose();
    }

    void preparePath() {
        const auto convert = [&](bool inCamera) {
            std::vector<EVec3> out(motion_.frameCount(), EVec3::Zero());
            std::optional<double> before;
            for (std::size_t f = 0; f < out.size(); ++f) {
                if (known_[f] == 0) {
                    continue;
                }
                out[f] = spherical(inCamera ? EVec3(motion_.turns[f].transpose() * motion_.path[f]) : motion_.path[f]);
                out[f].x() = unwrapped(out[f].x(), before.value_or(out[f].x()));
                before = out[f].x();
            }
            return out;
        };
        path_ = convert(false);
        if (!motion_.turns.empty()) {
            cameraPath_ = convert(true);
        }
    }

    /// Rotation about which a window's rotations are written as vectors.
    EMat3 reference(const Gap& gap, std::size_t joint) const {
        if (gap.left.empty() || gap.right.empty()) {
            return motion_.rotations[gap.left.empty() ? gap.right.front() : gap.left.front()][joint];
        }
        return halfway(motion_.rotations[gap.left.front()][joint], motion_.rotations[gap.right.front()][joint]);
    }

    EVec3 value(std::size_t i, std::size_t frame, const EMat3& centre) const {
        return isPath_[i] ? path_[frame] : logRotation(EMat3(centre.transpose() * motion_.rotations[frame][joints_[i]]));
    }

    MatrixXd observed(std::size_t i, const Gap& gap, const EMat3& centre) const {
        MatrixXd out(static_cast<Eigen::Index>(gap.left.size() + gap.right.size()), 3);
        Eigen::Index row = 0;
        for (const auto* side : {&gap.left, &gap.right}) {
            for (const std::size_t f : *side) {
                out.row(row++) = value(i, f, centre).transpose();
            }
        }
        return out;
    }

    /// The same gap elsewhere in the clip; nothing where frames that it needs are not known there.
    std::optional<Gap> moved(const Gap& gap, std::ptrdiff_t by) const {
        const auto frames = static_cast<std::ptrdiff_t>(motion_.frameCount());
        const auto shifted = [&](std::size_t f) { return static_cast<std::ptrdiff_t>(f) + by; };
        const std::ptrdiff_t first = shifted(gap.left.empty() ? gap.begin : gap.left.back());
        const std::ptrdiff_t last = shifted(gap.right.empty() ? gap.end - 1 : gap.right.back());
        if (first < 0 || last >= frames) {
            return std::nullopt;
        }
        Gap out;
        out.begin = static_cast<std::size_t>(shifted(gap.begin));
        out.end = static_cast<std::size_t>(shifted(gap.end));
        for (std::size_t f = out.begin; f < out.end; ++f) {
            if (known_[f] == 0) {
                return std::nullopt;
            }
        }
        for (const std::size_t f : gap.left) {
            out.left.push_back(static_cast<std::size_t>(shifted(f)));
        }
        for (const std::size_t f : gap.right) {
            out.right.push_back(static_cast<std::size_t>(shifted(f)));
        }
        for (const auto* side : {&out.left, &out.right}) {
            for (const std::size_t f : *side) {
                if (known_[f] == 0) {
                    return std::nullopt;
                }
            }
        }
        return out;
    }

    /// Two thirds of a gap with fewer frames around it; its known frames are only offsets to be moved elsewhere.
    static Gap shortened(const Gap& gap) {
        Gap out = gap;
        const std::size_t by = gap.length() - gap.length() * 2 / 3;
        out.end -= by;
        for (std::size_t& f : out.right) {
            f -= by;
        }
        const auto keep = [](std::vector<std::size_t>& side) { side.resize(std::min<std::size_t>(side.size(), 6)); };
        keep(out.left);
        keep(out.right);
        return out;
    }

    /// A stretch [begin, end) whose surroundings look like a gap's, possibly faster or slower.
    struct Exemplar {
        std::size_t begin = 0, end = 0;
        double distance = 0;
    };

    /// Squared chordal distance of poses, the root left out.
    double poseDistance(std::size_t a, std::size_t b) const {
        double sum = 0;
        for (std::size_t i = 0; i < joints_.size(); ++i) {
            if (!isPath_[i] && joints_[i] != 0) {
                sum += (motion_.rotations[a][joints_[i]] - motion_.rotations[b][joints_[i]]).squaredNorm();
            }
        }
        return sum;
    }

    /// Frames after which the pose comes back, 0 where the motion has no rhythm.
    double findPeriod() const {
        const std::size_t frames = motion_.frameCount();
        const auto shortest = static_cast<std::size_t>(std::max(4.0, 0.3 * motion_.fps));
        const std::size_t longest = std::min(frames / 2, static_cast<std::size_t>(2.5 * motion_.fps));
        std::vector<double> change;
        for (std::size_t d = 1; d <= longest; ++d) {
            double sum = 0;
            std::size_t count = 0;
            const std::size_t stride = std::max<std::size_t>(1, frames / 300);
            for (std::size_t f = d; f < frames; f += stride) {
                if (known_[f] != 0 && known_[f - d] != 0) {
                    sum += poseDistance(f, f - d);
                    ++count;
                }
            }
            change.push_back(count < 12 ? -1 : sum / static_cast<double>(count));
        }
        double usual = 0;
        std::size_t counted = 0;
        for (const double c : change) {
            usual += c >= 0 ? c : 0;
            counted += c >= 0 ? 1 : 0;
        }
        usual /= static_cast<double>(std::max<std::size_t>(1, counted));
        for (std::size_t d = shortest; d + 1 <= longest; ++d) { // the first clear return, not a multiple of it
            const double before = change[d - 2], at = change[d - 1], after = change[d];
            if (before >= 0 && at >= 0 && after >= 0 && at < before && at <= after && at < 0.45 * usual) {
                const double curve = before - 2 * at + after;
                return static_cast<double>(d) + (curve > 0 ? std::clamp(0.5 * (before - after) / curve, -0.5, 0.5) : 0);
            }
        }
        return 0;
    }

    /// The pose one or more periods before and after, bent so that it meets the rims. @returns empty without a rhythm
    MatrixXd swing(std::size_t i, const Gap& gap, const EMat3& centre) const {
        if (period_ <= 0 || isPath_[i] || joints_[i] == 0 || gap.left.empty() || gap.right.empty()) {
            return {};
        }
        const auto usable = [&](std::size_t f) { return f < motion_.frameCount() && known_[f] != 0 && (f < gap.begin || f >= gap.end); };
        /// Value whole periods away on one side; nothing where the clip ends before.
        const auto away = [&](double frame, double step) -> std::optional<EVec3> {
            for (double f = frame + step; f >= 0 && f + 1 < static_cast<double>(motion_.frameCount()); f += step) {
                const auto whole = static_cast<std::size_t>(f);
                if (usable(whole) && usable(whole + 1)) {
                    const double part = f - static_cast<double>(whole);
                    return EVec3((1 - part) * value(i, whole, centre) + part * value(i, whole + 1, centre));
                }
            }
            return std::nullopt;
        };
        const auto length = static_cast<Eigen::Index>(gap.length());
        MatrixXd out(length + 2, 3);
        for (Eigen::Index r = 0; r < length + 2; ++r) {
            const double frame = static_cast<double>(gap.begin) - 1 + static_cast<double>(r);
            const double share = static_cast<double>(r) / static_cast<double>(length + 1);
            const auto before = away(frame, -period_), after = away(frame, period_);
            if (!before && !after) {
                return {};
            }
            const EVec3 v = !before ? *after : !after ? *before : EVec3((1 - share) * *before + share * *after);
            out.row(r) = v.transpose();
        }
        const Eigen::RowVector3d offLeft = value(i, gap.begin - 1, centre).transpose() - out.row(0);
        const Eigen::RowVector3d offRight = value(i, gap.end, centre).transpose() - out.row(length + 1);
        for (Eigen::Index r = 0; r < length + 2; ++r) {
            const double share = static_cast<double>(r) / static_cast<double>(length + 1);
            out.row(r) += (1 - share) * offLeft + share * offRight;
        }
        return out.middleRows(1, length);
    }

    std::vector<Exemplar> exemplars(const Gap& gap) const {
        std::vector<Exemplar> found;
        const std::size_t frames = motion_.frameCount(), length = gap.length();
        if (length < 3 || gap.left.empty() || gap.right.empty()) {
            return found;
        }
        const std::size_t stride = std::max<std::size_t>(1, frames / 1500);
        constexpr std::size_t kOffsets[] = {0, 3, 6, 9};
        for (const double tempo : {0.85, 1.0, 1.18}) {
            const auto span = static_cast<std::size_t>(std::lround(tempo * static_cast<double>(length)));
            for (std::size_t s = 10; s + span + 10 < frames; s += stride) {
                const bool overlaps = s < gap.end && gap.begin < s + span;
                if (overlaps) {
                    continue;
                }
                double distance = 0;
                bool usable = true;
                for (const std::size_t o : kOffsets) {
                    const auto scaled = static_cast<std::size_t>(std::lround(tempo * static_cast<double>(o)));
                    if (gap.begin < o + 1 || gap.end + o >= frames || known_[gap.begin - 1 - o] == 0 || known_[gap.end + o] == 0) {
                        continue; // the gap itself lacks this context: nothing to compare there
                    }
                    if (s < scaled + 1 || s + span + scaled >= frames || known_[s - 1 - scaled] == 0 || known_[s + span + scaled] == 0) {
                        usable = false;
                        break;
                    }
                    distance += poseDistance(gap.begin - 1 - o, s - 1 - scaled) + poseDistance(gap.end + o, s + span + scaled);
                }
                for (std::size_t f = s; usable && f < s + span; ++f) {
                    usable = known_[f] != 0;
                }
                if (usable) {
                    found.push_back({s, s + span, distance});
                }
            }
        }
        std::sort(found.begin(), found.end(), [](const Exemplar& a, const Exemplar& b) { return a.distance < b.distance; });
        std::vector<Exemplar> kept;
        for (const Exemplar& e : found) {
            const bool same = std::any_of(kept.begin(), kept.end(), [&](const Exemplar& k) {
                return std::max(k.begin, e.begin) - std::min(k.begin, e.begin) < std::max<std::size_t>(3, length / 4);
            });
            if (!same) {
                kept.push_back(e);
            }
            if (kept.size() == kExemplars) {
                break;
            }
        }
        return kept;
    }

    /// Mean of the exemplars' motion, bent so that it meets the rims. @returns [length, 3]
    MatrixXd follow(std::size_t i, const Gap& gap, const EMat3& centre, const std::vector<Exemplar>& like) const {
        const auto length = static_cast<Eigen::Index>(gap.length());
        MatrixXd sum = MatrixXd::Zero(length, 3);
        double total = 0;
        for (const Exemplar& e : like) {
            // Limbs keep their pose; the root and its path only lend how they move.
            EMat3 about = centre;
            if (!isPath_[i] && joints_[i] == 0) {
                about = halfway(motion_.rotations[e.begin - 1][0], motion_.rotations[e.end][0]);
            }
            const auto at = [&](double f) -> EVec3 {
                const auto whole = static_cast<std::size_t>(f);
                const double part = f - static_cast<double>(whole);
                return (1 - part) * value(i, whole, about) + part * value(i, std::min(whole + 1, e.end), about);
            };
            const EVec3 offLeft = value(i, gap.begin - 1, centre) - at(static_cast<double>(e.begin) - 1);
            const EVec3 offRight = value(i, gap.end, centre) - at(static_cast<double>(e.end));
            const double w = 1 / (e.distance + 0.25 * like.front().distance + 1e-6);
            total += w;
            for (Eigen::Index f = 0; f < length; ++f) {
                const double share = static_cast<double>(f + 1) / static_cast<double>(length + 1);
                const double source = static_cast<double>(e.begin) - 1 + share * static_cast<double>(e.end - e.begin + 1);
                sum.row(f) += w * (at(source) + (1 - share) * offLeft + share * offRight).transpose();
            }
        }
        return sum / total;
    }

    /// What every predictor says of one joint in one window.
    std::vector<MatrixXd> predictions(std::size_t i, const Gap& gap, const std::vector<MatrixXd>& linear,
                                      const std::vector<Exemplar>& like) const {
        const EMat3 centre = isPath_[i] ? EMat3::Identity() : reference(gap, joints_[i]);
        const MatrixXd seen = observed(i, gap, centre);
        std::vector<MatrixXd> out;
        for (std::size_t p = 0; p < linearPredictorCount(); ++p) {
            Eigen::RowVector3d middle = seen.colwise().mean();
            if (pullsToHabit(p) && !isPath_[i] && joints_[i] != 0) {
                middle = logRotation(EMat3(centre.transpose() * habits_[i])).transpose();
            }
            out.push_back((linear[p] * (seen.rowwise() - middle)).rowwise() + middle);
        }
        out.push_back(like.empty() ? out[kDefaultPredictor] : follow(i, gap, centre, like));
        MatrixXd rhythmic = swing(i, gap, centre);
        out.push_back(rhythmic.size() == 0 ? out[kDefaultPredictor] : std::move(rhythmic));
        if (isPath_[i] && !cameraPath_.empty()) {
            filmed(gap, linear, out);
        }
        return out;
    }

    /// The path as seen by the camera: whoever films often follows the person, so that a place in the picture lasts.
    void filmed(const Gap& gap, const std::vector<MatrixXd>& linear, std::vector<MatrixXd>& out) const {
        MatrixXd seen(static_cast<Eigen::Index>(gap.left.size() + gap.right.size()), 3);
        Eigen::Index row = 0;
        for (const auto* side : {&gap.left, &gap.right}) {
            for (const std::size_t f : *side) {
                seen.row(row++) = cameraPath_[f].transpose();
            }
        }
        const double near = path_[gap.left.empty() ? gap.right.front() : gap.left.front()].x();
        const Eigen::RowVector3d middle = seen.colwise().mean();
        for (std::size_t p = 0; p < linearPredictorCount(); ++p) {
            MatrixXd each = (linear[p] * (seen.rowwise() - middle)).rowwise() + middle;
            for (Eigen::Index f = 0; f < each.rows(); ++f) {
                const EMat3& turn = motion_.turns[gap.begin + static_cast<std::size_t>(f)];
                EVec3 place = spherical(EVec3(turn * cartesian(EVec3(each.row(f).transpose()))));
                place.x() = unwrapped(place.x(), near);
                each.row(f) = place.transpose();
            }
            out.push_back(std::move(each));
        }
    }

    /// Where the clip is too short to try anything out.
    [[nodiscard]] VectorXd untried(std::size_t count) const {
        VectorXd w = VectorXd::Zero(static_cast<Eigen::Index>(count));
        w(static_cast<Eigen::Index>(period_ > 0 ? linearPredictorCount() + 1 : kDefaultPredictor)) = 1;
        return w;
    }

    /// Notes the error of a value: nothing at the rims, most in the middle, `spread` over the gap.
    void expect(const Gap& gap, std::size_t i, Eigen::Index component, double spread) {
        for (std::size_t f = 0; f < gap.length(); ++f) {
            const double share = static_cast<double>(f + 1) / static_cast<double>(gap.length() + 1);
            const double here = spread * std::sqrt(6 * share * (1 - share));
            if (isPath_[i]) {
                motion_.pathSpread[gap.begin + f][component] = here;
            } else {
                motion_.rotationSpread[joints_[i]][gap.begin + f] = here;
            }
        }
    }

    std::vector<MatrixXd> bridge(const Gap& gap) {
        const std::vector<MatrixXd> linear = allGapWeights(gap, motion_.fps);
        // Try-outs: the same gap at other places; a shorter one where no stretch is long enough.
        std::vector<Gap> places;
        const std::size_t frames = motion_.frameCount();
        std::vector<MatrixXd> trialLinear = linear;
        for (Gap shape = gap; places.size() < kFewestTrials && shape.length() >= 3;) {
            places.clear();
            for (std::size_t f = 0; f < frames; ++f) {
                if (auto trial = moved(shape, static_cast<std::ptrdiff_t>(f) - static_cast<std::ptrdiff_t>(shape.begin))) {
                    places.push_back(std::move(*trial));
                }
            }
            if (places.size() >= kFewestTrials) {
                if (shape.length() != gap.length()) {
                    trialLinear = allGapWeights(shape, motion_.fps);
                }
                break;
            }
            shape = shortened(shape);
        }
        if (places.size() > kTrials) {
            std::vector<Gap> thinned;
            for (std::size_t k = 0; k < kTrials; ++k) {
                thinned.push_back(places[k * places.size() / kTrials]);
            }
            places = std::move(thinned);
        }
        // Where only shorter gaps could be tried, the error goes on growing.
        const double grown = places.empty() ? 1 : static_cast<double>(gap.length()) / static_cast<double>(places.front().length());
        // Products of the predictors' errors; directions and distance of the path are judged apart.
        std::vector<std::array<MatrixXd, 3>> gram(joints_.size());
        const bool tried = places.size() >= kFewestTrials;
        for (std::size_t t = 0; tried && t < places.size(); ++t) {
            const std::vector<Exemplar> like = exemplars(places[t]);
            for (std::size_t i = 0; i < joints_.size(); ++i) {
                const std::vector<MatrixXd> errors = errorsAt(i, places[t], trialLinear, like);
                const auto n = static_cast<Eigen::Index>(errors.size());
                for (Eigen::Index c = 0; c < 3; ++c) {
                    MatrixXd& sums = gram[i][static_cast<std::size_t>(isPath_[i] ? c : 0)];
                    if (sums.size() == 0) {
                        sums = MatrixXd::Zero(n, n);
                    }
                    for (Eigen::Index a = 0; a < n; ++a) {
                        for (Eigen::Index b = 0; b < n; ++b) {
                            sums(a, b) += errors[static_cast<std::size_t>(a)].col(c).dot(errors[static_cast<std::size_t>(b)].col(c));
                        }
                    }
                }
            }
        }
        const std::vector<Exemplar> like = exemplars(gap);
        std::vector<MatrixXd> out;
        std::vector<std::array<VectorXd, 3>> shares(joints_.size());
        for (std::size_t i = 0; i < joints_.size(); ++i) {
            const std::vector<MatrixXd> each = predictions(i, gap, linear, like);
            MatrixXd sum = MatrixXd::Zero(each[0].rows(), 3);
            for (Eigen::Index c = 0; c < 3; ++c) {
                const MatrixXd& judged = gram[i][static_cast<std::size_t>(isPath_[i] ? c : 0)];
                VectorXd& w = shares[i][static_cast<std::size_t>(c)];
                w = c > 0 && !isPath_[i] ? shares[i][0] : tried ? predictorShares(judged) : untried(each.size());
                const double samples = static_cast<double>(places.size() * (places.empty() ? 1 : places.front().length()));
                expect(gap, i, c, tried ? grown * std::sqrt(std::max(0.0, w.dot(judged * w)) / samples) : isPath_[i] ? kUntriedPath : kUntriedTurn);
                for (std::size_t p = 0; p < each.size(); ++p) {
                    sum.col(c) += w(static_cast<Eigen::Index>(p)) * each[p].col(c);
                }
            }
            out.push_back(std::move(sum));
        }
        if (tried) {
            for (std::size_t k = 0; k < kDeviations; ++k) {
                noteErrors(gap, places[(2 * k + 1) * places.size() / (2 * kDeviations)], trialLinear, shares, grown, k);
            }
        }
        return out;
    }

    /// Errors of every predictor for one joint at a place whose truth is known. @returns each [length, 3]
    std::vector<MatrixXd> errorsAt(std::size_t i, const Gap& place, const std::vector<MatrixXd>& linear, const std::vector<Exemplar>& like) const {
        const EMat3 centre = isPath_[i] ? EMat3::Identity() : reference(place, joints_[i]);
        MatrixXd truth(static_cast<Eigen::Index>(place.length()), 3);
        for (std::size_t f = 0; f < place.length(); ++f) {
            truth.row(static_cast<Eigen::Index>(f)) = value(i, place.begin + f, centre).transpose();
        }
        std::vector<MatrixXd> errors = predictions(i, place, linear, like);
        for (MatrixXd& e : errors) {
            e -= truth;
        }
        return errors;
    }

    /// Hands the errors that were made at a place on as what a gap's may be.
    void noteErrors(const Gap& gap, const Gap& place, const std::vector<MatrixXd>& linear,
                    const std::vector<std::array<VectorXd, 3>>& shares, double grown, std::size_t number) {
        MotionDeviation& out = motion_.deviations[number];
        const std::vector<Exemplar> like = exemplars(place);
        for (std::size_t i = 0; i < joints_.size(); ++i) {
            const std::vector<MatrixXd> errors = errorsAt(i, place, linear, like);
            MatrixXd sum = MatrixXd::Zero(errors[0].rows(), 3);
            for (std::size_t p = 0; p < errors.size(); ++p) {
                for (Eigen::Index c = 0; c < 3; ++c) {
                    sum.col(c) += grown * shares[i][static_cast<std::size_t>(c)](static_cast<Eigen::Index>(p)) * errors[p].col(c);
                }
            }
            for (std::size_t f = 0; f < gap.length(); ++f) {
                const auto from = static_cast<Eigen::Index>((2 * f + 1) * place.length() / (2 * gap.length()));
                const Eigen::Vector3f off = sum.row(from).transpose().cast<float>();
                if (isPath_[i]) {
                    out.path[gap.begin + f] = off;
                } else {
                    auto& turns = out.turns[gap.begin + f];
                    turns.resize(motion_.jointCount, Eigen::Vector3f::Zero());
                    turns[joints_[i]] = off;
                }
            }
        }
    }

    MotionSequence& motion_;
    std::vector<std::size_t> joints_;
    std::vector<std::uint8_t> known_;
    std::vector<bool> isPath_;
    std::vector<EMat3> habits_; ///< mean rotation of each joint over the clip
    double period_ = 0;         ///< frames
    std::vector<EVec3> path_;       ///< spherical, in axes that do not turn; known frames only
    std::vector<EVec3> cameraPath_; ///< the same in each frame's camera; empty where the camera rests
};

} // namespace

EVec3 deviated(const EVec3& place, const Eigen::Vector3f& by, double share) {
    return cartesian(spherical(place) + share * by.cast<double>());
}

void fillMotion(MotionSequence& motion) {
    BODY4D_EXPECT(motion.known.size() == motion.jointCount + 1 && motion.path.size() == motion.frameCount() && motion.fps > 0);
    BODY4D_EXPECT(motion.turns.empty() || motion.turns.size() == motion.frameCount());
    motion.pathSpread.assign(motion.frameCount(), EVec3::Zero());
    motion.rotationSpread.assign(motion.jointCount, std::vector<double>(motion.frameCount(), 0.0));
    MotionDeviation none;
    none.turns.resize(motion.frameCount());
    none.path.assign(motion.frameCount(), Eigen::Vector3f::Zero());
    motion.deviations.assign(kDeviations, none);
    std::vector<std::vector<std::size_t>> groups; // joints that are known in the same frames
    for (std::size_t j = 0; j <= motion.jointCount; ++j) {
        const std::vector<std::uint8_t>& known = motion.known[j];
        BODY4D_EXPECT(known.size() == motion.frameCount());
        const auto count = std::count(known.begin(), known.end(), std::uint8_t{1});
        if (count == 0 || count == static_cast<std::ptrdiff_t>(known.size())) {
            continue;
        }
        const auto same = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return motion.known[g.front()] == known; });
        if (same == groups.end()) {
            groups.push_back({j});
        } else {
            same->push_back(j);
        }
    }
    // Results of one group must not feed another's trials: each works on the same measured values.
    for (const std::vector<std::size_t>& joints : groups) {
        GroupFiller(motion, joints).fill();
    }
}

} // namespace body4d::detail
