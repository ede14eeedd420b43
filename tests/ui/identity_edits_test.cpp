#include "pipeline/prompt_mask.h"
#include "ui/controllers/identity_edits.h"

#include <QTest>

using namespace body4d;
using namespace body4d::ui;

class IdentityEditsTest : public QObject {
    Q_OBJECT
    static ProjectDocument two() {
        ProjectDocument d;
        d.video.frameCount = 100;
        d.range = {0, 100};
        for (const double x : {10.0, 50.0}) {
            auto& t = d.addTarget();
            promptAt(t, 0).points = {{x, 1, true}};
            promptAt(t, 60).points = {{x + 1, 2, true}};
        }
        return d;
    }
    static double xOf(const ProjectDocument& d, TargetId id, std::int64_t frame) {
        for (const auto& p : d.target(id)->prompts) {
            if (p.frame == frame && !p.points.empty()) {
                return p.points.front().x;
            }
        }
        return -1;
    }

private Q_SLOTS:
    void swappingExchangesTheRest() {
        auto d = two();
        d.target(1)->absent = {{20, 30}, {70, 80}};
        swapFrom(d, 1, 2, 40, PointPrompt{15, 3, true}, PointPrompt{55, 3, true});
        QCOMPARE(xOf(d, 1, 0), 10.0); // before: as it was
        QCOMPARE(xOf(d, 1, 40), 55.0); // A stands where B was
        QCOMPARE(xOf(d, 2, 40), 15.0);
        QCOMPARE(xOf(d, 1, 60), 51.0);
        QCOMPARE(xOf(d, 2, 60), 11.0);
        QCOMPARE(d.target(1)->absent, (std::vector<FrameRange>{{20, 30}}));
        QCOMPARE(d.target(2)->absent, (std::vector<FrameRange>{{70, 80}}));
        // A second time: back to the start, but for the points that pin it.
        swapFrom(d, 1, 2, 40, {}, {});
        QCOMPARE(xOf(d, 1, 60), 11.0);
        QCOMPARE(xOf(d, 1, 40), 15.0);
    }
    void swappingWithNobodyDoesNothing() {
        auto d = two();
        swapFrom(d, 1, 1, 40, {}, {});
        swapFrom(d, 1, 9, 40, {}, {});
        QCOMPARE(xOf(d, 1, 60), 11.0);
    }
    void splittingMakesTwoLanes() {
        auto d = two();
        QCOMPARE(splitAt(d, 1, 0, {}), 0);
        const auto added = splitAt(d, 1, 50, PointPrompt{12, 4, true});
        QCOMPARE(added, 3);
        QCOMPARE(d.target(1)->prompts.size(), std::size_t{1});
        QCOMPARE(d.target(1)->absent, (std::vector<FrameRange>{{50, 100}}));
        QCOMPARE(d.target(3)->absent, (std::vector<FrameRange>{{0, 50}}));
        QCOMPARE(xOf(d, 3, 50), 12.0);
        QCOMPARE(xOf(d, 3, 60), 11.0);
    }
    void mergingASplitGivesBackThePrompts() {
        auto d = two();
        const auto added = splitAt(d, 1, 50, {});
        mergeInto(d, 1, added);
        QCOMPARE(d.targets.size(), std::size_t{2});
        QVERIFY(d.target(1)->absent.empty());
        QCOMPARE(xOf(d, 1, 0), 10.0);
        QCOMPARE(xOf(d, 1, 60), 11.0);
    }
    void mergingKeepsTheKeptOnesPrompts() {
        auto d = two();
        promptAt(*d.target(2), 30).box = Box{1, 2, 3, 4};
        mergeInto(d, 1, 2);
        QCOMPARE(xOf(d, 1, 0), 10.0);
        QCOMPARE(xOf(d, 1, 60), 11.0);
        QCOMPARE(d.target(1)->prompts.size(), std::size_t{3});
        QCOMPARE(d.target(1)->prompts[1].frame, std::int64_t{30});
    }
};

QTEST_GUILESS_MAIN(IdentityEditsTest)
#include "identity_edits_test.moc"
