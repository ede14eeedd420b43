#include "ui/controllers/recent_files.h"

#include <QFileInfo>
#include <QHash>
#include <QSettings>

namespace body4d::ui {
namespace {
constexpr const char* kFiles = "recent/files";
constexpr const char* kPinned = "recent/pinned";

QStringList read(const char* key) { return QSettings().value(QLatin1String(key)).toStringList(); }
void write(const char* key, const QStringList& list) { QSettings().setValue(QLatin1String(key), list); }
} // namespace

std::vector<RecentFiles::Entry> RecentFiles::list() {
    std::vector<Entry> entries;
    const auto pinned = read(kPinned);
    for (const auto& path : pinned) {
        entries.push_back({path, QFileInfo(path).fileName(), true, QFileInfo::exists(path)});
    }
    for (const auto& path : read(kFiles)) {
        if (!pinned.contains(path)) {
            entries.push_back({path, QFileInfo(path).fileName(), false, QFileInfo::exists(path)});
        }
    }
    QHash<QString, int> times;
    for (const auto& entry : entries) {
        ++times[entry.name];
    }
    for (auto& entry : entries) {
        if (times[entry.name] > 1) {
            entry.name = QFileInfo(QFileInfo(entry.path).path()).fileName() + QLatin1Char('/') + entry.name;
        }
    }
    return entries;
}

void RecentFiles::add(const QString& path) {
    const auto pinned = read(kPinned);
    auto files = read(kFiles);
    files.removeAll(path);
    files.prepend(path);
    int loose = 0;
    QStringList kept;
    for (const auto& file : files) {
        if (pinned.contains(file) || loose++ < kMost) {
            kept << file;
        }
    }
    write(kFiles, kept);
}

void RecentFiles::setPinned(const QString& path, bool on) {
    auto pinned = read(kPinned);
    pinned.removeAll(path);
    if (on) {
        pinned << path;
    }
    write(kPinned, pinned);
}

void RecentFiles::remove(const QString& path) {
    setPinned(path, false);
    auto files = read(kFiles);
    files.removeAll(path);
    write(kFiles, files);
}

QString RecentFiles::newest() { return read(kFiles).value(0); }

} // namespace body4d::ui
