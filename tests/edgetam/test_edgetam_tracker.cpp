// EdgeTAM's tracker against sessions of the official one (facebookresearch/EdgeTAM) with equal weights, on
// frames of a real video: logits, scores, and which frames were looked back at.
#include "tiny_edgetam.h"

#include "../sam3/tracker_goldens.h"

#include "models/sam3/mask_bits.h"
#include "models/sam3/segmenter.h"
#include "models/sam3/session.h"

#include <QtTest>
#include <c10/core/InferenceMode.h>

using namespace body4d;
using namespace body4d::edgetam;
using namespace body4d::edgetam::testing;
using sam3::PointLabel;
using sam3::Tracker;
using sam3::testing::at168;

class EdgetamTrackerTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void oneObject();
    void threeObjects();
    void lateClickAndBox();
    void correction();
    void backwards();
    void drawnMask();
    void absentObject();
    void everyPromptedFrameIsRemembered();
    void sessionOfTheEngine();
    void cleanupTestCase() { qInfo("largest relative error: %.2g", goldens_.worst()); }

private:
    const sam3::Features& features(int frame) { return clip_.features(frame); }
    void follow(const std::string& session, Tracker& tracker, int id, int begin, int end) {
        goldens_.follow(session, tracker, id, begin, end,
                        [this](int t) -> const sam3::Features& { return features(t); });
    }

    c10::InferenceMode inference_;
    sam3::testing::TrackerGoldens goldens_{BODY4D_SOURCE_DIR "/tests/data/edgetam/tracker.safetensors", 0.02};
    Network network_ = tinyNetwork();
    EncodedClip clip_{network_};
};

void EdgetamTrackerTest::oneObject() {
    Tracker tracker(network_, clipOptions());
    const auto got = tracker.prompt(1, 0, features(0), {at168(84, 84)});
    goldens_.compare("click", goldens_.tensor("click")[0][0], got);
    tracker.commit(0, features(0));
    follow("one", tracker, 1, 0, kFrames);
}

void EdgetamTrackerTest::threeObjects() {
    Tracker tracker(network_, clipOptions());
    tracker.prompt(1, 0, features(0), {at168(84, 84)});
    tracker.prompt(2, 0, features(0), {at168(30, 40)});
    tracker.prompt(3, 0, features(0), {at168(120, 140)});
    tracker.commit(0, features(0));
    follow("three", tracker, 2, 0, 3);
}

void EdgetamTrackerTest::lateClickAndBox() {
    Tracker late(network_, clipOptions());
    late.prompt(2, 2, features(2), {at168(30, 40)});
    late.commit(2, features(2));
    follow("late", late, 2, 2, kFrames);
    Tracker box(network_, clipOptions());
    box.prompt(3, 1, features(1),
               {at168(60, 50, PointLabel::BoxTopLeft), at168(130, 120, PointLabel::BoxBottomRight)});
    box.commit(1, features(1));
    follow("box", box, 3, 1, 4);
}

void EdgetamTrackerTest::correction() {
    // On a frame that was tracked: the answer takes the memory into account, and is remembered for good.
    Tracker tracker(network_, clipOptions());
    tracker.prompt(1, 0, features(0), {at168(84, 84)});
    tracker.commit(0, features(0));
    for (int t = 0; t <= 3; ++t) {
        (void)tracker.track(t, features(t));
    }
    const auto got = tracker.prompt(1, 3, features(3), {at168(100, 30, PointLabel::Exclude), at168(40, 90)});
    goldens_.compare("correct.logits", goldens_.tensor("correct.logits")[0][0], got);
    tracker.commit(3, features(3));
    follow("correct", tracker, 1, 3, kFrames);
}

void EdgetamTrackerTest::backwards() {
    Tracker tracker(network_, clipOptions());
    tracker.prompt(1, 5, features(5), {at168(84, 84)});
    tracker.commit(5, features(5));
    for (int t = 5; t >= 2; --t) {
        if (t < 5) {
            goldens_.compareLists("reverse", t, tracker, 1, true);
        }
        goldens_.compareFrame("reverse", t, tracker.track(t, features(t), true));
    }
}

void EdgetamTrackerTest::drawnMask() {
    const auto y = at::arange(168, at::kFloat).unsqueeze(1), x = at::arange(168, at::kFloat).unsqueeze(0);
    const auto ellipse = ((x - 60).square() / 1600 + (y - 50).square() / 900 < 1).to(at::kFloat);
    Tracker tracker(network_, clipOptions());
    tracker.promptMask(1, 0, features(0), ellipse, 168, 168);
    tracker.commit(0, features(0));
    follow("mask", tracker, 1, 0, 3);
}

void EdgetamTrackerTest::absentObject() {
    const auto network = tinyNetwork(-100);
    Tracker tracker(network, clipOptions());
    tracker.prompt(1, 0, features(0), {at168(84, 84)});
    tracker.commit(0, features(0));
    for (int t = 0; t < 3; ++t) {
        goldens_.compareFrame("absent", t, tracker.track(t, features(t)), false);
    }
}

void EdgetamTrackerTest::everyPromptedFrameIsRemembered() {
    Tracker tracker(network_, clipOptions());
    for (int t = 0; t < 5; ++t) {
        tracker.prompt(1, t, features(t),
                       {at168(84.0F + 6 * static_cast<float>(t), 84.0F - 4 * static_cast<float>(t))});
        tracker.commit(t, features(t));
    }
    follow("conds", tracker, 1, 5, kFrames);
}

void EdgetamTrackerTest::sessionOfTheEngine() {
    // The same through the engine, from pictures: the resize differs (ours filters), the masks hardly.
    auto model = std::make_shared<sam3::Model>();
    model->placement.threads = 1;
    model->name = "edgetam";
    model->tracker = clipOptions();
    model->network = std::make_shared<Network>(network_);
    const auto engine = sam3::makeSegmenter(model, {});
    QVERIFY(engine->takesMasks());
    Prompt prompt;
    prompt.points.push_back({84.5, 84.5, true});
    const auto session = engine->startSession({{1, {prompt}}}, 25, Direction::Forward);
    const auto images = sam3::testing::clipImages();
    std::vector<TargetFrame> found;
    for (int t = 0; t < kFrames; ++t) {
        const auto& frame = images[static_cast<std::size_t>(t)];
        if (t == 3) { // in another process
            const auto state = session->saveState();
            const auto other = engine->startSession({{1, {prompt}}}, 25, Direction::Forward);
            other->restoreState(state);
            QVERIFY(other->saveState() == state);
        }
        for (const auto& item : session->advance(t, frame, false, {}).items) {
            found.push_back(item.frame);
        }
    }
    QCOMPARE(found.size(), static_cast<std::size_t>(kFrames));
    for (std::size_t t = 0; t < found.size(); ++t) {
        QCOMPARE(found[t].state, FrameState::Visible);
        const auto want = sam3::MaskBits::pack(goldens_.tensor("one." + std::to_string(t) + ".logits"),
                                               at::zeros({2, 1}), 168, 168)
                              .mask(0);
        const auto a = decodeRle(found[t].mask), b = decodeRle(want);
        double both = 0, any = 0;
        for (std::size_t i = 0; i < a.values.size(); ++i) {
            both += a.values[i] && b.values[i];
            any += a.values[i] || b.values[i];
        }
        QVERIFY2(both / any > 0.95, qPrintable(QString::number(both / any)));
    }
}

QTEST_APPLESS_MAIN(EdgetamTrackerTest)
#include "test_edgetam_tracker.moc"
