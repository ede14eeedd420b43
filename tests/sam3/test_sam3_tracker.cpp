// The whole tracker against sessions of the official one (facebookresearch/sam3) with equal weights, on
// frames of a real video: logits, scores, and which frames were looked back at.
#include "tiny_network.h"
#include "tracker_goldens.h"

#include <QtTest>
#include <c10/core/InferenceMode.h>

using namespace body4d;
using namespace body4d::sam3;
using namespace body4d::sam3::testing;

namespace {

constexpr int kFrames = 6;

} // namespace

class Sam3TrackerTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void oneObject_data();
    void oneObject();
    void threeObjectsJointly();
    void threeObjectsAlone();
    void correction();
    void backwards();
    void removal();
    void removalLeavesTheOthersAlone();
    void drawnMask();
    void absentObject();
    void clickByClick();
    void manyPromptedFrames_data();
    void manyPromptedFrames();
    void longClipWithBoundedMemory();
    void cleanupTestCase() { qInfo("largest relative error: %.2g", goldens_.worst()); }

private:
    const Features& features(int frame) {
        const int period = 2 * (kFrames - 1);
        const int at = frame % period < kFrames ? frame % period : period - frame % period;
        auto& found = features_[at];
        if (!found.top.defined()) {
            const auto image =
                (frames_.narrow(0, at, 1).permute({0, 3, 1, 2}).to(at::kFloat) / 255 - 0.5) / 0.5;
            found = network_.encode(image);
        }
        return found;
    }
    TrackerOptions options(int frames = kFrames) const {
        TrackerOptions options;
        options.clipFrames = frames;
        return options;
    }
    void compare(const std::string& name, const at::Tensor& got) {
        goldens_.compare(name, goldens_.tensor(name), got);
    }
    void follow(const std::string& session, Tracker& tracker, int id, int begin, int end,
                bool coverage = true) {
        goldens_.follow(
            session, tracker, id, begin, end, [this](int t) -> const Features& { return features(t); },
            coverage);
    }
    void threeClicks(Tracker& tracker) {
        tracker.prompt(1, 0, features(0), {at168(84, 84)});
        tracker.prompt(2, 0, features(0), {at168(30, 40)});
        tracker.prompt(3, 0, features(0), {at168(120, 140)});
        tracker.commit(0, features(0));
    }

    c10::InferenceMode inference_;
    TrackerGoldens goldens_{BODY4D_SOURCE_DIR "/tests/data/sam3/tracker.safetensors", 0.05};
    at::Tensor frames_ =
        tensorOf(SafetensorsFile(BODY4D_SOURCE_DIR "/tests/data/sam3/frames.safetensors"), "frames");
    Network network_ = tinyNetwork();
    std::map<int, Features> features_;
};

void Sam3TrackerTest::oneObject_data() {
    QTest::addColumn<bool>("selection");
    QTest::newRow("last frames") << false;
    QTest::newRow("good frames") << true;
}

void Sam3TrackerTest::oneObject() {
    QFETCH(bool, selection);
    auto how = options();
    how.memorySelection = selection;
    Tracker tracker(network_, how);
    compare(selection ? "click.1" : "click.0", tracker.prompt(1, 0, features(0), {at168(84, 84)}));
    tracker.commit(0, features(0));
    follow(selection ? "one" : "one_plain", tracker, 1, 0, kFrames);
}

void Sam3TrackerTest::threeObjectsJointly() {
    auto how = options();
    how.joint = true;
    Tracker tracker(network_, how);
    threeClicks(tracker);
    follow("joint", tracker, 2, 0, kFrames);
}

void Sam3TrackerTest::threeObjectsAlone() {
    // One tracker, three official sessions: a click on the first frame, a box on the second, a click on the
    // third.
    Tracker tracker(network_, options());
    const std::map<int, std::pair<std::string, int>> sessions = {
        {1, {"one", 0}}, {2, {"late", 2}}, {3, {"box", 1}}};
    for (int t = 0; t < kFrames; ++t) {
        if (t == 0) {
            tracker.prompt(1, t, features(t), {at168(84, 84)});
        } else if (t == 1) {
            tracker.prompt(
                3, t, features(t),
                {at168(60, 50, PointLabel::BoxTopLeft), at168(130, 120, PointLabel::BoxBottomRight)});
        } else if (t == 2) {
            tracker.prompt(2, t, features(t), {at168(30, 40)});
        }
        tracker.commit(t, features(t));
        for (const auto& [id, session] : sessions) {
            if (tracker.started(id) && !tracker.bank(id).conditioning.contains(t)) {
                goldens_.compareLists(session.first, t, tracker, id);
            }
        }
        const auto got = tracker.track(t, features(t));
        for (std::size_t i = 0; i < got.ids.size(); ++i) {
            const auto& session = sessions.at(got.ids[i]);
            const auto name = session.first + "." + std::to_string(t) + ".logits";
            goldens_.compareMask(name, goldens_.tensor(name)[0], got.logits[static_cast<std::int64_t>(i)]);
        }
        QCOMPARE(got.ids.size(), static_cast<std::size_t>(std::min(t + 1, 3)));
    }
}

