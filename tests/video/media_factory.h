#pragma once

// Test inputs made with the ffmpeg program, and its own decoding of them as the truth.

#include "base/image.h"

#include <QByteArray>
#include <QDir>
#include <QProcess>
#include <QStandardPaths>
#include <QString>
#include <QStringList>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>

#ifdef __SANITIZE_THREAD__
/// QProcess forks beside Qt Test's watchdog thread and goes straight to exec.
extern "C" __attribute__((used, visibility("default"))) const char* __tsan_default_options() {
    return "die_after_fork=0";
}
#endif

namespace body4d::test {

inline bool haveFfmpeg() {
    return !QStandardPaths::findExecutable(QStringLiteral("ffmpeg")).isEmpty();
}

#define BODY4D_NEEDS_FFMPEG()                                                                                \
    if (!body4d::test::haveFfmpeg()) {                                                                       \
        QSKIP("The ffmpeg program is not installed (Debian: apt install ffmpeg).");                          \
    }

/// Runs ffmpeg. @returns standard output, or a null array when it failed
inline QByteArray ffmpeg(const QStringList& arguments) {
    QProcess process;
    process.start(QStringLiteral("ffmpeg"), QStringList{QStringLiteral("-v"), QStringLiteral("error"),
                                                        QStringLiteral("-y"), QStringLiteral("-nostdin")} +
                                                arguments);
    if (!process.waitForFinished(120000) || process.exitCode() != 0) {
        qWarning("ffmpeg %s: %s", qPrintable(arguments.join(u' ')),
                 process.readAllStandardError().constData());
        return {};
    }
    const QByteArray out = process.readAllStandardOutput();
    return out.isNull() ? QByteArray("") : out;
}

/// `line` is split at spaces. @returns whether the file was made
inline bool make(const QString& line, const std::filesystem::path& path) {
    QStringList arguments = line.split(u' ', Qt::SkipEmptyParts);
    arguments << QString::fromStdString(path.string());
    return !ffmpeg(arguments).isNull() && std::filesystem::exists(path);
}

/// All frames by ffmpeg as rgb24, one after the other.
inline QByteArray truth(const std::filesystem::path& path, const QString& inputOptions = {},
                        const QString& filter = {}) {
    QStringList arguments = inputOptions.split(u' ', Qt::SkipEmptyParts);
    arguments << QStringLiteral("-i") << QString::fromStdString(path.string());
    if (!filter.isEmpty()) {
        arguments << QStringLiteral("-vf") << filter;
    }
    arguments << QStringLiteral("-vsync") << QStringLiteral("passthrough") << QStringLiteral("-an")
              << QStringLiteral("-pix_fmt") << QStringLiteral("rgb24") << QStringLiteral("-f")
              << QStringLiteral("rawvideo") << QStringLiteral("-");
    return ffmpeg(arguments);
}

struct Difference {
    int largest = 0;
    double psnr = 99;
};
inline Difference difference(const Image& image, const char* rgb) {
    Difference result;
    double sum = 0;
    for (std::size_t i = 0; i < image.rgb.size(); ++i) {
        const int d = std::abs(int{image.rgb[i]} - int{static_cast<std::uint8_t>(rgb[i])});
        result.largest = std::max(result.largest, d);
        sum += d * d;
    }
    if (sum > 0) {
        result.psnr = 10 * std::log10(255.0 * 255.0 / (sum / static_cast<double>(image.rgb.size())));
    }
    return result;
}

} // namespace body4d::test
