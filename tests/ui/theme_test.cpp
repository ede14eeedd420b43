#include "gui_test.h"
#include "ui/icons.h"
#include "ui/theme.h"

#include <QDir>
#include <QRegularExpression>
#include <QTest>

using namespace body4d::ui;

class ThemeTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void contrast_data() {
        QTest::addColumn<bool>("dark");
        QTest::newRow("dark") << true;
        QTest::newRow("light") << false;
    }
    void contrast() {
        QFETCH(bool, dark);
        const auto& t = dark ? ThemeTokens::darkTokens() : ThemeTokens::lightTokens();
        for (const auto& surface : {t.window, t.panel, t.raised}) {
            for (const auto& ink : {t.text, t.dim, t.accent, t.ok, t.warning, t.error}) {
                QVERIFY2(contrastRatio(ink, surface) >= 4.5,
                         qPrintable(QString("%1 on %2: %3").arg(ink.name(), surface.name()).arg(contrastRatio(ink, surface))));
            }
        }
        QVERIFY(contrastRatio(t.onAccent, t.accent) >= 4.5);
    }
    void coloursOfTheStyleSheetContrast_data() { contrast_data(); }
    void coloursOfTheStyleSheetContrast() {
        QFETCH(bool, dark);
        Theme::instance().apply(*qApp, dark ? ThemeMode::Dark : ThemeMode::Light);
        const QString sheet = qApp->styleSheet();
        const auto colour = [&](const QString& selector, const QString& property) {
            const QRegularExpression rule(QStringLiteral("(?:^|\\n)%1 \\{(?:[^}]*;)? %2: (#[0-9a-f]{6})").arg(QRegularExpression::escape(selector), property));
            return QColor(rule.match(sheet).captured(1));
        };
        const auto readable = [](const QColor& ink, const QColor& plate) {
            return ink.isValid() && plate.isValid() && contrastRatio(ink, plate) >= 4.5;
        };
        QVERIFY(readable(colour("QToolButton#warning", "color"), colour("QToolButton#warning", "background")));
        QVERIFY(readable(colour("QToolButton#primary", "color"), colour("QToolButton#primary", "background")));
        QVERIFY(readable(colour("QPushButton#primary", "color"), colour("QPushButton#primary:hover", "background")));
        const QColor chosen = colour("QMenu::item:selected", "background");
        QVERIFY(readable(tokens().text, chosen));
        QVERIFY(readable(blend(tokens().dim, tokens().text, 0.6), chosen)); // groups and keys in the command palette
        QVERIFY(readable(blend(chosen, tokens().text, 0.8), chosen));       // keys on the chosen tool
        Theme::instance().apply(*qApp, ThemeMode::Dark);
    }
    void contrastIsWcags() {
        QCOMPARE(contrastRatio(Qt::white, Qt::black), 21.0);
        QCOMPARE(contrastRatio(Qt::red, Qt::red), 1.0);
    }
    void targetColoursCarryReadableNumbers() {
        for (const auto* name : {"#56B4E9", "#E69F00", "#2BB98A", "#CC79A7", "#F0E442", "#5B8DEF", "#E8743B", "#A58BFF"}) {
            const QColor colour(name);
            QVERIFY2(contrastRatio(readableOn(colour), colour) >= 4.5, name);
        }
    }
    void everyIconDraws() {
        const auto files = QDir(":/icons").entryList({"*.svg"}, QDir::Files);
        QVERIFY(files.size() > 40);
        for (const auto& file : files) {
            const auto image = iconPixmap(QFileInfo(file).baseName(), Qt::red, 20, 2).toImage();
            QCOMPARE(image.size(), QSize(40, 40));
            int inked = 0;
            for (int y = 0; y < image.height(); ++y) {
                for (int x = 0; x < image.width(); ++x) {
                    inked += qAlpha(image.pixel(x, y)) > 60 ? 1 : 0;
                }
            }
            QVERIFY2(inked > 20, qPrintable(file));
        }
    }
    void themesSwitchWhileRunning() {
        Theme::instance().apply(*qApp, ThemeMode::Light);
        QVERIFY(!tokens().dark);
        QCOMPARE(qApp->palette().color(QPalette::Window), ThemeTokens::lightTokens().panel);
        Theme::instance().apply(*qApp, ThemeMode::Dark);
        QVERIFY(tokens().dark);
        QVERIFY(!qApp->styleSheet().contains('@')); // every role was filled in
    }
};

BODY4D_GUI_TEST(ThemeTest)
#include "theme_test.moc"
