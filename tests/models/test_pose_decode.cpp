#include "models/blazepose/decode.h"
#include "models/blazepose/roi_map.h"

#include <QTest>

#include <numbers>

using namespace body4d;
using namespace body4d::blazepose;

namespace {

struct RawDetections {
    std::vector<float> boxes = std::vector<float>(static_cast<std::size_t>(kAnchorCount) * 12);
    std::vector<float> scores = std::vector<float>(kAnchorCount, -50);
    [[nodiscard]] DetectorTensors tensors() const { return {boxes, scores}; }
    void set(std::size_t anchor, float logit, std::vector<float> values) {
        scores[anchor] = logit;
        std::copy(values.begin(), values.end(), boxes.begin() + static_cast<std::ptrdiff_t>(12 * anchor));
    }
};

struct RawLandmarks {
    std::vector<float> points = std::vector<float>(kNetPoints * 5), presence{0.9F};
    std::vector<float> mask = std::vector<float>(kLandmarkSide * kLandmarkSide, -5.F);
    std::vector<float> heat = std::vector<float>(kHeatMapSide * kHeatMapSide * kNetPoints, -20.F);
    std::vector<float> world = std::vector<float>(kNetPoints * 3);
    [[nodiscard]] LandmarkTensors tensors() const { return {points, presence, mask, heat, world}; }
};

bool close(double a, double b, double tolerance = 1e-6) {
    return std::abs(a - b) <= tolerance;
}

} // namespace

class PoseDecodeTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void anchorsCoverTheGridsInOrder() {
        const auto& a = anchorCentres();
        QCOMPARE(a.size(), std::size_t{2254});
        QVERIFY(close(a.front().x, 0.5 / 28) && close(a.front().y, 0.5 / 28));
        QVERIFY(close(a[1].x, 0.5 / 28) && close(a[2].x, 1.5 / 28)); // two anchors a cell
        QVERIFY(close(a[2 * 28].y, 1.5 / 28));                       // row by row
        QVERIFY(close(a[2 * 28 * 28].x, 0.5 / 14));
        QVERIFY(close(a[2 * 28 * 28 + 2 * 14 * 14].x, 0.5 / 7) &&
                close(a[2 * 28 * 28 + 2 * 14 * 14 + 5].x, 0.5 / 7));
        QVERIFY(close(a.back().x, 6.5 / 7) && close(a.back().y, 6.5 / 7));
    }

    void overlappingDetectionsMergeByScore() {
        RawDetections raw;
        // Two boxes of 40 x 40 around the same place with key points 10 px apart, one box far away.
        raw.set(0, 2.F, {100, 100, 40, 40, 100, 100, 100, 60, 0, 0, 0, 0});
        raw.set(1, 0.F, {104, 100, 40, 40, 110, 100, 110, 60, 0, 0, 0, 0});
        raw.set(2, 1.F, {30, 30, 20, 20, 30, 30, 30, 10, 0, 0, 0, 0});
        const Roi roi{112, 112, 224, 0}; // crop pixels are frame pixels
        const auto found = decodeDetections(raw.tensors(), roi, 0.3);
        QCOMPARE(found.size(), std::size_t{2});
        const double high = 1 / (1 + std::exp(-2.0)), low = 0.5, anchor = 224 * 0.5 / 28;
        QVERIFY(close(found[0].score, high, 1e-6));
        QVERIFY(close(found[0].keyPoints[0].x, anchor + (100 * high + 110 * low) / (high + low), 1e-3));
        QVERIFY(close(found[1].keyPoints[0].x, 30 + 224 * 1.5 / 28, 1e-3));
        QCOMPARE(decodeDetections(raw.tensors(), roi, 0.8).size(), std::size_t{1});
        QVERIFY(decodeDetections(RawDetections().tensors(), roi, 0.3).empty());
    }

    void regionFollowsTheTwoPoints() {
        const Roi upright = roiFromPoints({50, 80}, {50, 40});
        QVERIFY(close(upright.centreX, 50) && close(upright.centreY, 80));
        QVERIFY(close(upright.side, 100) && close(upright.angle, 0, 1e-12));
        const Roi lying = roiFromPoints({50, 80}, {90, 80}); // head to the right: clockwise quarter turn
        QVERIFY(close(lying.angle, std::numbers::pi / 2, 1e-12));
    }

    void heatMapMovesThePointOnlyWhenSure() {
        RawLandmarks raw;
        for (std::size_t k = 0; k < kNetPoints; ++k) {
            raw.points[5 * k] = 100;
            raw.points[5 * k + 1] = 60;
        }
        // Point 0: a peak of equal height on cells (26, 15) and (27, 15). Point 1: a weak one.
        const auto cell = [&](int x, int y, int k) -> float& {
            return raw.heat[static_cast<std::size_t>((y * kHeatMapSide + x) * kNetPoints + k)];
        };
        cell(26, 15, 0) = cell(27, 15, 0) = 3;
        cell(26, 15, 1) = -0.5;
        const auto o = decodeLandmarks(raw.tensors(), Roi{128, 128, 256, 0});
        QVERIFY(close(o.px[0].x, 4 * 26.5, 1e-5) && close(o.px[0].y, 60, 1e-5));
        QVERIFY(close(o.px[1].x, 100, 1e-9) && close(o.px[1].y, 60, 1e-9));
        QVERIFY(close(o.visibility[0], 0.5) && close(o.score, 0.9F));
    }

    void pointsOutsideTheHeatMapStay() {
        RawLandmarks raw;
        raw.points[0] = -30;
        raw.points[1] = 300;
        std::fill(raw.heat.begin(), raw.heat.end(), 5.F);
        const auto o = decodeLandmarks(raw.tensors(), Roi{128, 128, 256, 0});
        QVERIFY(close(o.px[0].x, -30, 1e-9) && close(o.px[0].y, 300, 1e-9));
    }

    void worldPointsTurnWithTheCrop() {
        RawLandmarks raw;
        raw.world = std::vector<float>(kNetPoints * 3, 0.F);
        raw.world[0] = 1; // x of the crop
        raw.world[2] = 0.25;
        const auto o = decodeLandmarks(raw.tensors(), Roi{10, 10, 256, std::numbers::pi / 2});
        QVERIFY(close(o.world[0].x, 0, 1e-6) && close(o.world[0].y, 1, 1e-6) && close(o.world[0].z, 0.25));
    }

    void whatIsSeenInAMirrorIsTurnedBack() {
        RawLandmarks raw;
        raw.points[5 * 11] = 60; // the left shoulder in the mirror
        raw.points[5 * 11 + 1] = 40;
        raw.points[5 * 33] = 100; // the hips
        raw.world[3 * 11] = 0.25F;
        raw.mask.assign(raw.mask.size(), -9.F);
        raw.mask[3 * 256 + 10] = 9;
        const auto o = decodeLandmarks(raw.tensors(), Roi{128, 128, 256, 0}, true);
        QVERIFY(close(o.px[12].x, 256 - 60, 1e-9) && close(o.px[12].y, 40, 1e-9));
        QVERIFY(close(o.px[33].x, 256 - 100, 1e-9));
        QVERIFY(close(o.world[12].x, -0.25, 1e-6));
        QVERIFY(o.mask->at(245, 3) > 200 && o.mask->at(10, 3) < 50);
    }

    void maskIsTheSigmoidWithinHalfALevel() {
        RawLandmarks raw;
        for (std::size_t i = 0; i < raw.mask.size(); ++i) {
            raw.mask[i] = -14.F + 28.F * static_cast<float>(i) / static_cast<float>(raw.mask.size());
        }
        raw.mask[0] = -2000;
        raw.mask[1] = 2000;
        const auto o = decodeLandmarks(raw.tensors(), Roi{128, 128, 256, 0});
        QCOMPARE(int{o.mask->values[0]}, 0);
        QCOMPARE(int{o.mask->values[1]}, 255);
        for (std::size_t i = 2; i < raw.mask.size(); ++i) {
            const double exact = 255 / (1 + std::exp(-double{raw.mask[i]}));
            QVERIFY2(std::abs(o.mask->values[i] - exact) < 0.53, qPrintable(QString::number(raw.mask[i])));
        }
    }

    void pixelCentresShiftByHalfOnlyAtTheBorder() {
        const Roi roi{10.5, 20.5, 100, 0.3};
        QVERIFY(close(toIndexSpace(roi).centreX, 10) &&
                close(fromIndexSpace(toIndexSpace(roi)).centreY, 20.5));
        QVERIFY(close(fromIndexSpace(Vec2{0, 0}).x, 0.5));
    }
};

QTEST_APPLESS_MAIN(PoseDecodeTest)
#include "test_pose_decode.moc"
