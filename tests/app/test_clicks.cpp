#include "base/error.h"

#include <QtTest>

#include "cli/clicks.h"

using namespace body4d;
using namespace body4d::cli;

class ClicksTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void formsAreRead() {
        auto click = parseClick("12:285.5,235");
        QCOMPARE(click.frame, std::int64_t{12});
        QCOMPARE(click.point.x, 285.5);
        QCOMPARE(click.point.y, 235.0);
        QVERIFY(click.point.include && !click.target);
        click = parseClick("0:1,2:-@3");
        QVERIFY(!click.point.include);
        QCOMPARE(*click.target, 3);
        QVERIFY(parseClick("0:1,2:+").point.include);
        QCOMPARE(*parseClick("0:1,2@7").target, 7);
        const auto box = parseBox("4:10,20,30,40@2");
        QCOMPARE(box.frame, std::int64_t{4});
        QCOMPARE(box.box.x1, 40.0);
        QCOMPARE(box.box.y1, 60.0);
        QCOMPARE(*box.target, 2);
    }

    void everythingElseIsAUsageError_data() {
        QTest::addColumn<QString>("text");
        for (const char* text : {"", "5", "5:", "5:1", "5:1,", "5:1,2,3", "-1:1,2", "a:1,2",
                                 "5:1,2:", "5:1,2:x", "5:1,2@", "5:1,2@0", "5:1,2@x", "5:1,2 ", "5:nan,2x"}) {
            QTest::newRow(text) << QString::fromLatin1(text);
        }
    }
    void everythingElseIsAUsageError() {
        QFETCH(QString, text);
        try {
            (void)parseClick(text.toStdString());
            QFAIL("was accepted");
        } catch (const Error& e) {
            QCOMPARE(exitCode(e.code()), 2);
        }
    }

    void personsAreDescribed() {
        const auto facts = parsePerson("2:height=178.5,age=0.3,build=1,gender=0,colour=#56B4E9,name=Anna, the tall = one");
        QCOMPARE(facts.target, 2);
        QCOMPARE(*facts.heightCm, 178.5);
        QCOMPARE(*facts.age, 0.3);
        QCOMPARE(*facts.name, std::string("Anna, the tall = one"));
        ProjectDocument document;
        applyClicks(document, {parseClick("0:5,6@2")}, {});
        applyPersons(document, {facts, parsePerson("2:height=180")});
        const auto& target = *document.target(2);
        QCOMPARE(target.traits.heightMetres, 1.8);
        QCOMPARE(target.traits.build, 1.0); // what the second did not say stays
        QCOMPARE(target.colour, std::string("#56B4E9"));
        QVERIFY_EXCEPTION_THROWN(applyPersons(document, {parsePerson("3:height=180")}), Error);
        for (const char* text : {"", "2", "x:height=1", "0:height=170", "2:height", "2:height=0", "2:height=tall", "2:age=2",
                                 "2:colour=red", "2:colour=#12345g", "2:weight=80", "2:name="}) {
            QVERIFY_EXCEPTION_THROWN((void)parsePerson(text), Error);
        }
    }

    void boxesNeedAnArea() {
        QVERIFY_EXCEPTION_THROWN((void)parseBox("0:1,2,0,5"), Error);
        QVERIFY_EXCEPTION_THROWN((void)parseBox("0:1,2,5"), Error);
        QVERIFY_EXCEPTION_THROWN((void)parseBox("0:1,2,-5,5"), Error);
    }

    void rangesAreHalfOpen() {
        QVERIFY(parseFrames("3:9", 10) == (FrameRange{3, 9}));
        QVERIFY(parseFrames("3:", 10) == (FrameRange{3, 10}));
        QVERIFY(parseFrames(":4", 10) == (FrameRange{0, 4}));
        for (const char* text : {"", ":", "3", "9:3", "3:3", "0:11", "-1:4", "a:b", "1:2:3"}) {
            QVERIFY_EXCEPTION_THROWN((void)parseFrames(text, 10), Error);
        }
    }

    void clicksMakeTargets() {
        ProjectDocument document;
        applyClicks(
            document,
            {parseClick("0:1,1"), parseClick("0:2,2:-"), parseClick("0:50,50"), parseClick("9:3,3@1")},
            {parseBox("0:40,40,20,20"), parseBox("0:80,80,5,5")});
        QCOMPARE(document.targets.size(), std::size_t{3});
        const auto& first = document.targets[0];
        QCOMPARE(first.prompts.size(), std::size_t{2});
        QCOMPARE(first.prompts[0].points.size(), std::size_t{2});
        QVERIFY(!first.prompts[0].points[1].include);
        QCOMPARE(first.prompts[1].frame, std::int64_t{9});
        QVERIFY(!first.prompts[0].box);
        QVERIFY(document.targets[1].prompts[0].box); // it holds that target's click
        QVERIFY(document.targets[2].prompts[0].points.empty() && document.targets[2].prompts[0].box);
    }

    void aNumberMeansTheTargetThatHasIt() {
        ProjectDocument document;
        applyClicks(document, {parseClick("0:1,1@2"), parseClick("0:3,3"), parseClick("8:5,5@1")}, {});
        QCOMPARE(document.targets.size(), std::size_t{2});
        QCOMPARE(document.target(2)->prompts[0].points[0].x, 1.0);
        QCOMPARE(document.target(1)->prompts[0].points[0].x, 3.0); // the smallest number that is free
        QCOMPARE(document.target(1)->prompts[1].points[0].x, 5.0);
    }

    void aLoneMinusIsRefused() {
        ProjectDocument document;
        QVERIFY_EXCEPTION_THROWN(applyClicks(document, {parseClick("0:1,1:-")}, {}), Error);
    }
};

QTEST_GUILESS_MAIN(ClicksTest)
#include "test_clicks.moc"
