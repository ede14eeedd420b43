#include "ui/panels/empty_state.h"

#include "ui/icons.h"
#include "ui/panels/widgets.h"
#include "ui/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include <utility>

namespace body4d::ui {
namespace {

constexpr int kMark = 72;

/// A dim picture that follows the theme.
class StepMark : public QWidget {
public:
    StepMark(QString name, int size) : name_(std::move(name)), size_(size) { setFixedSize(size, size); }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.drawPixmap(0, 0, iconPixmap(name_, tokens().dim, size_, devicePixelRatioF()));
    }

private:
    QString name_;
    int size_;
};

} // namespace

EmptyState::EmptyState(QWidget* parent) : QWidget(parent) {
    auto* column = new QVBoxLayout(this);
    column->setSpacing(14);
    column->addStretch(2);
    mark_ = new QLabel;
    mark_->setPixmap(applicationIcon().pixmap(QSize(kMark, kMark), devicePixelRatioF()));
    mark_->setAttribute(Qt::WA_TransparentForMouseEvents);
    column->addWidget(mark_, 0, Qt::AlignHCenter);
    sentence_ = new QLabel(tr("Drop a video here to turn the people in it into moving 3D bodies."));
    sentence_->setObjectName(QStringLiteral("display"));
    QFont font = sentence_->font();
    font.setPointSizeF(font.pointSizeF() * 1.42);
    font.setWeight(QFont::DemiBold);
    sentence_->setFont(font);
    sentence_->setWordWrap(true);
    sentence_->setAlignment(Qt::AlignCenter);
    sentence_->setMaximumWidth(480);
    open_ = new QPushButton(tr("Open a video…"));
    open_->setObjectName(QStringLiteral("primary"));
    open_->setDefault(true);
    sample_ = new QPushButton(tr("or try the sample clip"));
    sample_->setObjectName(QStringLiteral("link"));
    sample_->hide();
    camera_ = new QPushButton(tr("or record with a camera"));
    camera_->setObjectName(QStringLiteral("link"));
    detail_ = new QLabel(tr("Everything happens on this machine. MP4, MOV, MKV, AVI, WebM, image folders and projects open."));
    detail_->setObjectName(QStringLiteral("dim"));
    detail_->setWordWrap(true);
    detail_->setAlignment(Qt::AlignCenter);
    detail_->setMaximumWidth(420);
    const auto centred = [&](QWidget* widget) {
        auto* row = new QHBoxLayout;
        row->addStretch(1);
        row->addWidget(widget, 8);
        row->addStretch(1);
        column->addLayout(row);
    };
    centred(sentence_);
    column->addWidget(open_, 0, Qt::AlignHCenter);
    auto* others = new QHBoxLayout;
    others->setSpacing(18);
    others->addStretch(1);
    others->addWidget(sample_);
    others->addWidget(camera_);
    others->addStretch(1);
    column->addLayout(others);
    centred(detail_);
    steps_ = new QWidget;
    auto* way = new QHBoxLayout(steps_);
    way->setContentsMargins(0, 10, 0, 0);
    way->setSpacing(8);
    const std::pair<const char*, QString> steps[] = {{"film", tr("Open a video")}, {"point", tr("Click a person")}, {"run", tr("Run (F5)")}};
    for (const auto& [picture, words] : steps) {
        if (way->count() > 0) {
            way->addWidget(new StepMark(QStringLiteral("chevron-right"), 14));
        }
        way->addWidget(new StepMark(QLatin1String(picture), 18));
        way->addWidget(dimLabel(words));
    }
    column->addWidget(steps_, 0, Qt::AlignHCenter);
    recent_ = new QWidget;
    auto* row = new QHBoxLayout(recent_);
    row->setContentsMargins(0, 12, 0, 0);
    row->setSpacing(10);
    column->addWidget(recent_, 0, Qt::AlignHCenter);
    recent_->hide();
    column->addStretch(3);
    connect(open_, &QPushButton::clicked, this, &EmptyState::openRequested);
    connect(camera_, &QPushButton::clicked, this, &EmptyState::cameraRequested);
    connect(sample_, &QPushButton::clicked, this, &EmptyState::sampleRequested);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void EmptyState::setBusy(const QString& text) {
    const bool busy = !text.isEmpty();
    sentence_->setText(busy ? text : tr("Drop a video here to turn the people in it into moving 3D bodies."));
    open_->setVisible(!busy);
    detail_->setVisible(!busy);
    steps_->setVisible(!busy);
    camera_->setVisible(!busy);
    sample_->setVisible(!busy && sample_->property("available").toBool());
    recent_->setVisible(!busy && recent_->layout()->count() > 0);
}

void EmptyState::setRecent(const std::vector<Recent>& files) {
    while (auto* item = recent_->layout()->takeAt(0)) {
        item->widget()->deleteLater(); // its menu may be what asked for this
        item->widget()->hide();
        delete item;
    }
    for (const auto& file : files) {
        auto* button = new QToolButton;
        button->setObjectName(QStringLiteral("recent"));
        button->setToolButtonStyle(Qt::ToolButtonTextUnderIcon);
        button->setIconSize({112, 64});
        button->setIcon(file.picture.isNull() ? icon(QStringLiteral("film")) : QIcon(file.picture));
        button->setText(button->fontMetrics().elidedText(file.title, Qt::ElideMiddle, 120));
        button->setAccessibleName(tr("Open %1").arg(file.title));
        button->setToolTip(file.exists ? file.path : tr("%1 (not there now)").arg(file.path));
        connect(button, &QToolButton::clicked, this, [this, file] {
            if (file.exists) {
                Q_EMIT recentRequested(file.path);
            }
        });
        if (!file.exists) { // still there for its menu
            QPixmap grey = button->icon().pixmap(QSize(112, 64), QIcon::Disabled);
            button->setIcon(QIcon(grey));
            button->setStyleSheet(QStringLiteral("color: %1").arg(tokens().dim.name()));
        }
        if (file.pinned) {
            auto* mark = new QLabel(button);
            mark->setPixmap(iconPixmap(QStringLiteral("pin"), tokens().accent, 16, devicePixelRatioF()));
            mark->setToolTip(tr("Kept on top"));
            mark->move(6, 6);
        }
        button->setContextMenuPolicy(Qt::CustomContextMenu);
        connect(button, &QWidget::customContextMenuRequested, this, [this, file, button](QPoint at) {
            auto* menu = new QMenu(button);
            menu->setAttribute(Qt::WA_DeleteOnClose);
            menu->addAction(icon(QStringLiteral("pin")), file.pinned ? tr("Unpin") : tr("Keep on top"), this,
                            [this, file] { Q_EMIT pinRequested(file.path, !file.pinned); });
            menu->addAction(icon(QStringLiteral("trash")), tr("Forget"), this, [this, file] { Q_EMIT forgetRequested(file.path); });
            menu->popup(button->mapToGlobal(at));
        });
        recent_->layout()->addWidget(button);
    }
    recent_->setVisible(!files.empty());
}

void EmptyState::setSampleAvailable(bool available) {
    sample_->setProperty("available", available);
    sample_->setVisible(available);
}

void EmptyState::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const auto& t = tokens();
    painter.fillRect(rect(), t.dark ? QColor(0x181B1F) : QColor(0xEEF1F5));
    painter.setRenderHint(QPainter::Antialiasing);
    QPen pen(t.line, 1.5, Qt::CustomDashLine);
    pen.setDashPattern({6, 5});
    painter.setPen(pen);
    painter.drawRoundedRect(QRectF(rect()).adjusted(18.5, 18.5, -18.5, -18.5), 12, 12);
}

} // namespace body4d::ui
