#include "live_bytes.h"
#include "model_data.h"
#include "synthetic_track.h"

#include "base/error.h"
#include "body/body_fitter.h"
#include "body/body_metrics.h"
#include "body/detail/convert.h"
#include "body/detail/hidden_runs.h"
#include "body/detail/leg_sides.h"
#include "body/detail/shape_search.h"

#include <QTest>

#include <cmath>
#include <iterator>

using namespace body4d;
using namespace body4d::detail;
using testsupport::makeClip;
using testsupport::SyntheticClip;
using testsupport::SyntheticOptions;

namespace {

double worstDistance(const BodyTrack& a, const BodyTrack& b) {
    double worst = 0;
    for (std::size_t n = 0; n < a.frames.size(); ++n) {
        for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
            worst = std::max(worst, norm(a.frames[n].keypoints[k] - b.frames[n].keypoints[k]));
        }
    }
    return worst;
}

/// Mean distance of the keypoints to the truth, relative to the hip so that depth does not count, metres.
double meanPoseError(const BodyTrack& fitted, const SyntheticClip& clip, const BodyModel& model) {
    const FitBody body = asAnny(model).fitBody(clip.shape);
    double sum = 0;
    for (std::size_t n = 0; n < clip.truth.size(); ++n) {
        const auto x = keypointsOf(clip.truth[n], body);
        for (std::size_t k = 0; k < x.size(); ++k) {
            const Vec3 truth = fromEigen(EVec3(x[k] - x[keypoint::kLeftHip]));
            const Vec3 got = fitted.frames[n].keypoints[k] - fitted.frames[n].keypoints[keypoint::kLeftHip];
            sum += norm(got - truth);
        }
    }
    return sum / static_cast<double>(clip.truth.size() * kBodyKeypointCount);
}

} // namespace

class BodyFitterTest : public QObject {
    Q_OBJECT
private:
    std::shared_ptr<const BodyModel> model_;

    BodyTrack fit(const SyntheticClip& clip, BodyFitOptions options = {}, PersonTraits traits = {}) {
        return BodyFitter(model_, options).fit(clip.track, traits, clip.width, clip.height, clip.fps, {}, {});
    }

    BodyTrack fitPieces(const SyntheticClip& clip, const BodyFitOptions& options, std::size_t& parts) {
        const auto& frames = clip.track.frames;
        const TrackSource source{clip.track.id, clip.track.firstFrame, frames.size(), [&](std::size_t begin, std::size_t end) {
                                     return std::vector(frames.begin() + static_cast<std::ptrdiff_t>(begin),
                                                        frames.begin() + static_cast<std::ptrdiff_t>(end));
                                 }};
        std::vector<BodyFrame> all;
        parts = 0;
        BodyTrack out = BodyFitter(model_, options).fitPieces(source, {}, clip.width, clip.height, clip.fps, {}, {},
                                                              [&](std::vector<BodyFrame>&& piece) {
                                                                  ++parts;
                                                                  std::move(piece.begin(), piece.end(), std::back_inserter(all));
                                                              });
        out.frames = std::move(all);
        return out;
    }

private Q_SLOTS:
    void initTestCase() {
        const auto file = testsupport::annyFile();
        if (file.empty()) {
            QSKIP(testsupport::kNoModelData);
        }
        model_ = BodyModel::loadAnny(file);
    }

    void recoversAKnownMotion() {
        SyntheticOptions options;
        const SyntheticClip clip = makeClip(*model_, options);
        BodyFitOptions exact;
        exact.silhouette = false;
        exact.smoothing = {0.05, 0.05, 0.05, 0.05, 0.05};
        const BodyTrack body = fit(clip, exact);
        QCOMPARE(body.frames.size(), clip.truth.size());
        QCOMPARE(body.firstFrame, std::int64_t{100});
        QCOMPARE(body.frames[5].frame, std::int64_t{105});
        QCOMPARE(body.id, 3);
        const double error = meanPoseError(body, clip, *model_);
        QVERIFY2(error < 0.02, qPrintable(QString::number(error)));
        const BodyMetrics metrics = measureBody(body, clip.track);
        QVERIFY2(metrics.reprojectionPercent >= 0 && metrics.reprojectionPercent < 0.6,
                 qPrintable(QString::number(metrics.reprojectionPercent)));
        QCOMPARE(metrics.tracked, std::int64_t{60});
    }

