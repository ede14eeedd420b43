#include "body/detail/pose_objective.h"

#include <cmath>

namespace body4d::detail {
namespace {

constexpr double kPixelSigma = 0.015;                 // of the box side
constexpr double kPixelRobust = 16, kWorldRobust = 9; // squared residuals where Geman-McClure halves the pull
constexpr double kNearestDepth = 0.2;       // metres: projections of points behind the camera stay finite
const EVec3 kWorldSigmas(0.12, 0.12, 0.10); // metres, across and along the viewing ray
constexpr double kTieSigma = 0.02, kTieRobust = 4; // of the box side
constexpr double kGapPrior = 0.05;                 // share of the priors in frames without the target
constexpr double kUnseenPrior = 8;                 // how much stronger the prior holds a limb out of view

/// Pull towards the rest pose, radians; 0: none.
constexpr std::array<double, kFitJoints> kPriorSigma{0,   0.25, 0.2, 0.2,  0.3, 0.3, 0.2,  1.2, 0, 0.35,
                                                     0.2, 1.2,  0,   0.35, 1.0, 0,   0.35, 1.0, 0, 0.35};
/// Change between frames at 30 a second, radians.
constexpr std::array<double, kFitJoints> kTimeSigma{0.08, 0.06, 0.06, 0.06, 0.06, 0.06, 0.06,
                                                    0.2,  0.2,  0.2,  0.06, 0.2,  0.2,  0.2,
                                                    0.12, 0.2,  0.12, 0.12, 0.2,  0.12};
constexpr std::array<double, 3> kMoveSigma{0.03, 0.03, 0.05}; // metres
constexpr double kTimeStrength = 1.25; // makes up for the jitter that the silhouette term brings in

constexpr double kHingeOffAxis = 0.15, kHingeWeakPull = 0.02, kHingeUnseenPull = 0.6;
constexpr double kKneeLow = -0.02, kElbowLow = -0.5, kHingeHigh = 2.5, kLowSigma = 0.05, kHighSigma = 0.1;

double smoothingOf(std::size_t j, const SmoothingStrength& s) {
    if (j == joint::kRoot) {
        return s.root;
    }
    if (j == joint::kNeck || j == joint::kHead) {
        return s.head;
    }
    if (j < joint::kClavicleL) {
        return s.torso;
    }
    return j < joint::kUpperLegL ? s.arms : s.legs;
}

/// Cost, weight on the squared residual in the normal equations of w e / (1 + e / c), e a squared residual.
struct Robust {
    double cost, weight;
    Robust(double w, double e, double c)
        : cost(w * e / (1 + e / c)), weight(w / ((1 + e / c) * (1 + e / c))) {}
};

/// Axes with z along the ray to a point, x horizontal.
EMat3 viewFrame(const EVec3& towards) {
    EMat3 frame;
    frame.col(2) = towards / std::max(towards.norm(), 1e-9);
    const EVec3 x = EVec3::UnitY().cross(frame.col(2));
    frame.col(0) = x / std::max(x.norm(), 1e-9);
    frame.col(1) = frame.col(2).cross(frame.col(0));
    return frame;
}

/// A [b]x.
EMat3 timesSkew(const EMat3& a, const EVec3& b) {
    EMat3 out;
    out.col(0) = b.z() * a.col(1) - b.y() * a.col(2);
    out.col(1) = b.x() * a.col(2) - b.z() * a.col(0);
    out.col(2) = b.y() * a.col(0) - b.x() * a.col(1);
    return out;
}

/// normal.block += scale * [a]x^T P.
void addSkewTransposed(PoseMatrix& normal, std::size_t row, std::size_t column, const EVec3& a,
                       const EMat3& p, double scale = 1) {
    auto block =
        normal.block<3, 3>(static_cast<Eigen::Index>(3 * row), static_cast<Eigen::Index>(3 * column));
    for (Eigen::Index c = 0; c < 3; ++c) {
        block(0, c) += scale * (p(1, c) * a.z() - p(2, c) * a.y());
        block(1, c) += scale * (p(2, c) * a.x() - p(0, c) * a.z());
        block(2, c) += scale * (p(0, c) * a.y() - p(1, c) * a.x());
    }
}

constexpr Eigen::Index kMove = 3 * static_cast<Eigen::Index>(kFitJoints); // first translation variable

} // namespace

PosedJoints posedJoints(const PoseState& state, const FitBody& body) {
    PosedJoints posed;
    posed.rotations[0] = state.rotations[0];
    posed.origins[0] = state.translation;
    for (std::size_t j = 1; j < kFitJoints; ++j) {
        const auto p = static_cast<std::size_t>(kFitParents[j]);
        posed.rotations[j].noalias() = posed.rotations[p] * state.rotations[j];
        posed.origins[j] = posed.origins[p] + posed.rotations[p] * (body.joints[j] - body.joints[p]);
    }
    return posed;
}

EVec3 positionOf(const CarriedPoint& point, const PosedJoints& posed) {
    EVec3 x = EVec3::Zero();
    for (const CarriedPoint::Part& part : point.parts) {
        x += posed.rotations[part.joint] * part.offset + part.mass * posed.origins[part.joint];
    }
    return x;
}

std::array<EVec3, kBodyKeypointCount> keypointsOf(const PoseState& state, const FitBody& body) {
    const PosedJoints posed = posedJoints(state, body);
    std::array<EVec3, kBodyKeypointCount> x;
    for (std::size_t k = 0; k < x.size(); ++k) {
        x[k] = positionOf(body.keypoints[k], posed);
    }
    return x;
}

PoseState stepped(const PoseState& state, const PoseVector& step) {
    PoseState out;
    for (std::size_t j = 0; j < kFitJoints; ++j) {
        out.rotations[j] = orthonormalized(state.rotations[j] *
                                           expRotation(step.segment<3>(static_cast<Eigen::Index>(3 * j))));
    }
    out.translation = state.translation + step.segment<3>(kMove);
    return out;
}

PoseObjective::PoseObjective(const FitBody& body, const RestFrame& rest, const ObjectiveSettings& settings)
    : body_(body), hinge_(rest.hinge), settings_(settings) {
    for (std::size_t j = 0; j < kFitJoints; ++j) {
        const double sigma = kTimeSigma[j] * settings.frameRatio;
        temporal_.segment<3>(static_cast<Eigen::Index>(3 * j))
            .setConstant(kTimeStrength * smoothingOf(j, settings.smoothing) / (sigma * sigma));
    }
    for (std::size_t i = 0; i < 3; ++i) {
        const double sigma = kMoveSigma[i] * settings.frameRatio;
        temporal_[kMove + static_cast<Eigen::Index>(i)] =
            kTimeStrength * settings.smoothing.root / (sigma * sigma);
    }
}

void PoseObjective::gatherLevers(const CarriedPoint& point, const PosedJoints& posed, Levers& out) {
    // sums over each joint's subtree of what its parts contribute; parents come before children
    std::array<EVec3, kFitJoints> sum;
    std::array<double, kFitJoints> mass;
    std::array<bool, kFitJoints> used{};
    std::size_t last = 0;
    for (const CarriedPoint::Part& part : point.parts) {
        sum[part.joint] = posed.rotations[part.joint] * part.offset + part.mass * posed.origins[part.joint];
        mass[part.joint] = part.mass;
        used[part.joint] = true;
        last = std::max(last, part.joint);
    }
    out.count = 0;
    for (std::size_t j = last + 1; j-- > 0;) {
        if (!used[j]) {
            continue;
        }
        out.items[out.count++] = {j, sum[j] - mass[j] * posed.origins[j]};
        if (j == 0) {
            break;
        }
        const auto p = static_cast<std::size_t>(kFitParents[j]);
        if (used[p]) {
            sum[p] += sum[j];
            mass[p] += mass[j];
        } else {
            sum[p] = sum[j];
            mass[p] = mass[j];
            used[p] = true;
        }
    }
    std::reverse(out.items.begin(), out.items.begin() + static_cast<std::ptrdiff_t>(out.count));
}

Eigen::Matrix<double, 3, static_cast<int>(kPoseVariables)>
PoseObjective::pointJacobian(const CarriedPoint& point, const PoseState& state, const FitBody& body) {
    const PosedJoints posed = posedJoints(state, body);
    Levers levers;
    gatherLevers(point, posed, levers);
    Eigen::Matrix<double, 3, static_cast<int>(kPoseVariables)> jacobian;
    jacobian.setZero();
    for (std::size_t i = 0; i < levers.count; ++i) {
        const auto& [j, arm] = levers.items[i];
        jacobian.block<3, 3>(0, static_cast<Eigen::Index>(3 * j)) = -skew(arm) * posed.rotations[j];
    }
    jacobian.rightCols<3>().setIdentity();
    return jacobian;
}

double PoseObjective::cost(const FrameInput& input, std::span<const ContourTie> ties,
                           const PoseState& state) const {
    const PosedJoints posed = posedJoints(state, body_);
    const double f = settings_.camera.focalPx, cx = settings_.camera.centreX, cy = settings_.camera.centreY;
    const double pixel = 1 / (kPixelSigma * input.box);
    std::array<EVec3, kBodyKeypointCount> x;
    double total = 0;
    for (std::size_t k = 0; k < x.size(); ++k) {
        x[k] = positionOf(body_.keypoints[k], posed);
        const double z = std::max(x[k].z(), kNearestDepth);
        const EVec2 r(f * x[k].x() / z + cx - input.px[k].x(), f * x[k].y() / z + cy - input.px[k].y());
        total += Robust(input.weight2[k], pixel * pixel * r.squaredNorm(), kPixelRobust).cost;
    }
    const EVec3 hip = 0.5 * (x[keypoint::kLeftHip] + x[keypoint::kRightHip]);
    const EMat3 view = viewFrame(hip);
    for (std::size_t k = 0; k < x.size(); ++k) {
        const EVec3 r = view.transpose() * (x[k] - hip) - settings_.worldScale * input.world[k];
        total += Robust(input.weight3[k], r.cwiseQuotient(kWorldSigmas).squaredNorm(), kWorldRobust).cost;
    }
    const double tiePixel = 1 / (kTieSigma * input.box);
    for (const ContourTie& tie : ties) {
        const EVec3 p = positionOf(tie.point, posed);
        const double z = std::max(p.z(), kNearestDepth);
        const double e = tiePixel * tie.normal.dot(EVec2(f * p.x() / z + cx, f * p.y() / z + cy) - tie.px);
        total += Robust(tie.weight, e * e, kTieRobust).cost;
    }
    return total + priorTerms(input, state, nullptr, nullptr);
}

double PoseObjective::linearize(const FrameInput& input, std::span<const ContourTie> ties,
                                const PoseState& state, PoseMatrix& normal, PoseVector& gradient) const {
    const PosedJoints posed = posedJoints(state, body_);
    const double f = settings_.camera.focalPx, cx = settings_.camera.centreX, cy = settings_.camera.centreY;
    const double pixel = 1 / (kPixelSigma * input.box);
    std::array<EVec3, kBodyKeypointCount> x;
    for (std::size_t k = 0; k < x.size(); ++k) {
        x[k] = positionOf(body_.keypoints[k], posed);
    }
    const EVec3 hip = 0.5 * (x[keypoint::kLeftHip] + x[keypoint::kRightHip]);
    const EMat3 view = viewFrame(hip);
    const EVec3 precision = kWorldSigmas.cwiseInverse().cwiseAbs2();
    const EMat3 worldMetric = view * precision.asDiagonal() * view.transpose();

    // Everything is gathered for rotations about the world's axes first and turned into the joints' own axes
    // at the end: dX / d(omega_j) = -[arm_j]x then holds without the joints' rotations.
    normal.setZero();
    gradient.setZero();
    double total = 0, worldSum = 0;
    std::array<EVec3, kFitJoints> meanArm; // arms weighted by the 3D terms, for the subtracted mid-hip
    std::array<EVec3, kFitJoints> hipArm;
    meanArm.fill(EVec3::Zero());
    hipArm.fill(EVec3::Zero());
    EVec3 worldForce = EVec3::Zero();
    std::array<EVec3, kBodyKeypointCount> force;
    std::array<Levers, kBodyKeypointCount> levers;
    for (std::size_t k = 0; k < x.size(); ++k) {
        gatherLevers(body_.keypoints[k], posed, levers[k]);
        const double z = std::max(x[k].z(), kNearestDepth), g = f / z * pixel;
        const EVec2 r(pixel * (f * x[k].x() / z + cx - input.px[k].x()),
                      pixel * (f * x[k].y() / z + cy - input.px[k].y()));
        const Robust robust2(input.weight2[k], r.squaredNorm(), kPixelRobust);
        const EVec3 u(g, 0, -g * x[k].x() / z), v(0, g, -g * x[k].y() / z);
        EMat3 metric = robust2.weight * (u * u.transpose() + v * v.transpose());
        force[k] = robust2.weight * (r.x() * u + r.y() * v);

        const EVec3 r3 = view.transpose() * (x[k] - hip) - settings_.worldScale * input.world[k];
        const Robust robust3(input.weight3[k], r3.cwiseAbs2().dot(precision), kWorldRobust);
        metric += robust3.weight * worldMetric;
        const EVec3 force3 = robust3.weight * (view * precision.cwiseProduct(r3));
        force[k] += force3;
        worldForce += force3;
        worldSum += robust3.weight;
        total += robust2.cost + robust3.cost;

        const double hipShare = k == keypoint::kLeftHip || k == keypoint::kRightHip ? 0.5 : 0;
        for (std::size_t i = 0; i < levers[k].count; ++i) {
            const auto& [j, arm] = levers[k].items[i];
            const EMat3 p = timesSkew(metric, arm);
            for (std::size_t h = i; h < levers[k].count; ++h) {
                addSkewTransposed(normal, levers[k].items[h].joint, j, levers[k].items[h].arm, p);
            }
            normal.block<3, 3>(kMove, static_cast<Eigen::Index>(3 * j)) -= p;
            meanArm[j] += robust3.weight * arm;
            hipArm[j] += hipShare * arm;
        }
        normal.block<3, 3>(kMove, kMove) += metric;
    }
    force[keypoint::kLeftHip] -= 0.5 * worldForce;
    force[keypoint::kRightHip] -= 0.5 * worldForce;
    for (std::size_t k = 0; k < x.size(); ++k) {
        for (std::size_t i = 0; i < levers[k].count; ++i) {
            const auto& [j, arm] = levers[k].items[i];
            gradient.segment<3>(static_cast<Eigen::Index>(3 * j)) += arm.cross(force[k]);
        }
        gradient.segment<3>(kMove) += force[k];
    }
    // sum_l w_l (J_l - J_hip)^T A (J_l - J_hip): the parts with J_hip, M = sum_l w_l J_l - W/2 J_hip
    for (std::size_t j = 0; j < kFitJoints; ++j) {
        meanArm[j] -= 0.5 * worldSum * hipArm[j];
    }
    for (std::size_t j = 0; j < kFitJoints; ++j) {
        const EMat3 mean = timesSkew(worldMetric, meanArm[j]);
        normal.block<3, 3>(kMove, static_cast<Eigen::Index>(3 * j)) += mean;
        for (std::size_t i = j; i < kFitJoints; ++i) {
            if (!hipArm[i].isZero(0)) {
                addSkewTransposed(normal, i, j, hipArm[i], mean, -1);
            }
        }
        if (!hipArm[j].isZero(0)) {
            const EMat3 own = timesSkew(worldMetric, hipArm[j]);
            normal.block<3, 3>(kMove, static_cast<Eigen::Index>(3 * j)) += 0.5 * worldSum * own;
            for (std::size_t i = j; i < kFitJoints; ++i) {
                addSkewTransposed(normal, i, j, meanArm[i], own, -1);
            }
        }
    }
    normal.block<3, 3>(kMove, kMove) -= worldSum * worldMetric;

    const double tiePixel = 1 / (kTieSigma * input.box);
    Levers tieLevers;
    for (const ContourTie& tie : ties) {
        const EVec3 p = positionOf(tie.point, posed);
        const double z = std::max(p.z(), kNearestDepth);
        const double e = tiePixel * tie.normal.dot(EVec2(f * p.x() / z + cx, f * p.y() / z + cy) - tie.px);
        const Robust robust(tie.weight, e * e, kTieRobust);
        total += robust.cost;
        const double g = f / z * tiePixel;
        const EVec3 c(g * tie.normal.x(), g * tie.normal.y(),
                      -g * (tie.normal.x() * p.x() + tie.normal.y() * p.y()) / z);
        gatherLevers(tie.point, posed, tieLevers);
        for (std::size_t i = 0; i < tieLevers.count; ++i) {
            tieLevers.items[i].arm = tieLevers.items[i].arm.cross(c); // now the row of the Jacobian
        }
        for (std::size_t i = 0; i < tieLevers.count; ++i) {
            const auto column = static_cast<Eigen::Index>(3 * tieLevers.items[i].joint);
            const EVec3 row = robust.weight * tieLevers.items[i].arm;
            for (std::size_t h = i; h < tieLevers.count; ++h) {
                normal.block<3, 3>(static_cast<Eigen::Index>(3 * tieLevers.items[h].joint), column) +=
                    tieLevers.items[h].arm * row.transpose();
            }
            normal.block<3, 3>(kMove, column) += c * row.transpose();
            gradient.segment<3>(column) += e * row;
        }
        normal.block<3, 3>(kMove, kMove) += robust.weight * c * c.transpose();
        gradient.segment<3>(kMove) += robust.weight * e * c;
    }

    for (std::size_t j = 0; j < kFitJoints; ++j) {
        const auto column = static_cast<Eigen::Index>(3 * j);
        gradient.segment<3>(column) = posed.rotations[j].transpose() * gradient.segment<3>(column).eval();
        for (std::size_t i = j; i < kFitJoints; ++i) {
            auto block = normal.block<3, 3>(static_cast<Eigen::Index>(3 * i), column);
            const EMat3 turned = posed.rotations[i].transpose() * block;
            block.noalias() = turned * posed.rotations[j];
        }
        auto block = normal.block<3, 3>(kMove, column);
        block = (block * posed.rotations[j]).eval();
    }
    return total + priorTerms(input, state, &normal, &gradient);
}

double PoseObjective::priorTerms(const FrameInput& input, const PoseState& state, PoseMatrix* normal,
                                 PoseVector* gradient) const {
    double total = 0;
    const double share =
        input.measured ? 1 : kGapPrior; // time carries the body through a gap, not the rest pose
    for (std::size_t j = 1; j < kFitJoints; ++j) {
        const auto at = static_cast<Eigen::Index>(3 * j);
        const EVec3 v = logRotation(state.rotations[j]);
        const double unseen = 1 - input.limbSeen[j];
        if (kPriorSigma[j] > 0) {
            const double weight = share * (1 + kUnseenPrior * unseen) / (kPriorSigma[j] * kPriorSigma[j]);
            total += weight * v.squaredNorm();
            if (normal != nullptr) {
                normal->diagonal().segment<3>(at).array() += weight;
                gradient->segment<3>(at) += weight * v;
            }
        }
        const EVec3& axis = hinge_[j];
        if (axis.isZero(0)) {
            continue;
        }
        const bool knee = j == joint::kLowerLegL || j == joint::kLowerLegR;
        const double flexion = v.dot(axis);
        const EVec3 off = (v - flexion * axis) / kHingeOffAxis;
        const double low = std::min(flexion - (knee ? kKneeLow : kElbowLow), 0.0) / kLowSigma;
        const double high = std::max(flexion - kHingeHigh, 0.0) / kHighSigma;
        const double pull = share * (kHingeWeakPull + kHingeUnseenPull * unseen);
        total += off.squaredNorm() + low * low + high * high + pull * flexion * flexion;
        if (normal != nullptr) {
            // exact derivative of the rotation vector: knees bend far enough for it to matter
            const EMat3 dv = inverseRightJacobian(v);
            const double along = (low < 0 ? 1 / (kLowSigma * kLowSigma) : 0) +
                                 (high > 0 ? 1 / (kHighSigma * kHighSigma) : 0) + pull;
            const EMat3 across = EMat3::Identity() - axis * axis.transpose();
            const EMat3 metric = across / (kHingeOffAxis * kHingeOffAxis) + along * axis * axis.transpose();
            const EVec3 slope =
                off / kHingeOffAxis + (low / kLowSigma + high / kHighSigma + pull * flexion) * axis;
            normal->block<3, 3>(at, at) += dv.transpose() * metric * dv;
            gradient->segment<3>(at) += dv.transpose() * slope;
        }
    }
    return total;
}

double PoseObjective::temporalCost(const PoseState& a, const PoseState& b) const {
    double total = 0;
    for (std::size_t j = 0; j < kFitJoints; ++j) {
        total += temporal_[static_cast<Eigen::Index>(3 * j)] *
                 logRotation(a.rotations[j].transpose() * b.rotations[j]).squaredNorm();
    }
    return total + temporal_.segment<3>(kMove).dot((b.translation - a.translation).cwiseAbs2());
}

PoseVector PoseObjective::temporalGradient(const PoseState& a, const PoseState& b) const {
    PoseVector g;
    for (std::size_t j = 0; j < kFitJoints; ++j) {
        g.segment<3>(static_cast<Eigen::Index>(3 * j)) =
            logRotation(a.rotations[j].transpose() * b.rotations[j]);
    }
    g.segment<3>(kMove) = b.translation - a.translation;
    return g.cwiseProduct(temporal_);
}

} // namespace body4d::detail
