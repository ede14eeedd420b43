#include "ui/icons.h"

#include "ui/theme.h"

#include <QFile>
#include <QHash>
#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

namespace body4d::ui {
namespace {

QByteArray source(const QString& name) {
    static QHash<QString, QByteArray> cache; // GUI thread only
    auto it = cache.find(name);
    if (it == cache.end()) {
        QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
        it = cache.insert(name, file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray());
    }
    return *it;
}

/// Draws the SVG in the colour of the moment, so that a change of theme needs no new icons.
class ThemedIconEngine : public QIconEngine {
public:
    ThemedIconEngine(QString name, QColor colour) : name_(std::move(name)), colour_(std::move(colour)) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
        const QPixmap pixmap = iconPixmap(name_, colour(mode), std::min(rect.width(), rect.height()),
                                          painter->device()->devicePixelRatioF());
        painter->drawPixmap(rect.center().x() - pixmap.deviceIndependentSize().toSize().width() / 2 + 1,
                            rect.center().y() - pixmap.deviceIndependentSize().toSize().height() / 2 + 1, pixmap);
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State) override {
        return iconPixmap(name_, colour(mode), std::min(size.width(), size.height()), 1);
    }
    QPixmap scaledPixmap(const QSize& size, QIcon::Mode mode, QIcon::State, qreal scale) override {
        auto result = iconPixmap(name_, colour(mode), static_cast<int>(std::min(size.width(), size.height()) / scale), scale);
        return result;
    }
    [[nodiscard]] QIconEngine* clone() const override { return new ThemedIconEngine(name_, colour_); }

private:
    [[nodiscard]] QColor colour(QIcon::Mode mode) const {
        const auto& t = tokens();
        if (mode == QIcon::Disabled) {
            return blend(t.panel, t.dim, 0.5);
        }
        return colour_.isValid() ? colour_ : t.text;
    }
    QString name_;
    QColor colour_;
};

} // namespace

QPixmap iconPixmap(const QString& name, const QColor& colour, int size, double ratio) {
    const QString key = QStringLiteral("b4d-%1-%2-%3-%4").arg(name, colour.name(QColor::HexArgb)).arg(size).arg(ratio);
    QPixmap pixmap;
    if (QPixmapCache::find(key, &pixmap)) {
        return pixmap;
    }
    pixmap = QPixmap(QSize(size, size) * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    auto svg = source(name);
    svg.replace("currentColor", colour.name().toLatin1());
    QSvgRenderer renderer(svg);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    renderer.render(&painter, QRectF(0, 0, size, size));
    painter.end();
    QPixmapCache::insert(key, pixmap);
    return pixmap;
}

QIcon icon(const QString& name) { return QIcon(new ThemedIconEngine(name, {})); }
QIcon icon(const QString& name, const QColor& colour) { return QIcon(new ThemedIconEngine(name, colour)); }

QIcon applicationIcon() { return QIcon(QStringLiteral(":/icons/body4d-studio.svg")); }

} // namespace body4d::ui
