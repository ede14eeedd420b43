// Landmarks on the masks of an engine that knows masks only: a real clip is tracked by the embedded default,
// its masks alone are played back as such an engine's, and the landmarks must be found again.
#include "base/error.h"
#include "models/blazepose/state_bytes.h"
#include "models/posed/posed_segmenter.h"
#include "video/video_reader.h"

#include <QTemporaryDir>
#include <QtTest>

#include <cmath>
#include <deque>
#include <filesystem>
#include <map>

using namespace body4d;
namespace fs = std::filesystem;

namespace {

constexpr int kFrames = 36;
constexpr std::size_t kLate = 3; ///< frames by which results come late

/// Masks by target and frame.
using Masks = std::map<TargetId, std::map<std::int64_t, RleMask>>;

class RecordedSession final : public SegmenterSession {
public:
    explicit RecordedSession(const Masks& masks) : masks_(masks) {}
    SessionStep advance(std::int64_t index, const ImagePtr&, bool, const std::stop_token&) override {
        waiting_.push_back(index);
        return waiting_.size() > kLate ? release(1) : SessionStep();
    }
    SessionStep finish() override { return release(waiting_.size()); }
    std::vector<std::byte> saveState() const override {
        blazepose::StateWriter writer;
        writer(static_cast<std::uint64_t>(waiting_.size()));
        return writer.take();
    }
    void restoreState(std::span<const std::byte> state) override {
        blazepose::StateReader reader(state);
        std::uint64_t held = 0;
        reader(held);
        if (held != 0) {
            throw std::logic_error("a state was saved while frames were held");
        }
    }

private:
    SessionStep release(std::size_t count) {
        SessionStep step;
        for (; count > 0; --count) {
            for (const auto& [id, frames] : masks_) {
                SessionStep::Item item;
                item.id = id;
                item.frame.frame = waiting_.front();
                if (const auto found = frames.find(waiting_.front()); found != frames.end()) {
                    item.frame.state = FrameState::Visible;
                    item.frame.mask = found->second;
                    item.frame.confidence = 0.9F;
                }
                step.items.push_back(std::move(item));
            }
            waiting_.pop_front();
        }
        return step;
    }
    Masks masks_;
    std::deque<std::int64_t> waiting_;
};

class RecordedSegmenter final : public Segmenter {
public:
    explicit RecordedSegmenter(Masks masks) : masks_(std::move(masks)) {}
    const std::string& name() const override { return name_; }
    bool takesMasks() const override { return true; }
    SegmentPreview preview(const ImagePtr&, const Prompt& prompt, const std::stop_token&) override {
        asked.push_back(prompt);
        SegmentPreview preview;
        if (const auto found = masks_.at(1).find(prompt.frame); found != masks_.at(1).end()) {
            preview.found = true;
            preview.frame.frame = prompt.frame;
            preview.frame.state = FrameState::Visible;
            preview.frame.mask = found->second;
        }
        return preview;
    }
    std::vector<SegmentPreview> findPeople(const ImagePtr&, const std::stop_token&) override {
        throw Error(ErrorCode::Usage, "It does not look for people.", "");
    }
    std::unique_ptr<SegmenterSession> startSession(std::vector<SessionTarget>, double, Direction) override {
        return std::make_unique<RecordedSession>(masks_);
    }
    std::vector<Prompt> asked;

private:
    Masks masks_;
    std::string name_ = "recorded";
};

/// Mean distance of the limbs' points as a share of the crop's side.
double distance(const PoseLandmarks& a, const PoseLandmarks& b) {
    constexpr int kLimbs[] = {11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28};
    double sum = 0;
    for (const int k : kLimbs) {
        const auto i = static_cast<std::size_t>(k);
        sum += norm(a.points[i].px - b.points[i].px);
    }
    return sum / std::size(kLimbs) / b.roi.side;
}

} // namespace

class PosedSegmenterTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void landmarksAreFoundOnMasksAlone();
    void savedStateContinuesBitEqual();
    void damagedStateIsAnError();
    void framesWithoutMasksHaveNoLandmarks();
    void aMaskOnNobodyHasNoLandmarks();
    void previewsAndPeopleCarryLandmarks();

