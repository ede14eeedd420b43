#include "model_data.h"

#include "base/safetensors.h"
#include "body/body_model.h"
#include "body/detail/phenotype.h"
#include "body/detail/pose_objective.h"

#include <QTest>

#include <cmath>
#include <numeric>
#include <set>

using namespace body4d;
using namespace body4d::detail;

namespace {

/// Two joints and a strip of vertices that follows one, the other or both.
class StripModel final : public BodyModel {
public:
    StripModel() {
        skin_.perVertex = 2;
        skin_.joint = {0, 0, 0, 1, 1, 0};
        skin_.weight = {1, 0, 0.5F, 0.5F, 1, 0};
        topology_.triangles = {{0, 1, 2}};
    }
    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] const MeshTopology& topology() const override { return topology_; }
    [[nodiscard]] std::span<const BodyJoint> joints() const override { return joints_; }
    [[nodiscard]] const SkinWeights& skin() const override { return skin_; }
    [[nodiscard]] RestBody shaped(const BodyShape&) const override {
        return {{{0, 0, 0}, {1, 0, 0}, {2, 0, 0}}, {{0, 0, 0}, {1, 0, 0}}, 1};
    }

private:
    std::string name_ = "strip";
    std::vector<BodyJoint> joints_{{"root", -1}, {"tip", 0}};
    SkinWeights skin_;
    MeshTopology topology_;
};

BodyShape shapeOf(const double* v) {
    return {v[0], v[1], v[2], v[3], v[4], v[5], 1};
}

} // namespace

class BodyModelTest : public QObject {
    Q_OBJECT
private:
    std::shared_ptr<const BodyModel> model_;

    bool haveModel() {
        if (!model_ && !testsupport::annyFile().empty()) {
            model_ = BodyModel::loadAnny(testsupport::annyFile());
        }
        return model_ != nullptr;
    }

private Q_SLOTS:
    void skinningFollowsTheFormula() {
        const StripModel strip;
        BodyPose pose;
        pose.translation = {10, 20, 30};
        pose.rotations.resize(2);
        pose.rotations[1].m = {0, -1, 0, 1, 0, 0, 0, 0, 1}; // a quarter turn at the tip's joint: x becomes y
        std::vector<Vec3f> v;
        strip.pose(strip.shaped({}), pose, v);
        QCOMPARE(v.size(), std::size_t{3});
        QCOMPARE(v[0].x, 10.F);
        QCOMPARE(v[1].x, 11.F); // on the joint: both agree
        QCOMPARE(v[1].y, 20.F);
        QCOMPARE(v[2].x, 11.F);
        QCOMPARE(v[2].y, 21.F);
        QCOMPARE(v[2].z, 30.F);
        const PosedSkeleton skeleton = strip.skeleton(strip.shaped({}), pose);
        QCOMPARE(skeleton.joints[1].x, 11.0);
        QCOMPARE(skeleton.rotations[1](1, 0), 1.0);
    }

    void normalsPointOutAndHaveUnitLength() {
        // an octahedron, counter-clockwise from outside
        const std::vector<Vec3f> v{{1, 0, 0}, {-1, 0, 0}, {0, 1, 0}, {0, -1, 0},
                                   {0, 0, 1}, {0, 0, -1}, {5, 5, 5}};
        MeshTopology t;
        t.triangles = {{0, 2, 4}, {2, 1, 4}, {1, 3, 4}, {3, 0, 4},
                       {2, 0, 5}, {1, 2, 5}, {3, 1, 5}, {0, 3, 5}};
        std::vector<Vec3f> n;
        computeNormals(v, t, n);
        for (std::size_t i = 0; i < 6; ++i) {
            QVERIFY(std::fabs(n[i].x - v[i].x) + std::fabs(n[i].y - v[i].y) + std::fabs(n[i].z - v[i].z) <
                    1e-6);
        }
        QVERIFY(std::fabs(std::hypot(n[6].x, n[6].y, n[6].z) - 1) < 1e-6); // belongs to no triangle
    }