void Sam3TrackerTest::correction() {
    Tracker tracker(network_, options());
    tracker.prompt(1, 0, features(0), {at168(84, 84)});
    tracker.commit(0, features(0));
    for (int t = 0; t <= 3; ++t) { // the last of these is what the person sees and corrects
        (void)tracker.track(t, features(t));
    }
    compare("correct.logits",
            tracker.prompt(1, 3, features(3), {at168(100, 30, PointLabel::Exclude), at168(40, 90)}));
    tracker.commit(3, features(3));
    follow("correct", tracker, 1, 3, kFrames);
}

void Sam3TrackerTest::backwards() {
    Tracker tracker(network_, options());
    tracker.prompt(1, 5, features(5), {at168(84, 84)});
    tracker.commit(5, features(5));
    for (int t = 5; t >= 0; --t) {
        if (t < 5) {
            goldens_.compareLists("reverse", t, tracker, 1, true);
        }
        goldens_.compareFrame("reverse", t, tracker.track(t, features(t), true));
    }
}

void Sam3TrackerTest::removal() {
    auto how = options();
    how.joint = true;
    Tracker tracker(network_, how);
    threeClicks(tracker);
    follow("remove", tracker, 1, 0, 3);
    tracker.remove(2);
    follow("remove", tracker, 1, 3, kFrames);
    QCOMPARE(tracker.ids(), (std::vector<int>{1, 3}));
}

void Sam3TrackerTest::removalLeavesTheOthersAlone() {
    Tracker tracker(network_, options());
    threeClicks(tracker);
    for (int t = 0; t < kFrames; ++t) {
        if (t == 3) {
            tracker.remove(3);
        }
        const auto got = tracker.track(t, features(t));
        QCOMPARE(got.ids.front(), 1);
        const auto name = "one." + std::to_string(t) + ".logits";
        goldens_.compareMask(name, goldens_.tensor(name)[0], got.logits[0]);
    }
}

void Sam3TrackerTest::drawnMask() {
    const auto y = at::arange(100, at::kFloat).unsqueeze(1), x = at::arange(120, at::kFloat).unsqueeze(0);
    const auto ellipse = ((x - 60).square() / 1600 + (y - 50).square() / 900 < 1).to(at::kFloat);
    Tracker tracker(network_, options());
    tracker.promptMask(1, 0, features(0), ellipse, 168, 168);
    tracker.commit(0, features(0));
    follow("mask", tracker, 1, 0, kFrames);
}

void Sam3TrackerTest::absentObject() {
    const Network network = tinyNetwork("a", -100);
    Tracker tracker(network, options());
    tracker.prompt(1, 0, features(0), {at168(84, 84)});
    tracker.commit(0, features(0));
    follow("absent", tracker, 1, 0, 4, false);
}

void Sam3TrackerTest::clickByClick() {
    Tracker tracker(network_, options());
    const std::vector<TrackerPoint> points = {at168(84, 84), at168(40, 120, PointLabel::Exclude),
                                              at168(130, 30)};
    for (std::size_t n = 1; n <= points.size(); ++n) {
        compare("clicks." + std::to_string(n),
                tracker.prompt(1, 0, features(0),
                               {points.begin(), points.begin() + static_cast<std::ptrdiff_t>(n)}));
    }
    tracker.commit(0, features(0));
    follow("clicks", tracker, 1, 0, 3);
}

void Sam3TrackerTest::manyPromptedFrames_data() {
    oneObject_data();
}

void Sam3TrackerTest::manyPromptedFrames() {
    QFETCH(bool, selection);
    auto how = options();
    how.memorySelection = selection;
    Tracker tracker(network_, how);
    for (int t = 0; t < 5; ++t) {
        tracker.prompt(1, t, features(t),
                       {at168(84.0F + 6 * static_cast<float>(t), 84.0F - 4 * static_cast<float>(t))});
        tracker.commit(t, features(t));
    }
    follow(selection ? "conds" : "conds_plain", tracker, 1, 5, kFrames);
}

void Sam3TrackerTest::longClipWithBoundedMemory() {
    Tracker bounded(network_, options(24));
    bounded.prompt(1, 0, features(0), {at168(84, 84)});
    bounded.commit(0, features(0));
    std::int64_t steady = 0;
    for (int t = 0; t < 24; ++t) {
        if (t > 0) {
            goldens_.compareLists("long", t, bounded, 1);
        }
        goldens_.compareFrame("long", t, bounded.track(t, features(t)));
        if (t == 18) {
            steady = bounded.rememberedBytes();
        }
    }
    QCOMPARE(bounded.rememberedBytes(), steady); // no growth with the clip
}

QTEST_APPLESS_MAIN(Sam3TrackerTest)
#include "test_sam3_tracker.moc"
