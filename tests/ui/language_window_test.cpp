// The whole window in German and Chinese: nothing stays English, nothing is cut off, no menu has a key twice.
#include "window_fixture.h"

#include "export/exporter.h"
#include "pipeline/model_catalog.h"
#include "ui/language.h"
#include "ui/panels/export_dialog.h"
#include "ui/panels/export_report.h"
#include "ui/panels/guide_dialog.h"
#include "ui/panels/models_dialog.h"
#include "ui/panels/preferences_dialog.h"
#include "ui/panels/shortcut_sheet.h"
#include "ui/panels/widgets.h"

#include <QAbstractButton>
#include <QClipboard>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFile>
#include <QGroupBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QProcess>
#include <QRegularExpression>
#include <QSettings>
#include <QStyleOptionComboBox>
#include <QToolButton>
#include <QTreeWidget>
#include <QXmlStreamReader>

#include <algorithm>

using namespace body4d;
using namespace body4d::ui;

namespace {

/// What the real program lists: titles, licences and hints of the core.
class CoreLists : public test::FakeBackend {
public:
    std::span<const ExportFormat> exportFormats() const override { return body4d::exportFormats(); }
    std::vector<ModelEntry> models() const override { return modelCatalog("/nowhere"); }
};

/// Source texts that have another translation than themselves: to be seen in no translated window.
QSet<QString> englishTexts(const QString& code) {
    QFile file(QStringLiteral(BODY4D_SOURCE_DIR "/resources/translations/body4d_%1.ts").arg(code));
    QSet<QString> all, said;
    if (!file.open(QIODevice::ReadOnly)) {
        return all;
    }
    QXmlStreamReader xml(&file);
    QString source;
    while (!xml.atEnd()) {
        xml.readNext();
        if (xml.isStartElement() && xml.name() == QLatin1String("source")) {
            source = xml.readElementText();
        } else if (xml.isStartElement() && xml.name() == QLatin1String("translation")) {
            const QString text = xml.readElementText(QXmlStreamReader::IncludeChildElements).trimmed();
            all << withoutMnemonic(source);
            said << withoutMnemonic(text); // "Kind" is a child in German
        }
    }
    return all - said;
}

/// Everything that a widget says, by what says it.
QList<std::pair<QString, QString>> wordsOf(const QWidget* widget) {
    QList<std::pair<QString, QString>> words;
    const QString who =
        QString::fromLatin1(widget->metaObject()->className()) + QLatin1Char(' ') + widget->objectName();
    const auto say = [&](const QString& text) {
        if (!text.isEmpty()) {
            words.push_back({who, text});
        }
    };
    say(widget->toolTip());
    say(widget->accessibleName());
    say(widget->accessibleDescription());
    if (const auto* label = qobject_cast<const QLabel*>(widget)) {
        say(label->text());
    }
    if (const auto* button = qobject_cast<const QAbstractButton*>(widget)) {
        say(withoutMnemonic(button->text()));
    }
    if (const auto* box = qobject_cast<const QComboBox*>(widget)) {
        for (int i = 0; i < box->count(); ++i) {
            say(box->itemText(i));
            say(box->itemData(i, Qt::ToolTipRole).toString());
        }
    }
    if (const auto* spin = qobject_cast<const QAbstractSpinBox*>(widget)) {
        say(spin->specialValueText());
        if (const auto* number = qobject_cast<const QDoubleSpinBox*>(spin)) {
            say(number->suffix().trimmed());
        }
        if (const auto* number = qobject_cast<const QSpinBox*>(spin)) {
            say(number->suffix().trimmed());
        }
    }
    if (const auto* line = qobject_cast<const QLineEdit*>(widget)) {
        say(line->placeholderText());
    }
    if (const auto* tree = qobject_cast<const QTreeWidget*>(widget)) {
        for (int column = 0; column < tree->columnCount(); ++column) {
            say(tree->headerItem()->text(column));
        }
        for (int i = 0; i < tree->topLevelItemCount(); ++i) {
            for (int column = 0; column < tree->columnCount(); ++column) {
                say(tree->topLevelItem(i)->text(column));
            }
        }
    }
    if (widget->isWindow()) {
        say(widget->windowTitle());
    }
    return words;
}

} // namespace

