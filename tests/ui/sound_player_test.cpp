#include "ui/sound/sound_feed.h"
#include "ui/sound/sound_player.h"

#include <QProcess>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <cmath>
#include <vector>

using namespace body4d;
using namespace body4d::ui;

namespace {

constexpr int kRate = SoundDevice::kSamplesPerSecond;

/// Loudspeakers that can be asked what they were given.
struct Heard {
    std::atomic<int> starts{0}, stops{0}, made{0};
    std::atomic<QIODevice*> source{nullptr};
};
class FakeDevice : public SoundDevice {
public:
    explicit FakeDevice(Heard& heard) : heard_(heard) { ++heard_.made; }
    bool start(QIODevice& source) override {
        heard_.source = &source;
        ++heard_.starts;
        return true;
    }
    void stop() override {
        heard_.source = nullptr;
        ++heard_.stops;
    }
    void setVolume(double) override {}

private:
    Heard& heard_;
};

} // namespace

/// Sound follows the time cursor; without a device nothing is heard and nothing is said.
class SoundPlayerTest : public QObject {
    Q_OBJECT
    QTemporaryDir dir_;
    std::filesystem::path clip_;

    /// Strength of the left channel by tenths of a second, from a moment on.
    [[nodiscard]] static std::vector<double> listen(SoundFeed& feed, double from, int tenths) {
        feed.startAt(from);
        std::vector<double> loud;
        std::vector<std::int16_t> samples(static_cast<std::size_t>(kRate / 10) * 2);
        for (int i = 0; i < tenths; ++i) {
            // A loudspeaker takes its time; the decoder must have begun before the first samples are due.
            if (i == 0) {
                QTest::qWait(150);
            }
            feed.read(reinterpret_cast<char*>(samples.data()), static_cast<qint64>(samples.size() * 2));
            double sum = 0;
            for (std::size_t k = 0; k < samples.size(); k += 2) {
                sum += std::abs(samples[k]);
            }
            loud.push_back(sum / static_cast<double>(samples.size() / 2));
            QTest::qWait(20);
        }
        return loud;
    }

private Q_SLOTS:
    void initTestCase() {
        // One second of silence, then a tone.
        clip_ = dir_.filePath("clip.mp4").toStdString();
        QProcess process;
        process.start("ffmpeg", {"-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=s=64x48:r=25:d=3", "-f", "lavfi", "-i",
                                 "sine=f=440:d=2,adelay=1000:all=1", "-pix_fmt", "yuv420p", "-shortest",
                                 QString::fromStdString(clip_.string())});
        if (!process.waitForFinished(60000) || process.exitCode() != 0) {
            QSKIP("The ffmpeg program is not installed (Debian: apt install ffmpeg).");
        }
    }
    void samplesAreThoseOfTheMoment() {
        SoundFeed feed(clip_);
        const auto start = listen(feed, 0, 14);
        for (int i = 0; i < 9; ++i) {
            QVERIFY2(start[static_cast<std::size_t>(i)] < 60, qPrintable(QString("%1: %2").arg(i).arg(start[static_cast<std::size_t>(i)])));
        }
        QVERIFY(start[11] > 500);
        const auto late = listen(feed, 1.5, 3);
        QVERIFY(late[0] > 500);
        const auto back = listen(feed, 0.2, 3); // backwards in the file
        QVERIFY(back[0] < 60 && back[2] < 60);
        const auto over = listen(feed, 7, 2); // behind the end: silence, and no end of the stream
        QVERIFY(over[0] < 60);
    }
    void filesWithoutSoundAreSilent() {
        SoundFeed feed(dir_.filePath("nothing.mp4").toStdString());
        QCOMPARE(listen(feed, 0, 1)[0], 0.0);
    }
    void playsOnlyForwardsAtItsOwnSpeed() {
        Heard heard;
        PlaybackController playback;
        std::vector<double> times;
        for (int i = 0; i < 75; ++i) {
            times.push_back(i / 25.0);
        }
        playback.setVideo(times, 25);
        SoundPlayer player(playback, [&heard] { return std::make_unique<FakeDevice>(heard); });
        player.setVideo(clip_);
        QVERIFY(!player.wanted());
        QCOMPARE(heard.made.load(), 0); // nobody is asked before there is something to hear
        playback.setPlaying(true);
        QVERIFY(player.wanted());
        QTRY_COMPARE(heard.starts.load(), 1);
        playback.setSpeed(2);
        QVERIFY(!player.wanted());
        QTRY_VERIFY(heard.source.load() == nullptr);
        playback.setSpeed(1);
        QTRY_COMPARE(heard.starts.load(), 2);
        playback.setFrame(60); // scrubbed while playing: the sound jumps along
        QTRY_VERIFY(heard.starts.load() >= 3);
        player.setMuted(true);
        QVERIFY(!player.wanted());
        player.setMuted(false);
        playback.shuttle(-1);
        QVERIFY(!player.wanted());
        playback.setPlaying(false);
        player.setVideo({});
        playback.shuttle(1);
        QVERIFY(!player.wanted()); // no sound in the file
    }
    void withoutADeviceNothingHappens() {
        PlaybackController playback;
        playback.setVideo({0, 0.04, 0.08, 0.12}, 25);
        std::atomic<int> asked{0};
        SoundPlayer player(playback, [&asked]() -> std::unique_ptr<SoundDevice> {
            ++asked;
            return nullptr;
        });
        QSignalSpy audible(&player, &SoundPlayer::audibleChanged);
        player.setVideo(clip_);
        playback.setPlaying(true);
        QTRY_COMPARE(asked.load(), 1);
        QTRY_VERIFY(!audible.isEmpty());
        QCOMPARE(audible.front().front().toBool(), false);
    }
    void theSystemsDeviceMayBeMissing() {
        // Whatever this machine has: it must come back without an error.
        const auto device = makeSoundDevice();
        QVERIFY(device == nullptr || device != nullptr);
        PlaybackController playback;
        playback.setVideo({0, 0.04, 0.08, 0.12}, 25);
        SoundPlayer player(playback);
        player.setVideo(clip_);
        playback.setPlaying(true);
        QTRY_VERIFY(!playback.playing()); // it came to its end
    }
};

QTEST_GUILESS_MAIN(SoundPlayerTest)
#include "sound_player_test.moc"
