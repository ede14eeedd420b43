#include "model_data.h"

#include "body/detail/phenotype.h"
#include "body/detail/pose_objective.h"

#include <QTest>

#include <numbers>
#include <random>

using namespace body4d;
using namespace body4d::detail;

namespace {

EVec3 randomVector(std::mt19937& random, double size) {
    std::normal_distribution<double> normal(0, size);
    return {normal(random), normal(random), normal(random)};
}

PoseState randomState(std::mt19937& random, double turn) {
    PoseState state;
    for (EMat3& r : state.rotations) {
        r = expRotation(randomVector(random, turn));
    }
    state.translation = EVec3(0.2, -0.1, 4) + randomVector(random, 0.2);
    return state;
}

/// A frame that sees the body of `state`, a little disturbed.
FrameInput inputSeeing(const PoseState& state, const FitBody& body, const Intrinsics& camera,
                       std::mt19937& random) {
    FrameInput in{};
    in.measured = true;
    in.box = in.rawBox = 300;
    const auto x = keypointsOf(state, body);
    const EVec3 hip = 0.5 * (x[keypoint::kLeftHip] + x[keypoint::kRightHip]);
    for (std::size_t k = 0; k < x.size(); ++k) {
        in.px[k] = EVec2(camera.focalPx * x[k].x() / x[k].z() + camera.centreX,
                         camera.focalPx * x[k].y() / x[k].z() + camera.centreY) +
                   2.0 * randomVector(random, 1).head<2>();
        in.world[k] = x[k] - hip + randomVector(random, 0.03);
        in.weight2[k] = in.confidence[k] = 0.2 + 0.03 * static_cast<double>(k);
        in.weight3[k] = 1 - 0.02 * static_cast<double>(k);
    }
    in.limbSeen.fill(0.7);
    return in;
}

} // namespace

class PoseObjectiveTest : public QObject {
    Q_OBJECT
private:
    std::shared_ptr<const BodyModel> model_;
    std::unique_ptr<FitBody> body_;
    std::unique_ptr<RestFrame> rest_;
    ObjectiveSettings settings_;

    PoseVector numericGradient(const PoseObjective& objective, const FrameInput& in,
                               std::span<const ContourTie> ties, const PoseState& state) {
        PoseVector g;
        constexpr double h = 1e-6;
        for (Eigen::Index i = 0; i < g.size(); ++i) {
            PoseVector d = PoseVector::Zero();
            d[i] = h;
            g[i] =
                (objective.cost(in, ties, stepped(state, d)) - objective.cost(in, ties, stepped(state, -d))) /
                (4 * h);
        }
        return g; // half the gradient, as linearize gives it
    }

private Q_SLOTS:
    void initTestCase() {
        const auto file = testsupport::annyFile();
        if (file.empty()) {
            QSKIP(testsupport::kNoModelData);
        }
        model_ = BodyModel::loadAnny(file);
        BodyShape shape;
        shape.weight = 0.7;
        body_ = std::make_unique<FitBody>(asAnny(*model_).fitBody(shape));
        rest_ = std::make_unique<RestFrame>(asAnny(*model_));
        settings_.camera = intrinsicsFromFov(1280, 720, 0.96);
    }

    void pointJacobianMatchesDifferences() {
        std::mt19937 random(1);
        double worst = 0;
        for (int trial = 0; trial < 5; ++trial) {
            const PoseState state = randomState(random, 0.6);
            for (const CarriedPoint& point : body_->keypoints) {
                const auto exact = PoseObjective::pointJacobian(point, state, *body_);
                Eigen::Matrix<double, 3, static_cast<int>(kPoseVariables)> numeric;
                constexpr double h = 1e-5;
                for (Eigen::Index i = 0; i < numeric.cols(); ++i) {
                    PoseVector d = PoseVector::Zero();
                    d[i] = h;
                    numeric.col(i) = (positionOf(point, posedJoints(stepped(state, d), *body_)) -
                                      positionOf(point, posedJoints(stepped(state, -d), *body_))) /
                                     (2 * h);
                }
                worst = std::max(worst, (numeric - exact).norm() / exact.norm());
            }
        }
        QVERIFY2(worst < 1e-8, qPrintable(QString::number(worst)));
    }