private:
    static std::vector<SessionTarget> targets() { return {{1, {}}}; }
    std::unique_ptr<Segmenter> posed(Masks masks) {
        Segmenter::Options options;
        return posed::withLandmarks(std::make_unique<RecordedSegmenter>(std::move(masks)), networks_,
                                    options);
    }
    std::vector<TargetFrame> walk(SegmenterSession& session, int begin, int end, bool finish) {
        std::vector<TargetFrame> out;
        for (int t = begin; t < end; ++t) {
            for (auto& item : session.advance(t, images_[static_cast<std::size_t>(t)], false, {}).items) {
                out.push_back(std::move(item.frame));
            }
        }
        if (finish) {
            for (auto& item : session.finish().items) {
                out.push_back(std::move(item.frame));
            }
        }
        return out;
    }

    QTemporaryDir cache_;
    std::shared_ptr<blazepose::PoseNetworks> networks_;
    std::vector<ImagePtr> images_;
    std::map<std::int64_t, TargetFrame> want_;
    Masks masks_;
};

void PosedSegmenterTest::initTestCase() {
    const fs::path models = qgetenv("BODY4D_MODELS").toStdString();
    const auto clip = fs::path(BODY4D_SHARED_DATA) / "videos" / "skateboarder.mp4";
    if (!fs::exists(models / "pose_landmark_full.tflite") || !fs::exists(clip)) {
        QSKIP("pose_landmark_full.tflite (packaging/setup.sh) or shared/data/videos/skateboarder.mp4 beside the checkout is "
              "missing");
    }
    const auto cache = fs::path(cache_.path().toStdString());
    networks_ = blazepose::makeOpenVinoNetworks(models, cache, {});
    const auto reader = VideoReader::open(clip);
    for (int t = 0; t < kFrames; ++t) {
        images_.push_back(reader->read(t));
    }
    const auto embedded = makeBlazePoseSegmenter(models, cache, {});
    const auto people = embedded->findPeople(images_[0], {});
    QVERIFY(!people.empty());
    Prompt prompt;
    const auto& points = people.front().frame.pose.points;
    prompt.points.push_back({0.25 * (points[11].px.x + points[12].px.x + points[23].px.x + points[24].px.x),
                             0.25 * (points[11].px.y + points[12].px.y + points[23].px.y + points[24].px.y),
                             true});
    const auto session = embedded->startSession({{1, {prompt}}}, 24, Direction::Forward);
    for (auto& frame : walk(*session, 0, kFrames, true)) {
        if (frame.state == FrameState::Visible) {
            masks_[1][frame.frame] = frame.mask;
            want_[frame.frame] = frame;
        }
    }
    QVERIFY(want_.size() > kFrames * 9 / 10);
}

void PosedSegmenterTest::landmarksAreFoundOnMasksAlone() {
    const auto engine = posed(masks_);
    QVERIFY(engine->takesMasks() && engine->name() == "recorded");
    const auto session = engine->startSession(targets(), 24, Direction::Forward);
    const auto found = walk(*session, 0, kFrames, true);
    QCOMPARE(found.size(), static_cast<std::size_t>(kFrames));
    double sum = 0;
    int near = 0;
    for (std::size_t t = 0; t < found.size(); ++t) {
        QCOMPARE(found[t].frame, static_cast<std::int64_t>(t));
        const auto want = want_.find(static_cast<std::int64_t>(t));
        if (want == want_.end()) {
            continue;
        }
        QVERIFY(found[t].mask == want->second.mask); // masks pass unchanged
        if (found[t].pose.score > 0) {
            const double d = distance(found[t].pose, want->second.pose);
            near += d < 0.03 ? 1 : 0;
            sum += d;
        }
    }
    qInfo("landmarks as by the embedded tracker on %d of %d frames, mean distance %.3f %% of the crop", near,
          static_cast<int>(want_.size()), 100 * sum / static_cast<double>(want_.size()));
    QVERIFY(near >= static_cast<int>(want_.size()) * 9 / 10);
}