class LanguageWindowTest : public test::WindowFixture {
    Q_OBJECT

    void languagesOf() {
        QTest::addColumn<QString>("code");
        QTest::newRow("German") << "de";
        QTest::newRow("Chinese") << "zh_CN";
    }

    [[nodiscard]] bool makeTranslated(const QString& code) {
        useLanguage(code);
        return makeWindow(std::make_shared<CoreLists>(), {1480, 900});
    }

    /// The dialogs that a person meets most, open.
    QList<QDialog*> openDialogs() {
        for (const auto* id :
             {"edit.preferences", "export.dialog", "help.models", "help.shortcuts", "help.guide"}) {
            action(id)->trigger();
        }
        QList<QDialog*> open;
        for (auto* dialog : window_->findChildren<QDialog*>()) {
            if (dialog->isVisible()) {
                open << dialog;
            }
        }
        return open;
    }

    /// Widgets whose text has less room than it needs.
    static QStringList cutOff(const QWidget* window) {
        QStringList bad;
        const auto tell = [&](const QWidget* w, const QString& text, int has, int needs) {
            bad << QStringLiteral("%1 in %2: %3 of %4 px: %5")
                       .arg(QString::fromLatin1(w->metaObject()->className()),
                            QString::fromLatin1(window->metaObject()->className()))
                       .arg(has)
                       .arg(needs)
                       .arg(text);
        };
        for (const auto* label : window->findChildren<QLabel*>()) {
            if (!label->isVisible() || label->text().isEmpty() || label->width() == 0) {
                continue;
            }
            if (label->wordWrap()) {
                if (label->heightForWidth(label->width()) > label->height() + 1) {
                    tell(label, label->text(), label->height(), label->heightForWidth(label->width()));
                }
            } else if (label->minimumSizeHint().width() > label->width() + 1) {
                tell(label, label->text(), label->width(), label->minimumSizeHint().width());
            }
        }
        for (const auto* button : window->findChildren<QAbstractButton*>()) {
            if (!button->isVisible() || button->text().isEmpty() ||
                button->sizePolicy().horizontalPolicy() == QSizePolicy::Ignored) {
                continue;
            }
            const auto* tool = qobject_cast<const QToolButton*>(button);
            if (tool && tool->toolButtonStyle() == Qt::ToolButtonIconOnly) {
                continue;
            }
            if (button->sizeHint().width() > button->width() + 1) {
                tell(button, button->text(), button->width(), button->sizeHint().width());
            }
        }
        for (const auto* box : window->findChildren<QComboBox*>()) {
            if (!box->isVisible() || dynamic_cast<const ElidingComboBox*>(box)) {
                continue; // those end in an ellipsis and have a tool tip
            }
            QStyleOptionComboBox option;
            option.initFrom(box);
            option.editable = false;
            option.frame = box->hasFrame();
            option.subControls = QStyle::SC_All;
            const int room =
                box->style()
                    ->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, box)
                    .width();
            const int needs = box->fontMetrics().horizontalAdvance(box->currentText());
            if (needs > room) {
                tell(box, box->currentText(), room, needs);
            }
        }
        return bad;
    }