    void gradientOfPictureTermsAndPriorsMatchesDifferences() {
        std::mt19937 random(2);
        const PoseObjective objective(*body_, *rest_, settings_);
        for (int trial = 0; trial < 5; ++trial) {
            const PoseState seen = randomState(random, 0.5),
                            state = stepped(seen, 0.05 * PoseVector::Random());
            FrameInput in = inputSeeing(seen, *body_, settings_.camera, random);
            in.weight3.fill(0); // the viewing frame of the 3D terms is held still in their derivative
            const RestBody rest = model_->shaped({});
            std::vector<ContourTie> ties;
            for (const std::size_t v : {std::size_t{100}, std::size_t{5000}, std::size_t{9000}}) {
                ties.push_back(
                    {asAnny(*model_).carriedVertex(rest, v), EVec2(650, 300), EVec2(0.6, -0.8), 0.3});
            }
            auto normal = std::make_unique<PoseMatrix>();
            PoseVector gradient;
            const double cost = objective.linearize(in, ties, state, *normal, gradient);
            QVERIFY(std::fabs(cost - objective.cost(in, ties, state)) < 1e-9 * cost);
            const PoseVector numeric = numericGradient(objective, in, ties, state);
            const double error = (numeric - gradient).norm() / numeric.norm();
            QVERIFY2(error < 1e-5, qPrintable(QString::number(error)));
        }
    }

    void normalEquationsEqualTheStackedJacobian() {
        // built the slow way from point Jacobians, 3D terms with the mid-hip subtracted
        std::mt19937 random(3);
        const PoseObjective objective(*body_, *rest_, settings_);
        const PoseState seen = randomState(random, 0.4), state = stepped(seen, 0.02 * PoseVector::Random());
        FrameInput in = inputSeeing(seen, *body_, settings_.camera, random);
        auto with = std::make_unique<PoseMatrix>(), priors = std::make_unique<PoseMatrix>();
        PoseVector gradient, priorGradient;
        objective.linearize(in, {}, state, *with, gradient);
        FrameInput blind = in;
        blind.weight2.fill(0);
        blind.weight3.fill(0);
        objective.linearize(blind, {}, state, *priors, priorGradient);

        const auto x = keypointsOf(state, *body_);
        const EVec3 hip = 0.5 * (x[keypoint::kLeftHip] + x[keypoint::kRightHip]);
        EMat3 view;
        view.col(2) = hip.normalized();
        view.col(0) = EVec3::UnitY().cross(view.col(2)).normalized();
        view.col(1) = view.col(2).cross(view.col(0));
        const auto jacobian = [&](std::size_t k) {
            return PoseObjective::pointJacobian(body_->keypoints[k], state, *body_);
        };
        const auto hipJacobian =
            (0.5 * (jacobian(keypoint::kLeftHip) + jacobian(keypoint::kRightHip))).eval();
        PoseMatrix expected = PoseMatrix::Zero();
        PoseVector expectedGradient = PoseVector::Zero();
        const double f = settings_.camera.focalPx, k2 = 1 / (0.015 * in.box);
        for (std::size_t k = 0; k < x.size(); ++k) {
            Eigen::Matrix<double, 2, 3> projection;
            projection << f / x[k].z(), 0, -f * x[k].x() / (x[k].z() * x[k].z()), 0, f / x[k].z(),
                -f * x[k].y() / (x[k].z() * x[k].z());
            const EVec2 r2 = k2 * (EVec2(f * x[k].x() / x[k].z() + settings_.camera.centreX,
                                         f * x[k].y() / x[k].z() + settings_.camera.centreY) -
                                   in.px[k]);
            const auto j2 = (k2 * projection * jacobian(k)).eval();
            const double g2 = in.weight2[k] / std::pow(1 + r2.squaredNorm() / 16, 2);
            expected += g2 * j2.transpose() * j2;
            expectedGradient += g2 * j2.transpose() * r2;
            const EVec3 inverse(1 / 0.12, 1 / 0.12, 1 / 0.10);
            const EVec3 r3 = inverse.cwiseProduct(view.transpose() * (x[k] - hip) - in.world[k]);
            const auto j3 = (inverse.asDiagonal() * view.transpose() * (jacobian(k) - hipJacobian)).eval();
            const double g3 = in.weight3[k] / std::pow(1 + r3.squaredNorm() / 9, 2);
            expected += g3 * j3.transpose() * j3;
            expectedGradient += g3 * j3.transpose() * r3;
        }
        const PoseMatrix lower = (*with - *priors).triangularView<Eigen::Lower>();
        const PoseMatrix expectedLower = expected.triangularView<Eigen::Lower>();
        QVERIFY2((lower - expectedLower).norm() < 1e-9 * expectedLower.norm(),
                 qPrintable(QString::number((lower - expectedLower).norm() / expectedLower.norm())));
        QVERIFY((gradient - priorGradient - expectedGradient).norm() < 1e-9 * expectedGradient.norm());
    }