    void previewIsCloseAndCheap() {
        const SyntheticClip clip = makeClip(*model_, {});
        const BodyFitter fitter(model_, {});
        const Intrinsics camera = intrinsicsFromFov(clip.width, clip.height, 0.9599310885968813);
        BodyTrack previews;
        for (const TargetFrame& frame : clip.track.frames) {
            previews.frames.push_back(fitter.preview(frame, camera, clip.shape));
            QVERIFY(previews.frames.back().reprojectionPercent >= 0);
            QVERIFY(previews.frames.back().reprojectionPercent < 6);
        }
        const double error = meanPoseError(previews, clip, *model_);
        QVERIFY2(error < 0.08, qPrintable(QString::number(error)));
        TargetFrame absent;
        QCOMPARE(fitter.preview(absent, camera, clip.shape).state, FrameState::Absent);
    }

    void windowsEqualTheWholeTrack() {
        SyntheticOptions options;
        options.frames = 260;
        options.noisePx = 2;
        options.noiseMetres = 0.02;
        SyntheticClip clip = makeClip(*model_, options);
        testsupport::hide(clip, 90, 120); // influence reaches farthest where nothing is seen
        BodyFitOptions whole, windows;
        whole.silhouette = windows.silhouette = false;
        whole.windowFrames = 100000;
        windows.windowFrames = 64;
        const double difference = worstDistance(fit(clip, whole), fit(clip, windows));
        qInfo("%.3g mm", 1000 * difference);
        QVERIFY2(difference < 1e-3, qPrintable(QString("%1 mm").arg(1000 * difference)));
        QVERIFY(difference > 0); // windows were really used
    }

    void windowsEqualTheWholeTrackWithOutlines() {
        SyntheticOptions options;
        options.frames = 100;
        options.noisePx = 1;
        options.noiseMetres = 0.01;
        options.masks = true;
        const SyntheticClip clip = makeClip(*model_, options);
        PersonTraits traits;
        traits.build = 0.6; // not the true one, so that the outlines pull
        BodyFitOptions whole, windows;
        whole.windowFrames = 100000;
        windows.windowFrames = 30;
        const double difference = worstDistance(fit(clip, whole, traits), fit(clip, windows, traits));
        qInfo("%.3g mm", 1000 * difference);
        QVERIFY2(difference < 1e-3, qPrintable(QString("%1 mm").arg(1000 * difference)));
    }

    void piecesEqualTheWholeTrack() {
        SyntheticOptions options;
        options.frames = 900;
        options.noisePx = 1.5;
        options.noiseMetres = 0.015;
        options.masks = true;
        SyntheticClip clip = makeClip(*model_, options);
        testsupport::hide(clip, 440, 470); // about where a piece ends
        testsupport::hide(clip, 700, 790); // ends a chain
        BodyFitOptions whole, pieces;
        whole.pieceFrames = 100000;
        pieces.pieceFrames = 300;
        whole.longFrames = pieces.longFrames = 500;
        for (const bool outlines : {false, true}) {
            whole.silhouette = pieces.silhouette = outlines;
            const BodyTrack expected = fit(clip, whole);
            std::size_t parts = 0;
            const BodyTrack got = fitPieces(clip, pieces, parts);
            QVERIFY(parts > 1);
            const double difference = worstDistance(expected, got);
            qInfo("%.3g mm", 1000 * difference);
            QVERIFY2(difference < 1e-3, qPrintable(QString("%1 mm").arg(1000 * difference)));
            QVERIFY(std::abs(got.acceleration / expected.acceleration - 1) < 1e-3);
            QVERIFY(std::abs(got.accelerationRaw / expected.accelerationRaw - 1) < 1e-12);
            for (std::size_t n = 0; n < expected.frames.size(); ++n) {
                QCOMPARE(got.frames[n].frame, expected.frames[n].frame);
                QCOMPARE(got.frames[n].state, expected.frames[n].state);
                QVERIFY(std::abs(got.frames[n].reprojectionPercent - expected.frames[n].reprojectionPercent) < 0.02F);
            }
        }
        // What fits into one piece is the same to the last bit.
        std::size_t parts = 0;
        const BodyTrack one = fitPieces(clip, whole, parts);
        QCOMPARE(parts, std::size_t{1});
        QCOMPARE(worstDistance(one, fit(clip, whole)), 0.0);
    }

