// Hands on real frames: the network and the geometry around it against MediaPipe's own, then whole tracks.
#include "base/safetensors.h"
#include "models/blazepose/crop.h"
#include "models/blazepose/hand_roi.h"
#include "models/blazepose/hand_tracker.h"
#include "models/blazepose/roi_map.h"
#include "models/segmenter.h"
#include "video/video_reader.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>

using namespace body4d;
using namespace body4d::blazepose;

namespace {

constexpr int kCases = 7;

struct Case {
    std::string clip;
    std::int64_t frame = 0;
};

/// From the golden file's list: {"0": "clip.mp4:12", ...}.
Case caseAt(const SafetensorsFile& golden, int index) {
    const std::string& text = golden.metadata().at("cases");
    const std::string key = "\"" + std::to_string(index) + "\": \"";
    const auto at = text.find(key) + key.size();
    const auto colon = text.find(':', at);
    return {text.substr(at, colon - at), std::stoll(text.substr(colon + 1))};
}

std::filesystem::path modelsDir() {
    return qgetenv("BODY4D_MODELS").toStdString();
}
std::filesystem::path clip(const std::string& name) {
    return std::filesystem::path(BODY4D_SHARED_DATA) / "videos" / name;
}

} // namespace

class HandParityTest : public QObject {
    Q_OBJECT
private:
    QTemporaryDir cache_;
    const SafetensorsFile golden_{std::filesystem::path(BODY4D_SOURCE_DIR) /
                                  "tests/data/hand_landmarks.safetensors"};
    std::shared_ptr<PoseNetworks> networks_;

    /// Frames [0, count) of the magician. @param interrupted a new session goes on with the saved state
    /// half-way
    TargetTrack magician(bool hands, int batch, bool interrupted, std::int64_t count) {
        Segmenter::Options options;
        options.hands = hands;
        options.batch = batch;
        options.needMasks = false;
        const auto segmenter = makeBlazePoseSegmenter(modelsDir(), cache_.path().toStdString(), options);
        Prompt prompt;
        prompt.points.push_back({650, 335, true});
        const std::vector<SessionTarget> targets{{1, {prompt}}};
        auto session = segmenter->startSession(targets, 24, Direction::Forward);
        const auto reader = VideoReader::open(clip("cloth_magic.mp4"));
        TargetTrack out;
        const auto take = [&out](const SessionStep& step) {
            for (const auto& item : step.items) {
                out.frames.push_back(item.frame);
            }
        };
        for (std::int64_t i = 0; i < count; ++i) {
            if (interrupted && i == count / 2) {
                const auto state = session->saveState();
                session = segmenter->startSession(targets, 24, Direction::Forward);
                session->restoreState(state);
            }
            take(session->advance(i, reader->read(i), false, {}));
        }
        take(session->finish());
        return out;
    }
    static bool sameHands(const TargetTrack& a, const TargetTrack& b) {
        return std::equal(a.frames.begin(), a.frames.end(), b.frames.begin(), b.frames.end(),
                          [](const TargetFrame& p, const TargetFrame& q) {
                              return std::memcmp(&p.hands, &q.hands, sizeof p.hands) == 0;
                          });
    }

private Q_SLOTS:
    void initTestCase() {
        if (!std::filesystem::exists(modelsDir() / "hand_landmark_full.tflite")) {
            QSKIP("The hand network is not here; packaging/setup.sh puts it in place.");
        }
        if (!std::filesystem::exists(clip("cloth_magic.mp4"))) {
            QSKIP("The clips are not here; they lie beside the checkout in shared/data/videos.");
        }
        networks_ = makeOpenVinoNetworks(modelsDir(), cache_.path().toStdString(), {});
    }

