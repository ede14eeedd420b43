#include "base/image.h"
#include "pipeline/project_yaml.h"
#include "pipeline/prompt_mask.h"
#include "pipeline/stage_keys.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>

using namespace body4d;

class PromptMaskTest : public QObject {
    Q_OBJECT
    static RleMask rectangle(int x0, int y0, int x1, int y1) {
        Mask mask(64, 48);
        for (int y = y0; y < y1; ++y) {
            std::fill(mask.row(y) + x0, mask.row(y) + x1, std::uint8_t{255});
        }
        return encodeRle(mask);
    }
    static ProjectDocument document() {
        ProjectDocument d;
        d.video.path = "clip.mp4";
        d.video.width = 64;
        d.video.height = 48;
        d.video.fps = 25;
        d.video.frameCount = 100;
        d.range = {0, 100};
        auto& t = d.addTarget();
        Prompt click;
        click.frame = 3;
        click.points = {{20, 20, true}};
        Prompt painted;
        painted.frame = 40;
        painted.mask = std::make_shared<const RleMask>(rectangle(10, 5, 20, 40));
        t.prompts = {click, painted};
        t.absent = {{60, 70}, {90, 100}};
        t.acceptedGuesses = {{10, 12}};
        t.rejectedGuesses = {{20, 30}};
        return d;
    }

private Q_SLOTS:
    void thePointIsDeepInside() {
        const auto point = pointInside(rectangle(10, 5, 20, 40));
        QVERIFY(point);
        QVERIFY(point->include);
        QVERIFY(point->x > 13 && point->x < 17);
        QVERIFY(point->y > 8 && point->y < 37);
        QVERIFY(!pointInside(RleMask{}));
        // A run that goes on over the foot of a column into the next.
        const auto whole = pointInside(rectangle(0, 0, 64, 48));
        QVERIFY(whole && std::abs(whole->y - 24) < 2);
    }
    void aMaskAloneAsksByBoxAndPoint() {
        Prompt p;
        p.frame = 7;
        p.mask = std::make_shared<const RleMask>(rectangle(10, 5, 20, 40));
        const auto asked = promptForEngine(p);
        QCOMPARE(asked.frame, std::int64_t{7});
        QVERIFY(!asked.mask);
        QVERIFY(asked.box);
        QCOMPARE(asked.box->x0, 10.0);
        QCOMPARE(asked.box->x1, 20.0);
        QCOMPARE(asked.box->y1, 40.0);
        QCOMPARE(asked.points.size(), std::size_t{1});
        p.points = {{1, 2, false}};
        const auto clicked = promptForEngine(p); // clicks speak for themselves
        QVERIFY(!clicked.box);
        QCOMPARE(clicked.points.size(), std::size_t{1});
    }
    void rangesJoinAndSplit() {
        std::vector<FrameRange> r;
        r = withRange(r, {10, 20});
        r = withRange(r, {30, 40});
        r = withRange(r, {20, 30});
        QCOMPARE(r, (std::vector<FrameRange>{{10, 40}}));
        r = withoutRange(r, {15, 18});
        QCOMPARE(r, (std::vector<FrameRange>{{10, 15}, {18, 40}}));
        QVERIFY(!contains(r, 15));
        QVERIFY(contains(r, 18));
        QCOMPARE(commonRanges(r, {{0, 12}, {20, 25}}), (std::vector<FrameRange>{{10, 12}, {20, 25}}));
        QCOMPARE(withoutRange(r, {5, 5}), r);
    }
    void theDocumentKeepsThem() {
        QTemporaryDir folder;
        const auto d = document();
        const std::filesystem::path file = folder.filePath("project.yaml").toStdString();
        std::ofstream(file) << detail::projectToYaml(d, {}, folder.path().toStdString());
        const auto back = detail::projectFromYaml(file).document;
        const auto &a = d.targets.front(), &b = back.targets.front();
        QCOMPARE(b.prompts.size(), a.prompts.size());
        for (std::size_t i = 0; i < a.prompts.size(); ++i) {
            QVERIFY(samePrompt(a.prompts[i], b.prompts[i]));
        }
        QCOMPARE(b.absent, a.absent);
        QCOMPARE(b.acceptedGuesses, a.acceptedGuesses);
        QCOMPARE(b.rejectedGuesses, a.rejectedGuesses);
    }
    void onlyWhatDependsIsOutdated() {
        const auto d = document();
        auto reviewed = d;
        reviewed.targets.front().rejectedGuesses.clear();
        QCOMPARE(detail::groundKey(reviewed), detail::groundKey(d)); // a verdict costs no run
        auto gone = d;
        gone.targets.front().absent = {{60, 100}};
        QCOMPARE(detail::segmentKey(gone), detail::segmentKey(d));
        QVERIFY(detail::reconstructKey(gone, 1) != detail::reconstructKey(d, 1));
        auto touched = d; // a brush stroke on a clicked frame
        touched.targets.front().prompts.front().mask = std::make_shared<const RleMask>(rectangle(1, 1, 9, 9));
        QCOMPARE(detail::segmentKey(touched), detail::segmentKey(d));
        QVERIFY(detail::reconstructKey(touched, 1) != detail::reconstructKey(d, 1));
        auto seeded = d; // a mask alone is where tracking starts
        seeded.targets.front().prompts.back().mask = std::make_shared<const RleMask>(rectangle(30, 5, 50, 40));
        QVERIFY(detail::segmentKey(seeded) != detail::segmentKey(d));
    }
};

QTEST_GUILESS_MAIN(PromptMaskTest)
#include "test_prompt_mask.moc"