    void memoryDoesNotGrowWithTheTrack() {
        SyntheticOptions synthetic;
        synthetic.frames = 50;
        synthetic.masks = true;
        SyntheticClip clip = makeClip(*model_, synthetic);
        for (std::size_t n = 0; n < clip.track.frames.size(); ++n) {
            if (n % 4 != 0) {
                clip.track.frames[n].mask = {}; // a few tell as much
            }
        }
        BodyFitOptions options;
        options.pieceFrames = 100;
        const BodyFitter fitter(model_, options);
        PersonTraits traits;
        traits.build = 0.5;
        constexpr double kRate = 10; // few frames around a piece have a say
        const auto peak = [&](std::size_t frames) {
            const TrackSource source{1, 0, frames, [&](std::size_t begin, std::size_t end) {
                                         std::vector<TargetFrame> out;
                                         for (std::size_t n = begin; n < end; ++n) {
                                             const std::size_t lap = n % 100; // there and back
                                             out.push_back(clip.track.frames[lap < 50 ? lap : 99 - lap]);
                                             out.back().frame = static_cast<std::int64_t>(n);
                                         }
                                         return out;
                                     }};
            std::size_t given = 0;
            const std::size_t bytes = test::peakOf([&] {
                (void)fitter.fitPieces(source, traits, clip.width, clip.height, kRate, {}, {},
                                       [&](std::vector<BodyFrame>&& piece) { given += piece.size(); });
            });
            return given == frames ? bytes : 0;
        };
        const std::size_t small = peak(500), large = peak(1000);
        QVERIFY(small > 0 && large > 0);
        const double perFrame = (static_cast<double>(large) - static_cast<double>(small)) / 500;
        qInfo("%.1f MiB, then %.0f bytes a frame", static_cast<double>(small) / (1 << 20), perFrame);
        QVERIFY2(perFrame < 500, qPrintable(QString("%1 bytes a frame").arg(perFrame)));
    }

    void smoothingCalmsNoise() {
        SyntheticOptions options;
        options.noisePx = 2;
        options.noiseMetres = 0.03;
        const SyntheticClip clip = makeClip(*model_, options);
        BodyFitOptions none, usual, strong;
        none.silhouette = usual.silhouette = strong.silhouette = false;
        none.smoothing = {0, 0, 0, 0, 0};
        strong.smoothing = {4, 4, 4, 4, 4};
        const BodyTrack a = fit(clip, none), b = fit(clip, usual), c = fit(clip, strong);
        QVERIFY(a.acceleration > 1.2 * b.acceleration);
        QVERIFY(b.acceleration > 1.2 * c.acceleration);
        QVERIFY(b.accelerationRaw > b.acceleration);
        BodyTrack raw = b; // the poses as they are without their neighbours
        const FitBody body = asAnny(*model_).fitBody(b.shape);
        for (BodyFrame& frame : raw.frames) {
            const auto x = keypointsOf(toPoseState(frame.rawPose), body);
            for (std::size_t k = 0; k < x.size(); ++k) {
                frame.keypoints[k] = fromEigen(x[k]);
            }
        }
        QVERIFY(keypointAcceleration(raw) > 1.2 * b.acceleration);
        QVERIFY(meanPoseError(b, clip, *model_) < 0.04);
    }

