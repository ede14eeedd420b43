#include "ui/item_models/log_model.h"

#include "ui/controllers/task_queue.h"
#include "ui/theme.h"

#include <QPointer>

#include <iostream>

namespace body4d::ui {
namespace {
constexpr int kMostLines = 2000;
} // namespace

LogModel::LogModel(QObject* parent) : QAbstractListModel(parent) {}

LogModel::~LogModel() {
    if (installed_) {
        setLogSink({});
    }
}

void LogModel::install() {
    installed_ = true;
    setLogSink([this](LogLevel level, const std::string& message) {
        if (level == LogLevel::Warning || level == LogLevel::Error) {
            std::cerr << "body4d-studio: " + message + '\n';
        }
        postTo(this, [this, level, text = QString::fromStdString(message)] { append(level, text); });
    });
}

void LogModel::append(LogLevel level, const QString& text) {
    if (static_cast<int>(lines_.size()) >= kMostLines) {
        beginRemoveRows({}, 0, 0);
        lines_.pop_front();
        endRemoveRows();
    }
    const int row = static_cast<int>(lines_.size());
    beginInsertRows({}, row, row);
    lines_.push_back({QTime::currentTime(), level, text});
    endInsertRows();
}

int LogModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(lines_.size());
}

QVariant LogModel::data(const QModelIndex& at, int role) const {
    if (at.row() < 0 || at.row() >= rowCount()) {
        return {};
    }
    const auto& line = lines_[static_cast<std::size_t>(at.row())];
    switch (role) {
    case Qt::DisplayRole: return QStringLiteral("%1  %2").arg(line.time.toString(QStringLiteral("HH:mm:ss")), line.text);
    case Qt::ForegroundRole:
        switch (line.level) {
        case LogLevel::Error: return tokens().error;
        case LogLevel::Warning: return tokens().warning;
        case LogLevel::Debug: return tokens().dim;
        case LogLevel::Info: return tokens().text;
        }
        return {};
    case LevelRole: return static_cast<int>(line.level);
    default: return {};
    }
}

QString LogModel::text() const {
    QString all;
    for (const auto& line : lines_) {
        all += line.time.toString(QStringLiteral("HH:mm:ss  ")) + line.text + QLatin1Char('\n');
    }
    return all;
}

} // namespace body4d::ui