    void temporalTermsPullBothFramesTogether() {
        std::mt19937 random(4);
        const PoseObjective objective(*body_, *rest_, settings_);
        const PoseState a = randomState(random, 0.3), b = stepped(a, 0.1 * PoseVector::Random());
        QVERIFY(objective.temporalCost(a, a) < 1e-20);
        const PoseVector g = objective.temporalGradient(a, b);
        constexpr double h = 1e-6;
        for (Eigen::Index i = 0; i < g.size(); i += 7) {
            PoseVector d = PoseVector::Zero();
            d[i] = h;
            const double ofB =
                (objective.temporalCost(a, stepped(b, d)) - objective.temporalCost(a, stepped(b, -d))) /
                (4 * h);
            const double ofA =
                (objective.temporalCost(stepped(a, d), b) - objective.temporalCost(stepped(a, -d), b)) /
                (4 * h);
            QVERIFY(std::fabs(ofB - g[i]) < 1e-5 * g.norm());
            QVERIFY(std::fabs(ofA + g[i]) < 1e-5 * g.norm());
        }
    }

    void smoothingStrengthActsPerLimb() {
        ObjectiveSettings loose = settings_;
        loose.smoothing.arms = 0;
        const PoseVector usual = PoseObjective(*body_, *rest_, settings_).temporalWeight();
        const PoseVector changed = PoseObjective(*body_, *rest_, loose).temporalWeight();
        for (std::size_t j = 0; j < kFitJoints; ++j) {
            const auto i = static_cast<Eigen::Index>(3 * j);
            const bool arm = j >= joint::kClavicleL && j <= joint::kWristR;
            QCOMPARE(changed[i], arm ? 0.0 : usual[i]);
        }
    }

    void bendingAKneeBackwardsCostsMoreThanForwards() {
        const PoseObjective objective(*body_, *rest_, settings_);
        FrameInput in{};
        in.box = 300;
        in.limbSeen.fill(1);
        in.px.fill(EVec2::Zero());
        in.world.fill(EVec3::Zero());
        for (const std::size_t j :
             {joint::kLowerLegL, joint::kLowerLegR, joint::kLowerArmL, joint::kLowerArmR}) {
            PoseState flexed, straightened;
            flexed.rotations.fill(EMat3::Identity());
            flexed.translation = EVec3(0, 0, 4);
            straightened = flexed;
            flexed.rotations[j] = expRotation(1.0 * rest_->hinge[j]);
            straightened.rotations[j] = expRotation(-1.0 * rest_->hinge[j]);
            QVERIFY(objective.cost(in, {}, straightened) > 20 * objective.cost(in, {}, flexed));
        }
        // flexion is what anatomy says: a bent knee brings the heel back (+z, away from the camera for
        // someone facing it), a bent elbow brings the hand forward
        PoseState state;
        state.rotations.fill(EMat3::Identity());
        state.translation = EVec3(0, 0, 4);
        const auto before = keypointsOf(state, *body_);
        for (const std::size_t j : {joint::kLowerLegL, joint::kLowerArmL}) {
            state.rotations[j] = expRotation(0.5 * rest_->hinge[j]);
        }
        const auto after = keypointsOf(state, *body_);
        QVERIFY(after[keypoint::kLeftAnkle].z() > before[keypoint::kLeftAnkle].z() + 0.1);
        QVERIFY(after[keypoint::kLeftWrist].z() < before[keypoint::kLeftWrist].z() - 0.05);
    }
};

QTEST_APPLESS_MAIN(PoseObjectiveTest)
#include "pose_objective_test.moc"