    void gapsAreBridgedAndStayMarked() {
        SyntheticOptions options;
        options.frames = 220;
        SyntheticClip clip = makeClip(*model_, options);
        testsupport::hide(clip, 0, 5);
        testsupport::hide(clip, 20, 30);
        testsupport::hide(clip, 60, 160); // longer than chains hold together
        BodyFitOptions plain;
        plain.silhouette = false;
        const BodyTrack body = fit(clip, plain);
        for (const std::size_t n : {std::size_t{2}, std::size_t{25}, std::size_t{100}}) {
            QCOMPARE(body.frames[n].state, FrameState::Absent);
            QVERIFY(body.frames[n].reprojectionPercent < 0);
            QVERIFY(body.frames[n].silhouetteIou < 0);
        }
        double largestStep = 0;
        for (std::size_t n = 1; n < body.frames.size(); ++n) {
            for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
                const Vec3 step = body.frames[n].keypoints[k] - body.frames[n - 1].keypoints[k];
                QVERIFY(std::isfinite(norm(step)));
                largestStep = std::max(largestStep, norm(step));
            }
        }
        QVERIFY2(largestStep < 0.06, qPrintable(QString::number(largestStep)));
    }

    void motionIsNotSmoothedOverACut() {
        SyntheticOptions options;
        options.frames = 40;
        SyntheticClip clip = makeClip(*model_, options);
        BodyFitOptions plain;
        plain.silhouette = false;
        // the same person, standing elsewhere in the picture
        for (std::size_t n = 20; n < 40; ++n) {
            TargetFrame& frame = clip.track.frames[n];
            frame.afterCut = true;
            frame.pose.roi.centreX -= 150;
            for (PoseLandmark& p : frame.pose.points) {
                p.px.x -= 150;
            }
        }
        const BodyTrack cut = fit(clip, plain);
        for (TargetFrame& frame : clip.track.frames) {
            frame.afterCut = false;
        }
        const BodyTrack joined = fit(clip, plain);
        const auto error = [&](const BodyTrack& body, std::size_t n) {
            return body.frames[n].reprojectionPercent;
        };
        QVERIFY2(error(cut, 19) < 1 && error(cut, 20) < 1, qPrintable(QString::number(error(cut, 20))));
        QVERIFY(error(joined, 19) > 3 * error(cut, 19)); // without the mark the jump is smeared
    }

    void trackWithoutLandmarksGivesAbsentFrames() {
        SyntheticClip clip = makeClip(*model_, {});
        testsupport::hide(clip, 0, clip.track.frames.size());
        const BodyTrack body = fit(clip);
        QCOMPARE(body.frames.size(), clip.truth.size());
        for (const BodyFrame& frame : body.frames) {
            QCOMPARE(frame.state, FrameState::Absent);
            QCOMPARE(frame.pose.rotations.size(), model_->joints().size());
        }
        clip.track.frames.clear();
        QVERIFY(fit(clip).frames.empty());
    }

    void singleFrameFits() {
        SyntheticOptions options;
        options.frames = 1;
        options.masks = true;
        const SyntheticClip clip = makeClip(*model_, options);
        const BodyTrack body = fit(clip);
        QCOMPARE(body.frames.size(), std::size_t{1});
        QVERIFY(body.frames[0].silhouetteIou > 0.75F);
        QCOMPARE(body.acceleration, 0.0);
    }

    void silhouetteTermCorrectsLandmarks() {
        SyntheticOptions options;
        options.masks = true;
        options.frames = 30;
        SyntheticClip clip = makeClip(*model_, options);
        for (TargetFrame& frame :
             clip.track.frames) { // a wrist and an elbow that the network puts 12 pixels too high
            for (const std::size_t k : {keypoint::kLeftWrist, keypoint::kLeftElbow}) {
                frame.pose.points[static_cast<std::size_t>(kBodyKeypoints[k].poseLandmark)].px.y -= 12;
            }
        }
        PersonTraits traits;
        traits.build = 0.5; // the true one: only poses differ
        BodyFitOptions with, without;
        without.silhouette = false;
        const BodyTrack a = fit(clip, with, traits), b = fit(clip, without, traits);
        QVERIFY(measureBody(a, clip.track).silhouetteIou > measureBody(b, clip.track).silhouetteIou + 0.005);
        QVERIFY(meanPoseError(a, clip, *model_) < meanPoseError(b, clip, *model_));
    }

    /// Behind a table the network invents legs, drawn up beside the trunk, and is half sure of them.
    void legsBehindATableStand() {
        SyntheticOptions options;
        options.masks = true;
        options.frames = 75;
        SyntheticClip clip = makeClip(*model_, options);
        for (TargetFrame& frame : clip.track.frames) {
            auto& points = frame.pose.points;
            const PoseLandmark &left = points[23], &right = points[24];
            Mask mask = decodeRle(frame.mask);
            for (int y = static_cast<int>(std::max(left.px.y, right.px.y)) + 5; y < mask.height; ++y) {
                std::fill(mask.row(y), mask.row(y) + mask.width, std::uint8_t{0});
            }
            frame.mask = encodeRle(mask);
            for (std::size_t p = 25; p < points.size(); ++p) {
                const PoseLandmark& hip = p % 2 == 1 ? left : right;
                const bool knee = p < 27;
                points[p].px =
                    hip.px + Vec2{0.25 * frame.pose.roi.side, knee ? 0.0 : 0.15 * frame.pose.roi.side};
                points[p].world = hip.world + Vec3{0.42, knee ? 0.0 : 0.4, 0};
                points[p].visibility = knee ? 0.6F : 0.2F;
            }
        }
        const auto kneesBelowHips = [](const BodyTrack& body) { // metres
            double least = 1e9;
            for (const BodyFrame& f : body.frames) {
                const double hip =
                    std::max(f.keypoints[keypoint::kLeftHip].y, f.keypoints[keypoint::kRightHip].y);
                least = std::min({least, f.keypoints[keypoint::kLeftKnee].y - hip,
                                  f.keypoints[keypoint::kRightKnee].y - hip});
            }
            return least;
        };
        const double behind = kneesBelowHips(fit(clip));
        QVERIFY2(behind > 0.3, qPrintable(QString::number(behind)));
        // The same points are believed where no mask says that something hides them.
        for (TargetFrame& frame : clip.track.frames) {
            frame.mask = {};
        }
        const double unmasked = kneesBelowHips(fit(clip));
        QVERIFY2(unmasked < 0.2, qPrintable(QString::number(unmasked)));
    }

    /// From the side the network takes one leg for the other in single frames and for a while.
    void legsThatChangeSidesAreChangedBack() {
        SyntheticOptions options;
        options.frames = 60;
        SyntheticClip clip = makeClip(*model_, options);
        const BodyTrack undisturbed = fit(clip);
        const auto found = [&] { return exchangedLegs(clip.track.frames, clip.fps); };
        QCOMPARE(found(), std::vector<std::uint8_t>(options.frames, 0));
        std::vector<std::uint8_t> wrong(options.frames, 0);
        for (const std::size_t n : {12U, 14U, 15U, 30U, 31U, 32U, 33U, 34U, 35U, 36U, 50U}) {
            wrong[n] = 1;
            auto& points = clip.track.frames[n].pose.points;
            for (std::size_t p = kFirstLegPoint; p < kLastLegPoint; p += 2) {
                std::swap(points[p], points[onOtherLeg(p)]);
            }
        }
        QCOMPARE(found(), wrong);
        QVERIFY(worstDistance(fit(clip), undisturbed) < 1e-6);
    }

    /// The rims of a gap must not slow down because nothing pulls from the other side.
    void whoGoesOutOfSightKeepsTheirSpeed() {
        SyntheticOptions options;
        options.frames = 80;
        SyntheticClip clip = makeClip(*model_, options);
        constexpr std::size_t kBegin = 15, kEnd = 35; // begins and ends in a fast step to the side
        for (std::size_t n = 0; n < clip.track.frames.size(); ++n) { // makes it faster than makeClip does
            const double by = 9.0 * static_cast<double>(n);
            clip.track.frames[n].pose.roi.centreX += by;
            for (PoseLandmark& p : clip.track.frames[n].pose.points) {
                p.px.x += by;
            }
        }
        clip.width = 1600;
        std::vector<FrameEvidence> evidence(clip.track.frames.size());
        std::vector<LimbFlags> limbs(evidence.size());
        for (std::size_t n = 0; n < evidence.size(); ++n) {
            evidence[n].measured = true;
            evidence[n].hidden = n >= kBegin && n < kEnd;
            limbs[n].fill(!evidence[n].hidden);
        }
        const TargetTrack whole = clip.track, cleaned = withoutHidden(whole, evidence, limbs);
        QVERIFY(cleaned.frames[kBegin].pose.score > cleaned.frames[kBegin + 3].pose.score);
        QCOMPARE(cleaned.frames[(kBegin + kEnd) / 2].pose.score, 0.F);
        const auto rimError = [&](const BodyTrack& body) { // pixels across the picture, of the hips
            double sum = 0;
            for (const std::size_t n : {kBegin - 1, kEnd}) {
                for (const std::size_t k : {keypoint::kLeftHip, keypoint::kRightHip}) {
                    const Vec2 drawn = project(body.camera, body.frames[n].keypoints[k]);
                    sum += std::abs(drawn.x -
                                    whole.frames[n]
                                        .pose.points[static_cast<std::size_t>(kBodyKeypoints[k].poseLandmark)]
                                        .px.x);
                }
            }
            return sum / 4;
        };
        clip.track = cleaned;
        const double kept = rimError(fit(clip));
        clip.track = whole;
        hide(clip, kBegin, kEnd);
        const double slowed = rimError(fit(clip));
        QVERIFY2(kept < 0.7 * slowed, qPrintable(QString("%1 against %2 px").arg(kept).arg(slowed)));
    }

    void silhouetteFindsTheBuild() {
        SyntheticOptions options;
        options.masks = true;
        options.frames = 40;
        const SyntheticClip slim = makeClip(*model_, options); // weight 0.5
        const BodyTrack body = fit(slim);
        QVERIFY2(std::fabs(body.shape.weight - 0.5) < 0.21, qPrintable(QString::number(body.shape.weight)));
        const BodyMetrics metrics = measureBody(body, slim.track);
        QVERIFY2(metrics.silhouetteIou > 0.88, qPrintable(QString::number(metrics.silhouetteIou)));
    }

    void traitsAreObeyed() {
        const AnnyModel& anny = asAnny(*model_);
        for (const double height : {1.45, 1.6, 1.75, 1.95, 2.2}) {
            PersonTraits traits;
            traits.heightMetres = height;
            const BodyShape shape = shapeFromTraits(anny, traits);
            QVERIFY(std::fabs(model_->shaped(shape).heightMetres - height) < 0.005);
        }
        PersonTraits young;
        young.age = 0.2;
        young.build = 0.3;
        young.gender = 0.8;
        const BodyShape shape = shapeFromTraits(anny, young);
        QCOMPARE(shape.age, 0.2);
        QCOMPARE(shape.weight, 0.3);
        QCOMPARE(shape.gender, 0.8);

        // a person said to be larger stands farther away, looking the same
        const SyntheticClip clip = makeClip(*model_, {});
        PersonTraits tall;
        tall.heightMetres = 2.0;
        PersonTraits small;
        small.heightMetres = 1.5;
        BodyFitOptions plain;
        plain.silhouette = false;
        const BodyTrack far = fit(clip, plain, tall), near = fit(clip, plain, small);
        const double ratio = far.frames[30].pose.translation.z / near.frames[30].pose.translation.z;
        QVERIFY2(std::fabs(ratio - 2.0 / 1.5) < 0.06, qPrintable(QString::number(ratio)));
    }

    void cancelEndsTheFit() {
        const SyntheticClip clip = makeClip(*model_, {});
        std::stop_source source;
        source.request_stop();
        QVERIFY_THROWS_EXCEPTION(
            Cancelled, (void)BodyFitter(model_, {})
                           .fit(clip.track, {}, clip.width, clip.height, clip.fps, source.get_token(), {}));
    }

    void sameInputGivesTheSameResult() {
        SyntheticOptions options;
        options.masks = true;
        options.noisePx = 1;
        const SyntheticClip clip = makeClip(*model_, options);
        QCOMPARE(worstDistance(fit(clip), fit(clip)), 0.0);
    }
};

QTEST_APPLESS_MAIN(BodyFitterTest)
#include "body_fitter_test.moc"
