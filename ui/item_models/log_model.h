#pragma once

#include "base/log.h"

#include <QAbstractListModel>
#include <QString>
#include <QTime>

#include <deque>

namespace body4d::ui {

/// What the program said, newest last; bounded. Fed from any thread by core's log sink.
class LogModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role { LevelRole = Qt::UserRole + 1 };
    explicit LogModel(QObject* parent = nullptr);
    ~LogModel() override;
    /// Takes over core's log until destruction.
    void install();
    void append(LogLevel level, const QString& text);
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QString text() const;

private:
    struct Line {
        QTime time;
        LogLevel level;
        QString text;
    };
    std::deque<Line> lines_;
    bool installed_ = false;
};

} // namespace body4d::ui