    void phenotypeInterpolatesBetweenAnchors() {
        BodyShape shape;
        const auto at = [&](std::size_t i) { return phenotypeWeights(shape)[i]; };
        const auto nearly = [](double a, double b) { return std::fabs(a - b) < 1e-12; };
        // columns: 0-2 race, 3-4 gender, 5-9 age, 10-12 muscle, 13-15 weight, 16-17 height, 18-19
        // proportions, ...
        for (std::size_t i = 0; i < 3; ++i) {
            QVERIFY(nearly(at(i), 1.0 / 3));
        }
        shape.age = 2.0 / 3; // an anchor: young only
        QVERIFY(nearly(at(8), 1) && nearly(at(7), 0) && nearly(at(9), 0));
        shape.age = 0.5; // halfway from child to young
        QVERIFY(nearly(at(7), 0.5) && nearly(at(8), 0.5) && nearly(at(6), 0));
        shape.age = 0;
        QVERIFY(nearly(at(6), 1) && nearly(at(5), 0));
        shape.age = 7; // clamped
        QVERIFY(nearly(at(9), 1));
        shape.weight = 0.8;
        QVERIFY(nearly(at(13), 0) && nearly(at(14), 0.4) && nearly(at(15), 0.6));
        shape.gender = 0.25;
        QVERIFY(nearly(at(3), 0.75) && nearly(at(4), 0.25));
        QVERIFY(nearly(at(21), 1) && nearly(at(24), 1)); // averages of what has no slider
        // every axis adds up to one
        const auto w = phenotypeWeights(shape);
        const double total = std::accumulate(w.begin(), w.end(), 0.0);
        QVERIFY(nearly(total, 9));
    }

    void coefficientsAreMaskedProductsTimesProjection() {
        // two shapes: male * young, and muscle max * weight max; projection 2 x 3
        std::vector<std::uint8_t> mask(2 * kPhenotypeColumns, 0);
        mask[3] = mask[8] = 1;
        mask[kPhenotypeColumns + 12] = mask[kPhenotypeColumns + 15] = 1;
        const std::vector<float> projection{1, 2, 0, 0, 1, 4};
        BodyShape shape;
        shape.gender = 0.25;
        shape.age = 0.5;
        shape.muscle = 0.75;
        shape.weight = 1;
        const auto c = shapeCoefficients(shape, mask, projection, 3);
        const double a = 0.75 * 0.5, b = 0.5 * 1;
        QVERIFY(std::fabs(c[0] - a) < 1e-12 && std::fabs(c[1] - (2 * a + b)) < 1e-12 &&
                std::fabs(c[2] - 4 * b) < 1e-12);
    }

    void missingAndDamagedFilesAreNamed() {
        try {
            (void)BodyModel::loadAnny("/nowhere/anny.safetensors");
            QFAIL("no error");
        } catch (const Error& e) {
            QCOMPARE(e.code(), ErrorCode::MissingModel);
            QVERIFY(!e.remedy().empty());
        }
        QVERIFY_THROWS_EXCEPTION(
            Error,
            (void)BodyModel::loadAnny(QFINDTESTDATA("../data/anny_reference.safetensors").toStdString()));
    }

    void equalsThePackage() {
        if (!haveModel()) {
            QSKIP(testsupport::kNoModelData);
        }
        const SafetensorsFile reference(QFINDTESTDATA("../data/anny_reference.safetensors").toStdString());
        const auto shapes = reference.values<double>("shapes"), joints = reference.values<double>("joints"),
                   rest = reference.values<double>("rest"), posed = reference.values<double>("posed"),
                   keypoints = reference.values<double>("keypoints"),
                   rotations = reference.values<double>("rotations"),
                   translation = reference.values<double>("translation");
        const auto index = reference.values<std::int32_t>("vertex_index");
        BodyPose pose;
        pose.translation = {translation[0], translation[1], translation[2]};
        pose.rotations.resize(model_->joints().size());
        PoseState state;
        for (std::size_t j = 0; j < kFitJoints; ++j) {
            std::copy_n(rotations.begin() + static_cast<std::ptrdiff_t>(9 * j), 9,
                        pose.rotations[j].m.begin());
            state.rotations[j] = toEigen(pose.rotations[j]);
        }
        state.translation = toEigen(pose.translation);
        double worstJoint = 0, worstRest = 0, worstPosed = 0, worstKeypoint = 0;
        const auto distance = [](auto a, const double* b) {
            return std::sqrt(std::pow(double(a.x) - b[0], 2) + std::pow(double(a.y) - b[1], 2) +
                             std::pow(double(a.z) - b[2], 2));
        };
        for (std::size_t s = 0; s < shapes.size() / 6; ++s) {
            const BodyShape shape = shapeOf(&shapes[6 * s]);
            const RestBody body = model_->shaped(shape);
            std::vector<Vec3f> vertices;
            model_->pose(body, pose, vertices);
            for (std::size_t j = 0; j < kFitJoints; ++j) {
                worstJoint =
                    std::max(worstJoint, distance(body.joints[j], &joints[3 * (s * kFitJoints + j)]));
            }
            for (std::size_t i = 0; i < index.size(); ++i) {
                const auto v = static_cast<std::size_t>(index[i]);
                worstRest =
                    std::max(worstRest, distance(body.vertices[v], &rest[3 * (s * index.size() + i)]));
                worstPosed = std::max(worstPosed, distance(vertices[v], &posed[3 * (s * index.size() + i)]));
            }
            const FitBody fit = asAnny(*model_).fitBody(shape);
            const auto points = keypointsOf(state, fit);
            for (std::size_t k = 0; k < points.size(); ++k) {
                worstKeypoint = std::max(
                    worstKeypoint, distance(fromEigen(points[k]), &keypoints[3 * (s * points.size() + k)]));
            }
        }
        qInfo("worst: joints %.2g m, rest %.2g m, posed %.2g m, keypoints %.2g m", worstJoint, worstRest,
              worstPosed, worstKeypoint);
        QVERIFY(worstJoint < 2e-6);
        QVERIFY(worstRest < 5e-6);
        QVERIFY(worstPosed < 1e-5);
        QVERIFY(worstKeypoint < 3e-3); // joints with little of a point's mass are merged
    }

