#include "fake_pose_networks.h"

#include "base/error.h"
#include "models/blazepose/session.h"

#include <QTest>

#include <map>
#include <span>

using namespace body4d;
using namespace body4d::blazepose;

namespace {

constexpr int kWidth = 400, kHeight = 300;
using Clip = std::vector<std::vector<ToyPerson>>;

struct Runner {
    std::shared_ptr<FakePoseNetworks> networks = std::make_shared<FakePoseNetworks>();
    Segmenter::Options options;
    std::map<TargetId, std::vector<TargetFrame>> frames;

    std::unique_ptr<SegmenterSession> start(std::vector<SessionTarget> targets,
                                            Direction direction = Direction::Forward) {
        return makeSegmenter(networks, options)->startSession(std::move(targets), 25, direction);
    }
    void take(const SessionStep& step) {
        for (const auto& item : step.items) {
            frames[item.id].push_back(item.frame);
        }
    }
    /// Goes on before frame `next` of a forward session.
    static void restore(SegmenterSession& session, std::span<const std::byte> state, const Clip& clip,
                        std::int64_t next) {
        session.restoreState(state);
        for (std::int64_t f = next - session.lookBack(); f < next; ++f) {
            session.showAgain(f, toyFrame(kWidth, kHeight, clip[static_cast<std::size_t>(f)]));
        }
    }
    void run(SegmenterSession& session, const Clip& clip, std::int64_t from, std::int64_t to,
             std::int64_t cut = -1) {
        for (std::int64_t f = from; from <= to ? f < to : f > to; f += from <= to ? 1 : -1) {
            take(session.advance(f, toyFrame(kWidth, kHeight, clip[static_cast<std::size_t>(f)]), f == cut,
                                 {}));
        }
    }
};

SessionTarget target(TargetId id, std::int64_t frame, double x, double y) {
    return {id, {{frame, {{x, y, true}}, {}}}};
}

/// Red walks right, green walks left, they pass each other at a distance.
Clip walk(int count) {
    Clip clip;
    for (int f = 0; f < count; ++f) {
        clip.push_back({{60 + 4.0 * f, 90, 90, 0}, {340 - 4.0 * f, 210, 90, 1}});
    }
    return clip;
}

double middle(const TargetFrame& f) {
    return 0.5 * (f.pose.points[23].px.x + f.pose.points[24].px.x);
}

bool sameFrames(const std::vector<TargetFrame>& a, const std::vector<TargetFrame>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const TargetFrame& p, const TargetFrame& q) {
        return p.frame == q.frame && p.state == q.state && p.mask == q.mask && p.firm == q.firm &&
               p.confidence == q.confidence && p.similarity == q.similarity && p.prompted == q.prompted &&
               p.afterCut == q.afterCut && p.pose.score == q.pose.score &&
               p.pose.roi.side == q.pose.roi.side && p.pose.points[27].px.x == q.pose.points[27].px.x &&
               p.pose.points[27].world.y == q.pose.points[27].world.y;
    });
}

} // namespace

class PoseSessionTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void followsEveryTargetAndLeavesNoFrameOut() {
        const Clip clip = walk(20);
        Runner run;
        auto session = run.start({target(7, 0, 60, 90), target(8, 0, 340, 210)});
        run.run(*session, clip, 0, 1);
        const int clicked = run.networks->landmarkCalls;
        run.run(*session, clip, 1, 20);
        run.take(session->finish());
        QCOMPARE(run.networks->landmarkCalls - clicked, 2 * 19); // easy frames cost one look a target
        for (const TargetId id : {7, 8}) {
            const auto& frames = run.frames[id];
            QCOMPARE(frames.size(), std::size_t{20});
            for (std::size_t f = 0; f < 20; ++f) {
                QCOMPARE(frames[f].frame, static_cast<std::int64_t>(f));
                QCOMPARE(frames[f].state, FrameState::Visible);
                const ToyPerson& person = clip[f][id == 7 ? 0 : 1];
                QVERIFY2(std::abs(middle(frames[f]) - person.x) < 1.5,
                         qPrintable(QString::number(middle(frames[f]) - person.x)));
                QVERIFY(std::abs(static_cast<double>(area(frames[f].mask)) - 30 * 90) < 0.05 * 30 * 90);
            }
            QVERIFY(frames[0].prompted && !frames[1].prompted);
            QVERIFY(frames[0].confidence > 0.8F && frames[0].firm);
        }
    }

    void backwardSessionsWalkBackAndFramesBeforeThePromptAreAbsent() {
        const Clip clip = walk(12);
        Runner run;
        auto session = run.start({target(1, 8, 60 + 32, 90)}, Direction::Backward);
        run.run(*session, clip, 11, -1);
        run.take(session->finish());
        const auto& frames = run.frames[1];
        QCOMPARE(frames.size(), std::size_t{12});
        QCOMPARE(frames.front().frame, std::int64_t{11});
        for (const TargetFrame& f : frames) {
            QCOMPARE(f.state, f.frame > 8 ? FrameState::Absent : FrameState::Visible);
        }
    }

    void stateGoesOnBitEqualInAnotherSession() {
        Clip clip = walk(24);
        for (int f = 9; f < 13; ++f) {
            clip[static_cast<std::size_t>(f)].erase(
                clip[static_cast<std::size_t>(f)].begin()); // red is away for a while
        }
        const std::vector targets{target(1, 0, 60, 90), target(2, 0, 340, 210)};
        Runner whole;
        auto session = whole.start(targets);
        whole.run(*session, clip, 0, 24);
        whole.take(session->finish());
        for (const std::int64_t split : {1, 5, 10, 14}) {
            Runner parts;
            auto first = parts.start(targets);
            parts.run(*first, clip, 0, split);
            const auto state = first->saveState();
            QVERIFY(first->saveState() == state);
            auto second = parts.start(targets);
            Runner::restore(*second, state, clip, split);
            QVERIFY(second->saveState() == state);
            parts.run(*second, clip, split, 24);
            parts.take(second->finish());
            for (const TargetId id : {1, 2}) {
                QVERIFY2(sameFrames(parts.frames[id], whole.frames[id]),
                         qPrintable(QString("split at %1").arg(split)));
            }
        }
    }

    void damagedStateIsRefused() {
        Runner run;
        auto session = run.start({target(1, 0, 60, 90)});
        run.run(*session, walk(3), 0, 3);
        auto state = session->saveState();
        auto other = run.start({target(2, 0, 60, 90)});
        QVERIFY_THROWS_EXCEPTION(Error, other->restoreState(state));
        state.resize(state.size() / 2);
        auto same = run.start({target(1, 0, 60, 90)});
        QVERIFY_THROWS_EXCEPTION(Error, same->restoreState(state));
        QVERIFY_THROWS_EXCEPTION(Error, same->restoreState({}));
    }

    void aHiddenTargetIsLostAndFoundAgain() {
        Clip clip = walk(30);
        for (int f = 10; f < 18; ++f) {
            clip[static_cast<std::size_t>(f)].erase(clip[static_cast<std::size_t>(f)].begin());
        }
        Runner run;
        auto session = run.start({target(1, 0, 60, 90)});
        run.run(*session, clip, 0, 30);
        run.take(session->finish());
        const auto& frames = run.frames[1];
        for (std::size_t f = 10; f < 18; ++f) {
            QCOMPARE(frames[f].state, FrameState::Absent);
            QVERIFY(frames[f].mask.empty());
        }
        QCOMPARE(frames[29].state, FrameState::Visible);
        QVERIFY(std::abs(middle(frames[29]) - (60 + 4 * 29)) < 2);
    }

    void whoIsFoundAgainIsFollowedBackIntoTheGap() {
        // Red is back on a frame on which the search pauses, and found on the next one that it looks at.
        Clip clip;
        for (int f = 0; f < 30; ++f) {
            clip.push_back({});
            if (f < 10 || f >= 17) {
                clip.back().push_back({200 + 0.5 * f, 150, 90, 0});
            }
        }
        Runner whole;
        auto session = whole.start({target(1, 0, 200, 150)});
        whole.run(*session, clip, 0, 18);
        QCOMPARE(session->lookBack(), std::int64_t{8});
        whole.run(*session, clip, 18, 30);
        whole.take(session->finish());
        for (const TargetFrame& f : whole.frames[1]) {
            QCOMPARE(f.state, f.frame >= 10 && f.frame < 17 ? FrameState::Absent : FrameState::Visible);
        }
        QVERIFY(std::abs(middle(whole.frames[1][17]) - 208.5) < 2);
        QVERIFY(std::abs(static_cast<double>(area(whole.frames[1][17].mask)) - 30 * 90) < 0.05 * 30 * 90);

        Runner parts; // the pictures of the gap are shown again
        auto first = parts.start({target(1, 0, 200, 150)});
        parts.run(*first, clip, 0, 18);
        auto second = parts.start({target(1, 0, 200, 150)});
        Runner::restore(*second, first->saveState(), clip, 18);
        parts.run(*second, clip, 18, 30);
        parts.take(second->finish());
        QVERIFY(sameFrames(parts.frames[1], whole.frames[1]));
    }

    void aCutEndsTheTrackAndTheSameClothesFindItAgain() {
        Clip clip = walk(10);
        for (int f = 10; f < 20;
             ++f) { // another camera: red stands elsewhere and is larger, yellowish people do not count
            clip.push_back({{300, 170, 150, 0}, {90, 160, 150, 2}});
        }
        Runner run;
        auto session = run.start({target(1, 0, 60, 90), target(2, 0, 340, 210)});
        run.run(*session, clip, 0, 20, 10);
        run.take(session->finish());
        const auto& red = run.frames[1];
        QVERIFY(!red[9].afterCut);
        QCOMPARE(red[12].state, FrameState::Visible);
        QVERIFY(red[12].afterCut && std::abs(middle(red[12]) - 300) < 2);
        for (std::size_t f = 10; f < 20; ++f) { // green is not in the new shot
            QCOMPARE(run.frames[2][f].state, FrameState::Absent);
        }
    }

    void backwardsTheCutEndsTheTrackAfterItsFirstFrame() {
        Clip clip;
        for (int f = 0; f < 12; ++f) {
            clip.push_back({{f < 6 ? 300.0 : 80.0, 150, 100, f < 6 ? 1 : 0}});
        }
        Runner run;
        auto session = run.start({target(1, 11, 80, 150)}, Direction::Backward);
        run.run(*session, clip, 11, -1, 6);
        run.take(session->finish());
        for (const TargetFrame& f : run.frames[1]) {
            QCOMPARE(f.state, f.frame >= 6 ? FrameState::Visible : FrameState::Absent);
        }
    }

    void clicksOnNobodyAreAnswered() {
        Runner run;
        const auto segmenter = makeSegmenter(run.networks, run.options);
        const auto frame = toyFrame(kWidth, kHeight, {{60, 90, 90, 0}});
        auto nobody = segmenter->preview(frame, {0, {{300, 250, true}}, {}}, {});
        QVERIFY(!nobody.found && !nobody.reason.empty());
        auto outside = segmenter->preview(frame, {0, {{900, 250, true}}, {}}, {});
        QVERIFY(!outside.found && outside.reason.find("outside") != std::string::npos);
        auto red = segmenter->preview(frame, {4, {{60, 90, true}}, {}}, {});
        QVERIFY(red.found && red.reason.empty());
        QCOMPARE(red.frame.frame, std::int64_t{4});
        QVERIFY(std::abs(middle(red.frame) - 60) < 1.5);
    }

    void whoTheDetectorOverlooksIsFoundAtTheClick() {
        Runner run;
        run.networks->overlooked = 0;
        const auto segmenter = makeSegmenter(run.networks, run.options);
        const auto frame = toyFrame(kWidth, kHeight, {{150, 150, 120, 0}, {250, 150, 120, 1}});
        for (const Prompt& prompt : {Prompt{0, {{150, 130, true}}, {}}, Prompt{0, {}, Box{128, 88, 172, 212}}}) {
            const auto red = segmenter->preview(frame, prompt, {});
            QVERIFY2(red.found && std::abs(middle(red.frame) - 150) < 2, red.reason.c_str());
        }
        const auto nobody = segmenter->preview(frame, {0, {{30, 40, true}}, {}}, {});
        QVERIFY(!nobody.found);
    }

    void boxesAndNegativePointsChooseAmongNeighbours() {
        Runner run;
        const auto segmenter = makeSegmenter(run.networks, run.options);
        const auto frame = toyFrame(kWidth, kHeight, {{150, 150, 120, 0}, {200, 150, 120, 1}});
        Prompt boxed{0, {}, Box{180, 85, 222, 215}};
        const auto green = segmenter->preview(frame, boxed, {});
        QVERIFY2(green.found && std::abs(middle(green.frame) - 200) < 3, green.reason.c_str());
        // Green stands before red; the click is on the edge between them.
        const auto crowd = toyFrame(kWidth, kHeight, {{150, 150, 120, 0}, {180, 150, 120, 1}});
        for (const bool wantRed : {true, false}) {
            const Prompt prompt{0, {{160.5, 150, true}, {wantRed ? 180.0 : 145.0, 150, false}}, {}};
            const auto chosen = segmenter->preview(crowd, prompt, {});
            QVERIFY2(chosen.found, chosen.reason.c_str());
            QVERIFY2((middle(chosen.frame) < 165) == wantRed,
                     qPrintable(QString::number(middle(chosen.frame))));
        }
    }

    void everybodyIsFoundOnce() {
        Runner run;
        const auto people =
            makeSegmenter(run.networks, run.options)
                ->findPeople(
                    toyFrame(kWidth, kHeight, {{60, 90, 90, 0}, {340, 210, 90, 1}, {200, 80, 120, 2}}), {});
        QCOMPARE(people.size(), std::size_t{3});
        for (const auto& p : people) {
            QVERIFY(p.found && area(p.frame.mask) > 1000);
        }
    }

    void aThingIsNotFoundAsAPerson() {
        Runner run;
        run.networks->imagined = 1;
        const auto people =
            makeSegmenter(run.networks, run.options)
                ->findPeople(toyFrame(kWidth, kHeight, {{60, 90, 90, 0}, {340, 150, 90, 1}}), {});
        QCOMPARE(people.size(), std::size_t{1});
        QVERIFY(std::abs(middle(people.front().frame) - 60) < 3);
    }

    void cancelUnwinds() {
        Runner run;
        auto session = run.start({target(1, 0, 60, 90)});
        std::stop_source stop;
        stop.request_stop();
        QVERIFY_THROWS_EXCEPTION(Cancelled,
                                 static_cast<void>(session->advance(0, toyFrame(kWidth, kHeight, walk(1)[0]),
                                                                    false, stop.get_token())));
    }

    void peopleWhoCrossKeepTheirNames() {
        // Red walks right, green left, on one line; for some frames green is covered completely.
        Clip clip;
        for (int f = 0; f < 40; ++f) {
            clip.push_back({{320 - 6.0 * f, 152, 90, 1}, {80 + 6.0 * f, 150, 96, 0}});
        }
        Runner run;
        auto session = run.start({target(1, 0, 80, 150), target(2, 0, 320, 150)});
        run.run(*session, clip, 0, 40);
        run.take(session->finish());
        for (const std::size_t f : {8, 30, 39}) {
            QCOMPARE(run.frames[1][f].state, FrameState::Visible);
            QVERIFY(std::abs(middle(run.frames[1][f]) - (80 + 6.0 * static_cast<double>(f))) < 3);
            QCOMPARE(run.frames[2][f].state, FrameState::Visible);
            QVERIFY(std::abs(middle(run.frames[2][f]) - (320 - 6.0 * static_cast<double>(f))) < 3);
        }
    }

    void aNegativePointTakesItsRegionOutHereAndLater() {
        // A dark red bag inside the red body, which the networks take for the body.
        const auto frame = [](int f) {
            auto image = std::make_shared<Image>(*toyFrame(kWidth, kHeight, {{100 + 3.0 * f, 150, 150, 0}}));
            for (int y = 165; y < 185; ++y) {
                for (int x = 85 + 4 * f; x < 105 + 4 * f; ++x) {
                    image->row(y)[3 * x] = 155;
                    image->row(y)[3 * x + 1] = image->row(y)[3 * x + 2] = 90;
                }
            }
            return ImagePtr(image);
        };
        const Prompt prompt{0, {{100, 120, true}, {95, 175, false}}, {}};
        Runner run;
        const auto preview = makeSegmenter(run.networks, run.options)->preview(frame(0), prompt, {});
        QVERIFY2(preview.found, preview.reason.c_str());
        QCOMPARE(int{decodeRle(preview.frame.mask).row(175)[95]}, 0);
        auto session = run.start({{1, {prompt}}});
        for (int f = 0; f < 5; ++f) {
            run.take(session->advance(f, frame(f), false, {}));
        }
        run.take(session->finish());
        for (int f = 0; f < 5; ++f) {
            const Mask mask = decodeRle(run.frames[1][static_cast<std::size_t>(f)].mask);
            QCOMPARE(int{mask.row(175)[95 + 4 * f]}, 0);    // the bag
            QCOMPARE(int{mask.row(120)[100 + 3 * f]}, 255); // the body
        }
    }

    void aNegativePointOnTheBodyEndsTheTrack() {
        const Clip clip = walk(10);
        auto wrong = target(1, 0, 60, 90);
        wrong.prompts.push_back({5, {{60 + 20, 80, false}}, {}}); // on the chest
        Runner run;
        auto session = run.start({wrong});
        run.run(*session, clip, 0, 10);
        run.take(session->finish());
        QCOMPARE(run.frames[1][4].state, FrameState::Visible);
        for (std::size_t f = 5; f < 10; ++f) {
            QCOMPARE(run.frames[1][f].state, FrameState::Absent);
        }
    }

    void somebodyWhomNobodySelectedDoesNotTakeOver() {
        // Only red is selected; green crosses before it and covers it completely. Half a width off is what
        // shows.
        Clip clip;
        for (int f = 0; f < 40; ++f) {
            clip.push_back({{80 + 6.0 * f, 152, 90, 0}, {320 - 6.0 * f, 150, 96, 1}});
        }
        Runner run;
        auto session = run.start({target(1, 0, 80, 150)});
        run.run(*session, clip, 0, 40);
        run.take(session->finish());
        QCOMPARE(run.frames.size(), std::size_t{1}); // bystanders are nobody's result
        for (const TargetFrame& f : run.frames[1]) {
            const double off =
                f.state == FrameState::Absent ? 0 : middle(f) - (80 + 6.0 * static_cast<double>(f.frame));
            QVERIFY2(std::abs(off) < 15, qPrintable(QString("frame %1: %2").arg(f.frame).arg(off)));
        }
        QCOMPARE(run.frames[1][39].state, FrameState::Visible);
    }

    void bystandersAreFollowedWhileTheyAreNearAndNeverReported() {
        // Blue walks beside red the whole time, green far off.
        Clip beside, alone;
        for (int f = 0; f < 24; ++f) {
            const ToyPerson red{80 + 4.0 * f, 150, 90, 0};
            alone.push_back({red});
            beside.push_back({red, {150 + 4.0 * f, 150, 90, 2}});
        }
        Runner with, without;
        for (auto* run : {&with, &without}) {
            auto session = run->start({target(1, 0, 80, 150)});
            run->run(*session, run == &with ? beside : alone, 0, 24);
            run->take(session->finish());
            QCOMPARE(run->frames.size(), std::size_t{1});
            for (const TargetFrame& f : run->frames[1]) {
                QCOMPARE(f.state, FrameState::Visible);
                QVERIFY(std::abs(middle(f) - (80 + 4.0 * static_cast<double>(f.frame))) < 2);
            }
        }
        QVERIFY(with.networks->landmarkCalls > without.networks->landmarkCalls + 10);
    }

    void bystandersAreInTheState() {
        Clip clip;
        for (int f = 0; f < 40; ++f) {
            clip.push_back({{80 + 6.0 * f, 152, 90, 0}, {320 - 6.0 * f, 150, 96, 1}});
        }
        Runner whole;
        auto session = whole.start({target(1, 0, 80, 150)});
        whole.run(*session, clip, 0, 40);
        whole.take(session->finish());
        for (const std::int64_t split : {11, 18, 25}) {
            Runner parts;
            auto first = parts.start({target(1, 0, 80, 150)});
            parts.run(*first, clip, 0, split);
            auto second = parts.start({target(1, 0, 80, 150)});
            Runner::restore(*second, first->saveState(), clip, split);
            QVERIFY(second->saveState() == first->saveState());
            parts.run(*second, clip, split, 40);
            parts.take(second->finish());
            QVERIFY2(sameFrames(parts.frames[1], whole.frames[1]),
                     qPrintable(QString("split at %1").arg(split)));
            QCOMPARE(parts.networks->landmarkCalls.load(), whole.networks->landmarkCalls.load());
        }
    }

    void whoLeftAcrossTheBorderComesBackOnlyThere() {
        // Red walks out on the right. Somebody dressed alike turns up amid the picture and goes; then red
        // walks in again.
        Clip clip(75);
        const auto at = [](int f) { return 250 + 8.0 * f; };
        for (int f = 0; f < 22; ++f) {
            clip[static_cast<std::size_t>(f)] = {{at(f), 150, 90, 0}};
        }
        for (int f = 30; f < 45; ++f) {
            clip[static_cast<std::size_t>(f)] = {{300, 150, 90, 0}};
        }
        for (int f = 50; f < 75; ++f) {
            clip[static_cast<std::size_t>(f)] = {{425 - 5.0 * (f - 50), 150, 90, 0}};
        }
        Runner run;
        auto session = run.start({target(1, 0, 250, 150)});
        run.run(*session, clip, 0, 75);
        run.take(session->finish());
        for (const TargetFrame& f : run.frames[1]) {
            if (f.frame >= 25 && f.frame < 50) {
                QVERIFY2(f.state == FrameState::Absent, qPrintable(QString("frame %1").arg(f.frame)));
            }
        }
        QCOMPARE(run.frames[1][15].state, FrameState::Visible);
        QCOMPARE(run.frames[1][74].state, FrameState::Visible);
        QVERIFY(std::abs(middle(run.frames[1][74]) - 305) < 2);
    }

    void whoWalksBehindAThingIsHeldByWhatShows() {
        // A wall stands in the middle all the time; of red only the upper part shows behind it, too little
        // for the networks. Then the same with a wall that hides everything, and with blue in place of red
        // behind it.
        enum Case { Low, High, Stranger };
        constexpr int kCount = 70, kFirst = 22, kLast = 48; // fully behind the wall
        for (const Case which : {Low, High, Stranger}) {
            const int top = which == High ? 90 : 150;
            Runner run, split;
            auto session = run.start({target(1, 0, 60, 150)});
            auto first = split.start({target(1, 0, 60, 150)});
            for (int f = 0; f < kCount; ++f) {
                const bool behind = f >= kFirst && f <= kLast;
                const double x = 60 + 4.0 * f;
                auto image = std::make_shared<Image>(
                    *toyFrame(kWidth, kHeight, {{x, 150, 90, which == Stranger && behind ? 2 : 0}}));
                for (int y = top; y < 210; ++y) {
                    std::fill_n(image->row(y) + 3 * 130, 3 * 140, std::uint8_t{60});
                }
                run.take(session->advance(f, image, false, {}));
                if (which == Low && f == 35) {
                    const auto state = first->saveState();
                    first = split.start({target(1, 0, 60, 150)});
                    first->restoreState(state);
                }
                split.take(first->advance(f, image, false, {}));
            }
            run.take(session->finish());
            split.take(first->finish());
            QVERIFY(sameFrames(run.frames[1], split.frames[1]));
            for (const TargetFrame& f : run.frames[1]) {
                const auto text = QString("case %1, frame %2").arg(which).arg(f.frame);
                const double x = 60 + 4.0 * static_cast<double>(f.frame);
                if (f.state == FrameState::Visible) {
                    // At the wall's edges the networks take the part that shows for a narrower person.
                    const bool atEdge = f.frame < kFirst + 2 || f.frame > kLast - 2;
                    QVERIFY2(std::abs(middle(f) - x) < (atEdge ? 20 : 8), qPrintable(text));
                }
                if (f.frame < 15 || f.frame > 62) {
                    QVERIFY2(f.state == FrameState::Visible, qPrintable(text));
                }
                if (f.frame > kFirst + 3 && f.frame < kLast - 3) {
                    QVERIFY2((f.state == FrameState::Visible) == (which == Low), qPrintable(text));
                }
                if (f.frame > kFirst + 3 && f.frame < kLast - 3 && which == Low) {
                    QVERIFY2(!f.firm, qPrintable(text));
                    const Mask mask = decodeRle(f.mask);
                    QCOMPARE(int{mask.row(125)[static_cast<int>(x)]}, 255);
                    QCOMPARE(int{mask.row(175)[static_cast<int>(x)]}, 0); // the wall
                }
            }
        }
    }

    void withoutMasksNoneAreMade() {
        Runner run;
        run.options.needMasks = false;
        auto session = run.start({target(1, 0, 60, 90)});
        run.run(*session, walk(3), 0, 3);
        run.take(session->finish());
        QCOMPARE(run.frames[1][2].state, FrameState::Visible);
        QVERIFY(run.frames[1][2].mask.empty());
    }
};

QTEST_APPLESS_MAIN(PoseSessionTest)
#include "test_pose_session.moc"
