#pragma once

#include <QString>
#include <QStringList>

#include <vector>

namespace body4d::ui {

/// Files opened before, kept in the settings: pinned ones first, then the newest. Missing ones stay, so that a drive that
/// is not connected costs nobody their list.
class RecentFiles {
public:
    struct Entry {
        QString path;
        QString name; ///< of the file; with its folder where another one is called the same
        bool pinned = false;
        bool exists = true;
    };
    static constexpr int kMost = 10; ///< beside those that are pinned

    [[nodiscard]] static std::vector<Entry> list();
    static void add(const QString& path);
    static void setPinned(const QString& path, bool pinned);
    static void remove(const QString& path);
    /// The newest one; empty: none.
    [[nodiscard]] static QString newest();
};

} // namespace body4d::ui
