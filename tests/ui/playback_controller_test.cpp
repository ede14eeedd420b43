#include "ui/controllers/playback_controller.h"

#include <QSignalSpy>
#include <QTest>

using body4d::FrameRange;
using body4d::ui::PlaybackController;

class PlaybackControllerTest : public QObject {
    Q_OBJECT
    static void load(PlaybackController& p, int frames, double fps) {
        std::vector<double> times;
        for (int i = 0; i < frames; ++i) {
            times.push_back(i / fps);
        }
        p.setVideo(times, fps);
    }
private Q_SLOTS:
    void stepsStayInTheVideo() {
        PlaybackController p;
        load(p, 10, 25);
        p.step(-1);
        QCOMPARE(p.frame(), 0);
        p.step(3);
        QCOMPARE(p.frame(), 3);
        p.step(100);
        QCOMPARE(p.frame(), 9);
        p.setFrame(-5);
        QCOMPARE(p.frame(), 0);
    }
    void secondsFollowTimeStampsOfVariableRate() {
        PlaybackController p;
        p.setVideo({0, 0.1, 0.2, 1.2, 1.3, 5.0}, 10);
        p.stepSeconds(1);
        QCOMPARE(p.frame(), 2); // the frame on screen at 1.0 s
        p.stepSeconds(1);
        QCOMPARE(p.frame(), 3); // 1.2 s
        p.stepSeconds(1);
        QCOMPARE(p.frame(), 4); // 2.2 s still shows the frame of 1.3 s
        p.stepSeconds(1);
        QCOMPARE(p.frame(), 5); // a second leads nowhere: one frame on
    }
    void playingFollowsTheClockAndDropsFrames() {
        PlaybackController p;
        load(p, 100, 25);
        QSignalSpy frames(&p, &PlaybackController::frameChanged);
        p.setPlaying(true);
        p.advanceTo(0.5);
        QCOMPARE(p.frame(), 12);
        p.advanceTo(2.0);
        QCOMPARE(p.frame(), 50);
        QCOMPARE(frames.count(), 2);
        p.advanceTo(60);
        QCOMPARE(p.frame(), 99);
        QVERIFY(!p.playing());
    }
    void playbackObeysInAndOut() {
        PlaybackController p;
        load(p, 100, 25);
        p.setRange({20, 40});
        p.setPlaying(true);
        QCOMPARE(p.frame(), 20); // started outside: begins at in
        p.advanceTo(10);
        QCOMPARE(p.frame(), 39);
        p.setLooping(true);
        p.setPlaying(true);
        QCOMPARE(p.frame(), 20);
        p.advanceTo(10);
        QCOMPARE(p.frame(), 20);
        QVERIFY(p.playing());
        p.toEnd();
        QCOMPARE(p.frame(), 39);
        p.toEnd(); // again: of the video
        QCOMPARE(p.frame(), 99);
        p.toStart();
        QCOMPARE(p.frame(), 20);
        p.toStart();
        QCOMPARE(p.frame(), 0);
    }
    void shuttleDoublesAndTurnsRound() {
        PlaybackController p;
        load(p, 1000, 25);
        p.setFrame(500);
        p.shuttle(1);
        QCOMPARE(p.speed(), 1.0);
        p.shuttle(1);
        p.shuttle(1);
        QCOMPARE(p.speed(), 4.0);
        p.shuttle(-1);
        QCOMPARE(p.speed(), -1.0);
        p.advanceTo(1.0);
        QCOMPARE(p.frame(), 475);
        p.shuttle(0);
        QVERIFY(!p.playing());
        QCOMPARE(p.speed(), 1.0);
    }
    void scrubbingWhilePlayingGoesOnFromThere() {
        PlaybackController p;
        load(p, 1000, 25);
        p.setPlaying(true);
        p.advanceTo(1);
        p.setFrame(500);
        QVERIFY(p.playing());
        p.advanceTo(1);
        QCOMPARE(p.frame(), 525);
    }
    void emptyVideoIsHarmless() {
        PlaybackController p;
        p.togglePlaying();
        p.step(1);
        p.toEnd();
        p.stepSeconds(1);
        p.shuttle(1);
        QCOMPARE(p.frame(), 0);
        QVERIFY(!p.playing());
    }
};

QTEST_GUILESS_MAIN(PlaybackControllerTest)
#include "playback_controller_test.moc"
