#include "ui/sound/sound_feed.h"
#include "ui/sound/sound_player.h"

#include <QProcess>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstring>
#include <optional>
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
    std::filesystem::path clip_, noise_;
    std::vector<std::int16_t> reference_; ///< what ffmpeg decodes of noise_
    SoundFeed::Clock::time_point now_{};  ///< of a loudspeaker that is played by the test

    [[nodiscard]] SoundFeed::Clock::time_point later(double seconds) const {
        return now_ + std::chrono::round<SoundFeed::Clock::duration>(std::chrono::duration<double>(seconds));
    }
    /// Takes `pairs` samples once they are decoded.
    static std::vector<std::int16_t> pull(SoundFeed& feed, int pairs) {
        [&] { QTRY_VERIFY(feed.waiting() >= pairs); }();
        std::vector<std::int16_t> out(static_cast<std::size_t>(pairs) * 2);
        feed.read(reinterpret_cast<char*>(out.data()), static_cast<qint64>(out.size() * 2));
        return out;
    }
    /// How far from pair `due` of the source these samples are, in pairs; nothing: they are not in it near there.
    [[nodiscard]] std::optional<int> offset(const std::vector<std::int16_t>& samples, std::int64_t due) const {
        const auto n = static_cast<std::int64_t>(samples.size());
        for (int reach = 0; reach <= kRate / 2; ++reach) {
            for (const int d : {reach, -reach}) {
                const auto at = 2 * (due + d);
                if (at >= 0 && at + n <= static_cast<std::int64_t>(reference_.size()) &&
                    std::equal(samples.begin(), samples.end(), reference_.begin() + at)) {
                    return d;
                }
            }
        }
        return std::nullopt;
    }

    /// Strength of the left channel by tenths of a second, from a moment on.
    [[nodiscard]] std::vector<double> listen(SoundFeed& feed, double from, int tenths) {
        feed.startAt(from, now_);
        std::vector<double> loud;
        std::vector<std::int16_t> samples(static_cast<std::size_t>(kRate / 10) * 2);
        for (int i = 0; i < tenths; ++i) {
            // A loudspeaker takes its time; the decoder must have begun before the first samples are due.
            if (i == 0) {
                QTest::qWait(150);
            }
            feed.read(reinterpret_cast<char*>(samples.data()), static_cast<qint64>(samples.size() * 2));
            now_ += std::chrono::milliseconds(100);
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
        // Noise: no stretch of it is like another.
        noise_ = dir_.filePath("noise.mkv").toStdString();
        process.start("ffmpeg", {"-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=s=64x48:r=25:d=20", "-f", "lavfi", "-i",
                                 "anoisesrc=r=48000:d=20:seed=7", "-ac", "2", "-c:a", "pcm_s16le", QString::fromStdString(noise_.string())});
        QVERIFY(process.waitForFinished(60000) && process.exitCode() == 0);
        process.start("ffmpeg", {"-v", "error", "-i", QString::fromStdString(noise_.string()), "-map", "0:a", "-f", "s16le", "-"});
        QVERIFY(process.waitForFinished(60000) && process.exitCode() == 0);
        const auto bytes = process.readAllStandardOutput();
        reference_.resize(static_cast<std::size_t>(bytes.size()) / sizeof(std::int16_t));
        std::memcpy(reference_.data(), bytes.constData(), reference_.size() * sizeof(std::int16_t));
        QCOMPARE(reference_.size(), std::size_t{2} * 20 * kRate);
    }
    void whatIsPlayedIsTheSourceAtTheCursorsTime() {
        SoundFeed feed(noise_, [this] { return now_; });
        feed.startAt(2, now_);
        now_ = later(0.3); // the device took its time
        QTRY_VERIFY(feed.waiting() > kRate / 2); // what is out of date is thrown away, not played late
        const auto first = pull(feed, 480);
        constexpr int kMillisecond = kRate / 1000; // the container's own grain
        const auto off = [this](const std::vector<std::int16_t>& samples, double seconds) {
            return std::abs(offset(samples, std::llround(seconds * kRate)).value_or(kRate));
        };
        QVERIFY(off(first, 2.3) <= kMillisecond);
        feed.startAt(7.5, now_); // scrubbed
        QVERIFY(off(pull(feed, 480), 7.5) <= kMillisecond);
        feed.startAt(0.5, now_); // and back
        QVERIFY(off(pull(feed, 480), 0.5) <= kMillisecond);
    }
    void staysInStepWithASlowAndStallingDevice_data() {
        QTest::addColumn<double>("rate");
        QTest::newRow("exact") << 1.0;
        QTest::newRow("slow") << 0.995;
        QTest::newRow("fast") << 1.005;
    }
    void staysInStepWithASlowAndStallingDevice() {
        QFETCH(double, rate);
        SoundFeed feed(noise_, [this] { return now_; });
        feed.startAt(0, now_);
        const auto begin = now_;
        int ahead = 0, worst = 0, holes = 0;
        constexpr int kSteps = 1700; // of 10 ms
        for (int i = 0; i < kSteps; ++i) {
            if (i == 500) {
                now_ = later(0.2); // it stalls: what it should have played meanwhile is over
            }
            const auto due = std::llround(std::chrono::duration<double>(now_ - begin).count() * kRate);
            if (due + kRate > static_cast<std::int64_t>(reference_.size()) / 2) {
                break;
            }
            const auto at = offset(pull(feed, 480), due);
            now_ = later(0.01 / rate);
            if (!at) {
                ++holes; // the silence that is put in, or the seam
                continue;
            }
            ahead = i == 0 ? *at : ahead;
            const bool settling = i >= 500 && i < 750;
            worst = settling ? worst : std::max(worst, std::abs(*at - ahead));
        }
        QVERIFY2(worst <= kRate / 20, qPrintable(QString("%1 ms").arg(1000.0 * worst / kRate)));
        QVERIFY2(holes <= 40, qPrintable(QString::number(holes)));
    }
    void samplesAreThoseOfTheMoment() {
        SoundFeed feed(clip_, [this] { return now_; });
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
        SoundFeed feed(dir_.filePath("nothing.mp4").toStdString(), [this] { return now_; });
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