private Q_SLOTS:
    void initTestCase() {
        if (languages().size() < 3) {
            QSKIP("built without lrelease (Debian package qt6-l10n-tools): the window speaks English only");
        }
    }
    void init() {
        BODY4D_NEEDS_DISPLAY();
    }
    void cleanup() {
        window_.reset();
        useLanguage(QStringLiteral("en"));
    }

    void nothingStaysEnglish_data() { languagesOf(); }
    void nothingStaysEnglish() {
        QFETCH(QString, code);
        const auto english = englishTexts(code);
        QVERIFY(english.size() > 900);
        QVERIFY(makeTranslated(code));
        open("/videos/words.mp4");
        clickBoth();
        runToTheEnd();
        QVERIFY(openDialogs().size() >= 5);
        QTest::qWait(0);
        QStringList bad;
        QList<std::pair<QString, QString>> said;
        for (auto* top : QApplication::topLevelWidgets()) {
            said += wordsOf(top);
            for (const auto* widget : top->findChildren<QWidget*>()) {
                said += wordsOf(widget);
            }
        }
        for (const auto* a : window_->findChildren<QAction*>()) {
            for (const auto& text :
                 {withoutMnemonic(a->text()), a->statusTip(), ActionRegistry::groupOf(a)}) {
                said.push_back({QStringLiteral("action ") + a->objectName(), text});
            }
        }
        QVERIFY(said.size() > 600);
        for (const auto& [who, text] : said) {
            for (const auto& line : text.split(QLatin1Char('\n'))) {
                if (english.contains(line)) {
                    bad << who + QStringLiteral(": ") + line;
                }
            }
        }
        bad.removeDuplicates();
        QVERIFY2(bad.isEmpty(), qPrintable(bad.join(QLatin1Char('\n'))));
        QCOMPARE(window_->menuBar()->actions().front()->text(),
                 code == QLatin1String("de") ? QStringLiteral("&Datei") : QStringLiteral("文件(&F)"));
    }

    /// Texts that were never given to translators would be the same in both languages.
    void noTextIsTheSameInBothLanguages() {
        const auto collect = [this](const QString& code) {
            QSet<QString> all;
            if (!makeTranslated(code)) {
                return all;
            }
            openDialogs();
            for (auto* top : QApplication::topLevelWidgets()) {
                for (const auto* widget : top->findChildren<QWidget*>()) {
                    for (const auto& [who, text] : wordsOf(widget)) {
                        all << text;
                    }
                }
            }
            window_.reset();
            return all;
        };
        const auto german = collect(QStringLiteral("de"));
        auto same = collect(QStringLiteral("zh_CN"));
        QVERIFY(german.size() > 300 && same.size() > 300);
        same &= german;
        // Names, numbers, units, paths and keys; words have a small letter behind another one and a space
        // beside them.
        static const QRegularExpression sentence(QStringLiteral("[a-z]{2,} [a-z]{2,}"));
        static const QRegularExpression technical(QStringLiteral("^(https?://|/|<b>|[\\w./-]+, )"));
        QStringList bad;
        for (const auto& text : std::as_const(same)) {
            if (text.contains(sentence) && !text.contains(technical)) {
                bad << text;
            }
        }
        QVERIFY2(bad.isEmpty(), qPrintable(bad.join(QLatin1Char('\n'))));
    }

    void nothingIsCutOff_data() {
        QTest::addColumn<QString>("code");
        QTest::newRow("English") << "en";
        QTest::newRow("German") << "de";
        QTest::newRow("Chinese") << "zh_CN";
    }
    void nothingIsCutOff() {
        QFETCH(QString, code);
        QVERIFY(makeTranslated(code));
        // Layouts take their time; what stays is cut off.
        const auto whole = [](const QWidget* window) { return cutOff(window).isEmpty(); };
        QTRY_VERIFY2(whole(window_.get()),
                     qPrintable(cutOff(window_.get()).join(QLatin1Char('\n')))); // as a newcomer sees it
        open("/videos/cut.mp4");
        clickBoth();
        runToTheEnd();
        QTRY_VERIFY(!window_->previews().busy());
        QTRY_VERIFY2(whole(window_.get()), qPrintable(cutOff(window_.get()).join(QLatin1Char('\n'))));
        for (const auto* dialog : openDialogs()) {
            QTRY_VERIFY2(whole(dialog), qPrintable(cutOff(dialog).join(QLatin1Char('\n'))));
        }
        auto* report = new ExportReport(window_.get());
        report->setChecks({});
        report->show();
        QTRY_VERIFY2(whole(report), qPrintable(cutOff(report).join(QLatin1Char('\n'))));
    }

    void noMenuHasAKeyTwice_data() { languagesOf(); }
    void noMenuHasAKeyTwice() {
        QFETCH(QString, code);
        QVERIFY(makeTranslated(code));
        QStringList bad;
        const auto check = [&](const QWidget* menu) {
            QSet<QChar> keys;
            for (const auto* a : menu->actions()) {
                static const QRegularExpression mark(QStringLiteral("&(\\w)"));
                const auto match = mark.match(a->text());
                if (match.hasMatch()) {
                    const QChar key = match.captured(1).at(0).toLower();
                    if (keys.contains(key)) {
                        bad << a->text();
                    }
                    keys << key;
                }
            }
        };
        check(window_->menuBar());
        for (const auto* menu : window_->menuBar()->findChildren<QMenu*>()) {
            check(menu);
        }
        QVERIFY2(bad.isEmpty(), qPrintable(bad.join(QLatin1Char('\n'))));
    }

    void germanNumbersAreTypedWithACommaAndKeptAsNumbers() {
        QVERIFY(makeTranslated(QStringLiteral("de")));
        open("/videos/comma.mp4");
        auto* fov = window_->findChild<QDoubleSpinBox*>(QStringLiteral("fieldOfView"));
        QVERIFY(fov != nullptr);
        fov->setFocus();
        fov->selectAll();
        QTest::keyClicks(fov, QStringLiteral("61,5"));
        QTest::keyClick(fov, Qt::Key_Return);
        QCOMPARE(window_->project().document().options.number("camera.fov_degrees"), 61.5);
        QVERIFY(fov->text().startsWith(QStringLiteral("61,5")));
        action("run.copyCommand")->trigger();
        QTRY_VERIFY(QApplication::clipboard()->text().contains(QStringLiteral("camera.fov_degrees=61.5")));
    }

    void theChoiceIsKeptForTheNextStart() {
        QVERIFY(makeTranslated(QStringLiteral("en")));
        action("edit.preferences")->trigger();
        auto* dialog = window_->findChild<PreferencesDialog*>();
        auto* box = dialog->findChild<QComboBox*>(QStringLiteral("language"));
        QVERIFY(box != nullptr);
        QCOMPARE(box->currentData().toString(), QStringLiteral("system"));
        QStringList names;
        for (int i = 1; i < box->count(); ++i) {
            names << box->itemText(i);
        }
        QCOMPARE(names.mid(0, 2), QStringList({"English", "Deutsch"}));
        QCOMPARE(names[2] == QStringLiteral("简体中文"), canBeDrawn(QStringLiteral("zh_CN")));
        box->setCurrentIndex(box->findData(QStringLiteral("de")));
        Q_EMIT box->activated(box->currentIndex());
        QCOMPARE(QSettings().value(QLatin1String(kLanguageSetting)).toString(), QStringLiteral("de"));
        QSettings().remove(QLatin1String(kLanguageSetting));
    }

    /// The program itself: the switch of the command line, and what it says of a wrong one.
    void theProgramTakesALanguage() {
        const QString program = QCoreApplication::applicationDirPath() + QStringLiteral("/fake_studio");
        QVERIFY2(QFile::exists(program), qPrintable(program));
        QProcess wrong;
        wrong.start(program, {"--language", "tlh"});
        QVERIFY(wrong.waitForFinished());
        QCOMPARE(wrong.exitCode(), 2);
        QVERIFY(
            wrong.readAllStandardError().contains("--language is one of system, en, de, zh_CN, not 'tlh'."));
        // Help is the command line's: English whatever the window speaks.
        QProcess help;
        help.start(program, {"--language", "de", "--help"});
        QVERIFY(help.waitForFinished());
        QVERIFY(help.readAllStandardOutput().contains("Language of the window"));
        const QTemporaryDir out;
        QProcess right;
        right.start(program,
                    {"--language", "de", "--screenshot", out.filePath("german.png"), "--after", "1"});
        QVERIFY(right.waitForFinished(120000));
        QCOMPARE(right.exitCode(), 0);
        QVERIFY(QFile::exists(out.filePath("german.png")));
    }
};

BODY4D_GUI_TEST(LanguageWindowTest)
#include "language_window_test.moc"