void PosedSegmenterTest::savedStateContinuesBitEqual() {
    const auto engine = posed(masks_);
    const auto whole = engine->startSession(targets(), 24, Direction::Forward);
    auto expected = walk(*whole, 0, 12, false);
    const auto state = whole->saveState();
    for (auto& frame : walk(*whole, 12, 20, true)) {
        expected.push_back(std::move(frame));
    }
    QCOMPARE(expected.size(), std::size_t(20));
    const auto rest = engine->startSession(targets(), 24, Direction::Forward);
    rest->restoreState(state);
    const auto found = walk(*rest, 12, 20, true);
    const auto skip = expected.size() - found.size();
    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto& want = expected[skip + i];
        QCOMPARE(found[i].frame, want.frame);
        QCOMPARE(found[i].pose.score, want.pose.score);
        for (std::size_t k = 0; k < found[i].pose.points.size(); ++k) {
            QCOMPARE(found[i].pose.points[k].px.x, want.pose.points[k].px.x);
        }
    }
}

void PosedSegmenterTest::damagedStateIsAnError() {
    const auto engine = posed(masks_);
    const auto session = engine->startSession(targets(), 24, Direction::Forward);
    (void)walk(*session, 0, 6, false);
    const auto state = session->saveState();
    for (const auto size :
         {std::size_t{0}, std::size_t{3}, std::size_t{11}, state.size() / 2, state.size() - 1}) {
        const auto other = engine->startSession(targets(), 24, Direction::Forward);
        QVERIFY_EXCEPTION_THROWN(other->restoreState(std::span(state).first(size)), Error);
    }
}

void PosedSegmenterTest::framesWithoutMasksHaveNoLandmarks() {
    auto masks = masks_;
    for (std::int64_t t = 8; t < 14; ++t) {
        masks[1].erase(t); // hidden for a while
    }
    const auto engine = posed(masks);
    const auto session = engine->startSession(targets(), 24, Direction::Forward);
    const auto found = walk(*session, 0, 20, true);
    for (const auto& frame : found) {
        if (frame.frame >= 8 && frame.frame < 14) {
            QVERIFY(frame.state == FrameState::Absent && frame.pose.score == 0);
        }
    }
    // Found again at once where the mask is back.
    QVERIFY(found[14].pose.score > 0 && distance(found[14].pose, want_.at(14).pose) < 0.03);
}

void PosedSegmenterTest::aMaskOnNobodyHasNoLandmarks() {
    Mask corner(images_[0]->width, images_[0]->height);
    for (int y = 4; y < 60; ++y) {
        for (int x = 4; x < 60; ++x) {
            corner.row(y)[x] = 255;
        }
    }
    Masks masks;
    for (std::int64_t t = 0; t < 4; ++t) {
        masks[1][t] = encodeRle(corner);
    }
    const auto engine = posed(masks);
    const auto session = engine->startSession(targets(), 24, Direction::Forward);
    for (const auto& frame : walk(*session, 0, 4, true)) {
        QVERIFY(frame.state == FrameState::Visible && !frame.mask.empty());
        QCOMPARE(frame.pose.score, 0.0F);
    }
}

void PosedSegmenterTest::previewsAndPeopleCarryLandmarks() {
    auto recorded = std::make_unique<RecordedSegmenter>(masks_);
    auto* asked = recorded.get();
    const auto engine = posed::withLandmarks(std::move(recorded), networks_, {});
    Prompt prompt;
    prompt.frame = 2;
    prompt.points.push_back({10, 10, true});
    const auto preview = engine->preview(images_[2], prompt, {});
    QVERIFY(preview.found && preview.frame.mask == masks_[1][2]);
    QVERIFY(distance(preview.frame.pose, want_.at(2).pose) < 0.03);
    // People are found by the embedded networks and cut out by the engine, asked with a box around each.
    const auto people = engine->findPeople(images_[0], {});
    QVERIFY(!people.empty() && people.front().frame.pose.score > 0.5F);
    QVERIFY(asked->asked.back().box && asked->asked.back().points.empty());
    QVERIFY(people.front().frame.mask == masks_[1][0]);
}

QTEST_APPLESS_MAIN(PosedSegmenterTest)
#include "test_posed_segmenter.moc"