    void heightsFollowAge() {
        if (!haveModel()) {
            QSKIP(testsupport::kNoModelData);
        }
        // heights of the package for all other phenotypes at 0.5
        for (const auto& [age, height] :
             {std::pair{0.0, 0.66}, {0.1, 0.89}, {0.2, 1.11}, {1.0 / 3, 1.41}, {2.0 / 3, 1.84}}) {
            BodyShape shape;
            shape.height = 0.5;
            shape.age = age;
            QVERIFY2(std::fabs(model_->shaped(shape).heightMetres - height) < 0.011,
                     qPrintable(QString::number(age)));
        }
        BodyShape scaled;
        scaled.scale = 1.1;
        QVERIFY(std::fabs(model_->shaped(scaled).heightMetres / model_->shaped({}).heightMetres - 1.1) <
                1e-5);
    }

    void tablesAreSound() {
        if (!haveModel()) {
            QSKIP(testsupport::kNoModelData);
        }
        const RestBody rest = model_->shaped({});
        const std::size_t count = rest.vertices.size();
        const SkinWeights& skin = model_->skin();
        QCOMPARE(model_->joints().size(), joint::kCount);
        QCOMPARE(model_->joints()[0].parent, -1);
        for (std::size_t j = 1; j < joint::kCount; ++j) {
            QVERIFY(model_->joints()[j].parent < static_cast<int>(j));
        }
        QVERIFY(skin.perVertex <= 6);
        const auto width = static_cast<std::size_t>(skin.perVertex);
        QCOMPARE(skin.weight.size(), count * width);
        for (std::size_t v = 0; v < count; ++v) {
            double sum = 0;
            for (std::size_t k = 0; k < width; ++k) {
                sum += double(skin.weight[v * width + k]);
                QVERIFY(skin.joint[v * width + k] < joint::kCount);
                QVERIFY(k == 0 || skin.weight[v * width + k] <= skin.weight[v * width + k - 1]);
            }
            QVERIFY(std::fabs(sum - 1) < 1e-5);
        }
        const MeshTopology& topology = model_->topology();
        QCOMPARE(topology.region.size(), count);
        QCOMPARE(topology.triangleRegion.size(), topology.triangles.size());
        QCOMPARE(topology.triangleUv.size(), topology.triangles.size());
        QCOMPARE(
            std::set<std::uint8_t>(topology.triangleRegion.begin(), topology.triangleRegion.end()).size(),
            std::size_t{6});

        // outside is outside: the volume enclosed is positive and that of a person
        double volume = 0;
        for (const auto& [ia, ib, ic] : topology.triangles) {
            const Vec3f &a = rest.vertices[ia], &b = rest.vertices[ib], &c = rest.vertices[ic];
            volume += (double(a.x) * (double(b.y) * c.z - double(b.z) * c.y) +
                       double(a.y) * (double(b.z) * c.x - double(b.x) * c.z) +
                       double(a.z) * (double(b.x) * c.y - double(b.y) * c.x)) /
                      6;
        }
        QVERIFY2(volume > 0.04 && volume < 0.12, qPrintable(QString::number(volume)));

        // faces the camera (-z), its left on the camera's right (+x), head up (-y)
        const FitBody fit = asAnny(*model_).fitBody({});
        QVERIFY(fit.restKeypoints[keypoint::kNose].z() < fit.joints[joint::kHead].z());
        QVERIFY(fit.restKeypoints[keypoint::kLeftWrist].x() > 0.2);
        QVERIFY(fit.restKeypoints[keypoint::kRightWrist].x() < -0.2);
        QVERIFY(fit.restKeypoints[keypoint::kNose].y() < fit.restKeypoints[keypoint::kLeftHip].y() - 0.5);
        for (const CarriedPoint& point : fit.keypoints) {
            double mass = 0;
            for (const auto& part : point.parts) {
                mass += part.mass;
            }
            QVERIFY(std::fabs(mass - 1) < 1e-9);
        }
    }
};

QTEST_APPLESS_MAIN(BodyModelTest)
#include "body_model_test.moc"
