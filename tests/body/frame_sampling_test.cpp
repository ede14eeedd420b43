// Bodies on some frames only: which frames are looked at, and what stands between them.
#include "model_data.h"
#include "synthetic_track.h"

#include "body/frame_sampling.h"
#include "pipeline/body_estimator.h"

#include <QTest>

#include <algorithm>
#include <cmath>

using namespace body4d;
using namespace body4d::detail;

namespace {

using Frames = std::vector<std::size_t>;

double worstKeypoint(const BodyTrack& a, const BodyTrack& b) {
    double worst = 0;
    for (std::size_t n = 0; n < a.frames.size(); ++n) {
        for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
            worst = std::max(worst, norm(a.frames[n].keypoints[k] - b.frames[n].keypoints[k]));
        }
    }
    return worst;
}

} // namespace

class FrameSamplingTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void framesAreEvenAndStretchesKeepTheirEnds() {
        const std::vector<std::uint8_t> seen(20, 1);
        QCOMPARE(sampledFrames(seen, {}, 25, 5), (Frames{0, 5, 10, 15, 19}));
        QCOMPARE(sampledFrames(seen, {}, 24, 10),
                 (Frames{0, 3, 5, 8, 10, 12, 15, 17, 19})); // not every Nth: 10 a second
        QCOMPARE(sampledFrames(seen, {}, 25, 0).size(), std::size_t{20});
        QCOMPARE(sampledFrames(seen, {}, 25, 30).size(), std::size_t{20});
        auto gap = seen;
        std::fill(gap.begin() + 7, gap.begin() + 12, std::uint8_t{0});
        QCOMPARE(sampledFrames(gap, {}, 25, 5), (Frames{0, 5, 6, 7, 10, 11, 12, 15, 19}));
        const std::vector<std::size_t> shots{8};
        QCOMPARE(sampledFrames(seen, shots, 25, 5), (Frames{0, 5, 7, 8, 10, 15, 19}));
        QVERIFY(sampledFrames({}, {}, 25, 5).empty());
        QCOMPARE(sampledCount(200, 25, 5), std::int64_t{40});
        QCOMPARE(sampledCount(200, 25, 0), std::int64_t{200});
    }

    void bodiesBetweenAreInterpolated() {
        const auto file = testsupport::annyFile();
        if (file.empty()) {
            QSKIP(testsupport::kNoModelData);
        }
        const auto model = BodyModel::loadAnny(file);
        testsupport::SyntheticOptions wanted;
        wanted.frames = 61;
        const auto clip = testsupport::makeClip(*model, wanted);
        const auto fitted = [&](double perSecond) {
            Options options;
            options.set("fit.silhouette", false);
            options.set("reconstruct.fps", perSecond);
            return makeAnnyEstimator(model, options)
                ->fit(clip.track, {}, clip.width, clip.height, clip.fps, {}, {});
        };
        const auto all = fitted(0), some = fitted(6);
        QCOMPARE(some.frames.size(), all.frames.size());
        QCOMPARE(some.fps, clip.fps);
        for (std::size_t n = 0; n < some.frames.size(); ++n) {
            const auto& frame = some.frames[n];
            QCOMPARE(frame.frame, clip.track.firstFrame + static_cast<std::int64_t>(n));
            QVERIFY(frame.state == FrameState::Visible);
            // Only what was looked at counts as measured.
            QCOMPARE(frame.reprojectionPercent >= 0, n % 5 == 0);
            QVERIFY(all.frames[n].reprojectionPercent >= 0);
            if (n % 5 != 0) {
                const auto& left = some.frames[n - n % 5];
                const auto& right = some.frames[n - n % 5 + 5];
                const double share = static_cast<double>(n % 5) / 5;
                const Vec3 line = (1 - share) * left.pose.translation + share * right.pose.translation;
                QVERIFY(norm(frame.pose.translation - line) < 1e-9);
                // Half-way round the same axis, not past it.
                const EMat3 whole = toEigen(left.pose.rotations[joint::kUpperArmL]).transpose() *
                                    toEigen(right.pose.rotations[joint::kUpperArmL]),
                            part = toEigen(left.pose.rotations[joint::kUpperArmL]).transpose() *
                                   toEigen(frame.pose.rotations[joint::kUpperArmL]);
                QVERIFY((logRotation(part) - share * logRotation(whole)).norm() < 1e-6);
            }
        }
        const double worst = worstKeypoint(all, some);
        QVERIFY2(worst > 0 && worst < 0.06, qPrintable(QString::number(worst)));
    }
};

QTEST_GUILESS_MAIN(FrameSamplingTest)
#include "frame_sampling_test.moc"
