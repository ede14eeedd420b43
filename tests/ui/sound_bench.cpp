// How far the sound that is heard is from the time cursor: plays a clip of clicks through a PulseAudio server of its own
// without loudspeakers and listens to what that would have played. Needs the programs pulseaudio, parec and ffmpeg (Debian:
// pulseaudio, pulseaudio-utils, ffmpeg):
//   build/release/tests/sound_bench [SECONDS]
#include "ui/sound/sound_player.h"

#include <QCoreApplication>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTimer>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <vector>

using namespace body4d::ui;

namespace {

constexpr int kRate = SoundDevice::kSamplesPerSecond;
constexpr double kFps = 25, kFirst = 2.4, kClip = 120;

double seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// When every recorded sample was played: they come in a row, so the earliest arrival tells of all.
struct Recording {
    std::vector<std::int16_t> samples; ///< left channel
    double begin = std::numeric_limits<double>::max();

    void add(const QByteArray& bytes) {
        const auto pairs = static_cast<std::size_t>(bytes.size()) / 4;
        const auto* data = reinterpret_cast<const std::int16_t*>(bytes.constData());
        for (std::size_t i = 0; i < pairs; ++i) {
            samples.push_back(data[2 * i]);
        }
        begin = std::min(begin, seconds() - static_cast<double>(samples.size()) / kRate);
    }
    /// Moments at which a click began.
    [[nodiscard]] std::vector<double> clicks() const {
        std::vector<double> out;
        std::size_t quiet = kRate;
        for (std::size_t i = 0; i < samples.size(); ++i) {
            if (std::abs(samples[i]) < 3000) {
                ++quiet;
                continue;
            }
            if (quiet > kRate / 5) {
                out.push_back(begin + static_cast<double>(i) / kRate);
            }
            quiet = 0;
        }
        return out;
    }
};

void report(const char* what, const std::vector<double>& clicks, double from, double to, double at) {
    std::vector<double> late;
    for (const double click : clicks) {
        if (click > from && click < to) {
            const double cursor = at + click - from;
            late.push_back(1000 * (cursor - std::round(cursor))); // clicks stand at full seconds
        }
    }
    if (late.empty()) {
        std::printf("%-28s nothing was heard\n", what);
        return;
    }
    std::printf("%-28s %zu clicks, sound behind the cursor by", what, late.size());
    const double first = late.front(), last = late.back();
    std::sort(late.begin(), late.end());
    std::printf(" %.1f to %.1f ms, median %.1f (first %.1f, last %.1f)\n", late.front(), late.back(), late[late.size() / 2], first, last);
}

} // namespace

int main(int argc, char** argv) {
    QCoreApplication app(argc, argv);
    const double length = argc > 1 ? std::clamp(std::atof(argv[1]), 3.0, kClip - kFirst - 5) : 20;
    QTemporaryDir dir;
    const QString clip = dir.filePath("clicks.mkv"), socket = dir.filePath("socket");
    if (QProcess::execute("ffmpeg", {"-v", "error", "-f", "lavfi", "-i", QString("testsrc=s=64x48:r=25:d=%1").arg(kClip), "-f", "lavfi", "-i",
                                     QString("aevalsrc=0.8*sin(2*PI*1000*t)*lt(mod(t\\,1)\\,0.02):s=48000:d=%1").arg(kClip), "-c:a",
                                     "pcm_s16le", clip}) != 0) {
        std::fprintf(stderr, "sound_bench: ffmpeg could not make the clip\n");
        return 1;
    }
    QProcess server, recorder;
    server.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    qputenv("PULSE_RUNTIME_PATH", dir.path().toUtf8());
    server.start("pulseaudio", {"-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--log-level=error", "-L",
                                "module-null-sink sink_name=heard", "-L",
                                "module-native-protocol-unix auth-anonymous=1 socket=" + socket});
    for (int i = 0; i < 100 && !QFile::exists(socket); ++i) {
        server.waitForFinished(50);
    }
    qputenv("PULSE_SERVER", "unix:" + socket.toUtf8());
    Recording recording;
    QObject::connect(&recorder, &QProcess::readyReadStandardOutput, &app, [&] {
        recording.add(recorder.read(recorder.bytesAvailable() / 4 * 4));
    });
    recorder.start("parec", {"-d", "heard.monitor", "--latency-msec=10", "--raw", "--format=s16le", "--rate=48000", "--channels=2"});
    if (!recorder.waitForStarted()) {
        std::fprintf(stderr, "sound_bench: parec does not start\n");
        return 1;
    }
    PlaybackController playback;
    std::vector<double> times;
    for (int i = 0; i < kClip * kFps; ++i) {
        times.push_back(i / kFps);
    }
    playback.setVideo(times, kFps);
    SoundPlayer player(playback);
    player.setVideo(clip.toStdString());
    double played = 0, jumped = 0, ended = 0;
    QTimer::singleShot(1500, &app, [&] {
        playback.setFrame(static_cast<std::int64_t>(kFirst * kFps));
        played = seconds();
        playback.setPlaying(true);
    });
    QTimer::singleShot(static_cast<int>(1500 + 1000 * length), &app, [&] {
        jumped = seconds();
        playback.setFrame(static_cast<std::int64_t>(kFirst * kFps));
    });
    QTimer::singleShot(static_cast<int>(6500 + 1000 * length), &app, [&] {
        ended = seconds();
        playback.setPlaying(false);
        QTimer::singleShot(500, &app, [] { QCoreApplication::exit(0); });
    });
    QCoreApplication::exec();
    recorder.terminate();
    recorder.waitForFinished(2000);
    server.terminate();
    server.waitForFinished(2000);
    const auto clicks = recording.clicks();
    report("played", clicks, played, jumped, kFirst);
    report("after a jump back", clicks, jumped, ended, kFirst);
    return clicks.empty() ? 1 : 0;
}