    void networkMatchesMediaPipe_data() {
        QTest::addColumn<int>("index");
        for (int i = 0; i < kCases; ++i) {
            const Case c = caseAt(golden_, i);
            QTest::addRow("%d %s:%d", i, c.clip.c_str(), static_cast<int>(c.frame)) << i;
        }
    }
    void networkMatchesMediaPipe() {
        QFETCH(int, index);
        const auto values = [&](const char* name) {
            return golden_.values<double>(std::to_string(index) + "." + name);
        };
        const Case c = caseAt(golden_, index);
        const ImagePtr frame = VideoReader::open(clip(c.clip))->read(c.frame);
        const auto r = values("roi");
        const Roi roi = fromIndexSpace(Roi{r[0], r[1], r[2], r[3]});
        HandLandmarks hand;
        networks_->hands(
            1, [&](std::size_t, Crop& crop) { sampleCrop(*frame, toIndexSpace(roi), kHandSide, crop); },
            [&](std::size_t, const HandTensors& t) { hand = decodeHand(t, roi, 1); }, {});

        // The two decoders of the video differ by a grey value here and there; a hand in motion reacts most.
        const auto points = values("points"), world = values("world");
        double worst = 0, depth = 0, metres = 0;
        HandPoints own;
        for (std::size_t k = 0; k < hand.points.size(); ++k) {
            const HandLandmark& p = hand.points[k];
            const double x = static_cast<double>(p.px.x) - 0.5, y = static_cast<double>(p.px.y) - 0.5;
            worst = std::max(worst, std::hypot(x - points[3 * k], y - points[3 * k + 1]));
            depth = std::max(depth, std::abs(static_cast<double>(p.px.z) - points[3 * k + 2]));
            metres = std::max({metres, std::abs(static_cast<double>(p.world.x) - world[3 * k]),
                               std::abs(static_cast<double>(p.world.y) - world[3 * k + 1]),
                               std::abs(static_cast<double>(p.world.z) - world[3 * k + 2])});
            own[k] = {points[3 * k], points[3 * k + 1]};
        }
        QVERIFY2(worst < 0.01 * roi.side, qPrintable(QString("2D %1 px of %2").arg(worst).arg(roi.side)));
        QVERIFY2(depth < 0.02 * roi.side, qPrintable(QString("depth %1 px").arg(depth)));
        QVERIFY2(metres < 0.002, qPrintable(QString("3D %1 m").arg(metres)));
        QVERIFY2(std::abs(static_cast<double>(hand.sideScore) - values("right")[0]) < 0.03,
                 qPrintable(QString("right %1, %2").arg(hand.sideScore).arg(values("right")[0])));

        const auto next = values("next_roi");
        const Roi mine = handRoi(own);
        QVERIFY(std::abs(mine.centreX - next[0]) < 0.01 && std::abs(mine.centreY - next[1]) < 0.01);
        QVERIFY(std::abs(mine.side - next[2]) < 0.01 && std::abs(wrapAngle(mine.angle - next[3])) < 1e-4);
    }

    void handsDoNotDependOnBatchesOrInterruptions() {
        const TargetTrack plain = magician(true, 16, false, 24);
        QCOMPARE(plain.frames.size(), std::size_t{24});
        const auto seen = std::count_if(plain.frames.begin(), plain.frames.end(), [](const TargetFrame& f) {
            return f.hands[0].score > 0 || f.hands[1].score > 0;
        });
        QVERIFY2(seen >= 18, qPrintable(QString("hands in %1 of 24 frames").arg(seen)));
        QVERIFY(sameHands(plain, magician(true, 1, false, 24)));
        QVERIFY(sameHands(plain, magician(true, 16, true, 24)));
    }

    void bodiesAreTrackedTheSameWithoutHands() {
        const TargetTrack with = magician(true, 16, false, 8), without = magician(false, 16, false, 8);
        for (std::size_t i = 0; i < with.frames.size(); ++i) {
            for (std::size_t k = 0; k < kPoseLandmarkCount; ++k) {
                const PoseLandmark &a = with.frames[i].pose.points[k], &b = without.frames[i].pose.points[k];
                QVERIFY(norm(a.px - b.px) == 0 && norm(a.world - b.world) == 0);
            }
            QVERIFY(without.frames[i].hands[0].score == 0 && without.frames[i].hands[1].score == 0);
        }
    }
};

QTEST_GUILESS_MAIN(HandParityTest)
#include "test_hand_parity.moc"
