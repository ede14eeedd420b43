// The translations as files, and what goes through them: every text of resources/translations is there and
// keeps its places, the core's tables are covered, and numbers outside the window keep their point.
#include "gui_test.h"

#include "base/error.h"
#include "export/exporter.h"
#include "pipeline/model_catalog.h"
#include "pipeline/options.h"
#include "ui/command_line.h"
#include "ui/controllers/core_text.h"
#include "ui/controllers/telemetry_controller.h"
#include "ui/controllers/user_message.h"
#include "ui/language.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QLocale>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>

#include <algorithm>
#include <clocale>
#include <cstdio>

using namespace body4d;
using namespace body4d::ui;

namespace {

struct Message {
    QString context, source;
    QStringList forms; ///< of the translation; several where a number decides
    bool plural = false, unfinished = false;
};

QString folder() {
    return QStringLiteral(BODY4D_SOURCE_DIR "/resources/translations");
}

std::vector<Message> messagesOf(const QString& code) {
    QFile file(folder() + QStringLiteral("/body4d_%1.ts").arg(code));
    std::vector<Message> all;
    if (!file.open(QIODevice::ReadOnly)) {
        return all;
    }
    QXmlStreamReader xml(&file);
    QString context;
    while (!xml.atEnd()) {
        xml.readNext();
        if (xml.isStartElement()) {
            const auto name = xml.name();
            if (name == QLatin1String("name")) {
                context = xml.readElementText();
            } else if (name == QLatin1String("message")) {
                all.push_back(
                    {context, {}, {}, xml.attributes().value("numerus") == QLatin1String("yes"), false});
            } else if (name == QLatin1String("source")) {
                all.back().source = xml.readElementText();
            } else if (name == QLatin1String("translation")) {
                all.back().unfinished = xml.attributes().hasAttribute("type");
                if (!all.back().plural) {
                    all.back().forms << xml.readElementText();
                }
            } else if (name == QLatin1String("numerusform")) {
                all.back().forms << xml.readElementText();
            }
        }
    }
    return xml.hasError() ? std::vector<Message>() : all;
}

/// What `form` finds in a text, in order of the alphabet.
QStringList found(const QString& text, const QString& form) {
    QStringList all;
    const QRegularExpression expression(form);
    for (auto match = expression.globalMatch(text); match.hasNext();) {
        all << match.next().captured();
    }
    all.sort();
    return all;
}

/// "%L1" is "%1" with a comma where the language writes one.
QStringList places(QString text) {
    return found(text.replace(QRegularExpression(QStringLiteral("%L(\\d)")), QStringLiteral("%\\1")),
                 QStringLiteral("%(\\d|n)"));
}
int mnemonics(QString text) {
    text.remove(QStringLiteral("&nbsp;"));
    return static_cast<int>(found(text, QStringLiteral("&[^ ]")).size());
}

/// The same in every language: names, licences and addresses.
bool isName(const QString& text) {
    static const QStringList names{"Rig",
                                   "SAM 3D Body",
                                   "MoGe-2",
                                   "VGGT",
                                   "Diffusion-VAS",
                                   "Momentum Human Rig",
                                   "SAM License",
                                   "MIT",
                                   "CRF",
                                   "GiB",
                                   "px",
                                   "s",
                                   "/s",
                                   "°"};
    return text.isEmpty() || names.contains(text) || text.startsWith(QLatin1String("https://")) ||
           text.startsWith(QLatin1String("Apache-2.0")) || text.startsWith(QLatin1String("CC BY")) ||
           text == QLatin1String("Depth Anything V2 Large") || text == QLatin1String("COCO JSON");
}

/// Whether literals of the sources make up the text: " frame is" and " hidden."
bool isJoined(const QString& sources, const QString& text, bool first) {
    constexpr int kShortest = 2;
    for (auto n = text.size(); n >= std::min<qsizetype>(kShortest, text.size()); --n) {
        const QString head = text.left(n);
        if (sources.contains(first ? head : QLatin1Char('"') + head) &&
            (n == text.size() || isJoined(sources, text.mid(n), false))) {
            return true;
        }
    }
    return false;
}

} // namespace

class TranslationsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        if (languages().size() < 3) {
            QSKIP("built without lrelease (Debian package qt6-l10n-tools): the window speaks English only");
        }
    }
    void cleanup() { useLanguage(QStringLiteral("en")); }

    void everyTextIsThereAndKeepsItsPlaces_data() {
        QTest::addColumn<QString>("code");
        QTest::addColumn<int>("plurals");
        QTest::newRow("German") << "de" << 2;
        QTest::newRow("Chinese") << "zh_CN" << 1;
    }
    void everyTextIsThereAndKeepsItsPlaces() {
        QFETCH(QString, code);
        QFETCH(int, plurals);
        const auto all = messagesOf(code);
        QVERIFY(all.size() > 1000);
        for (const auto& m : all) {
            const auto what = [&](const QString& form) {
                return (m.source + QStringLiteral(" -> ") + form).toUtf8();
            };
            QVERIFY2(!m.unfinished, what({}).constData());
            QCOMPARE(m.forms.size(), m.plural ? plurals : 1);
            for (const auto& form : m.forms) {
                QVERIFY2(!form.trimmed().isEmpty(), what(form).constData());
                QVERIFY2(places(form) == places(m.source), what(form).constData());
                QVERIFY2(mnemonics(form) == mnemonics(m.source), what(form).constData());
                QVERIFY2(form.endsWith(QChar(0x2026)) == m.source.endsWith(QChar(0x2026)),
                         what(form).constData());
                for (const auto* kept :
                     {"\\*\\.\\w+", "<[^>]*>", "\n", "\\|", "^#+ ", ";;", "--[a-z]+", "\\.body4d"}) {
                    const QString expression = QString::fromLatin1(kept);
                    QVERIFY2(found(form, expression) == found(m.source, expression), what(form).constData());
                }
                if (code == QLatin1String("de")) { // Chinese punctuation brings its own room
                    QVERIFY2(found(form, QStringLiteral("^ +| +$")) ==
                                 found(m.source, QStringLiteral("^ +| +$")),
                             what(form).constData());
                }
            }
        }
    }

    void bothLanguagesHoldTheSameTexts() {
        const auto german = messagesOf(QStringLiteral("de")), chinese = messagesOf(QStringLiteral("zh_CN"));
        QCOMPARE(german.size(), chinese.size());
        for (std::size_t i = 0; i < german.size(); ++i) {
            QCOMPARE(german[i].context + german[i].source, chinese[i].context + chinese[i].source);
        }
    }

    void oneAndManyDifferInEnglishToo() {
        const auto all = messagesOf(QStringLiteral("en"));
        QVERIFY(!all.empty());
        for (const auto& m : all) {
            QVERIFY2(m.plural && !m.unfinished && m.forms.size() == 2, qPrintable(m.source));
        }
        const auto frames = [](int n) {
            return QCoreApplication::translate("body4d::ui::MainWindow", "%n frames", nullptr, n);
        };
        useLanguage(QStringLiteral("en"));
        QCOMPARE(frames(1), QStringLiteral("1 frame"));
        QCOMPARE(frames(2), QStringLiteral("2 frames"));
        useLanguage(QStringLiteral("de"));
        QCOMPARE(frames(1), QStringLiteral("1 Bild"));
        QCOMPARE(frames(2), QStringLiteral("2 Bilder"));
        useLanguage(QStringLiteral("zh_CN"));
        QCOMPARE(frames(2), QStringLiteral("2 帧"));
    }

    void theGuidesNameTheSameKeys_data() {
        QTest::addColumn<QString>("code");
        QTest::newRow("German") << "de";
        QTest::newRow("Chinese") << "zh_CN";
    }
    void theGuidesNameTheSameKeys() {
        QFETCH(QString, code);
        const auto read = [](const QString& name) {
            QFile file(name);
            return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
        };
        const QString english = read(QStringLiteral(BODY4D_SOURCE_DIR "/resources/guide.md"));
        const QString guide = read(folder() + QStringLiteral("/guide_%1.md").arg(code));
        QVERIFY(english.size() > 1000);
        for (const auto* kept :
             {"\\{key:[^}]*\\}", "(?<=\n)#+ ", "(?<=\n)- ", "(?<=\n)\\d\\. ", "(?<=\n)\\|", "`[^`]*`"}) {
            const QString expression = QString::fromLatin1(kept);
            QCOMPARE(found(guide, expression), found(english, expression));
        }
    }

    void whatTheCoreListsIsTranslated_data() {
        QTest::addColumn<QString>("code");
        QTest::newRow("German") << "de";
        QTest::newRow("Chinese") << "zh_CN";
    }
    void whatTheCoreListsIsTranslated() {
        QFETCH(QString, code);
        useLanguage(code);
        std::vector<std::string> texts;
        for (const auto& option : optionSpecs()) {
            texts.insert(texts.end(), {option.label, option.help, option.unit});
        }
        for (const auto& format : exportFormats()) {
            texts.insert(texts.end(), {format.title, format.description});
        }
        const QTemporaryDir nothing;
        for (const auto& model : modelCatalog(nothing.path().toStdString())) {
            texts.insert(texts.end(), {model.title, model.licence, model.source, model.missing});
        }
        QVERIFY(texts.size() > 200);
        QStringList english;
        for (const auto& text : texts) {
            const QString said = QString::fromStdString(text);
            if (!isName(said) && coreText(text) == said) {
                english << said;
            }
        }
        english.removeDuplicates();
        QVERIFY2(english.isEmpty(), qPrintable(english.join(QLatin1Char('\n'))));
    }

    /// The table holds what the core says today, letter for letter.
    void theTableOfTheCoreIsNotStale() {
        // Literals alone, those that the compiler joins in one piece.
        const QRegularExpression joint(QStringLiteral("\"\\s*\n\\s*\"")),
            literal(QStringLiteral("\"(?:[^\"\\\\\n]|\\\\.)*\""));
        QString sources;
        for (const auto* name : {"core", "ui"}) {
            QDirIterator files(QStringLiteral(BODY4D_SOURCE_DIR "/") + QLatin1String(name), {"*.cpp", "*.h"},
                               QDir::Files, QDirIterator::Subdirectories);
            while (files.hasNext()) {
                QFile file(files.next());
                if (!file.fileName().endsWith(QLatin1String("core_text.cpp")) &&
                    file.open(QIODevice::ReadOnly)) {
                    const QString code = QString::fromUtf8(file.readAll()).remove(joint);
                    for (auto all = literal.globalMatch(code); all.hasNext();) {
                        sources += all.next().captured() + QLatin1Char('\n');
                    }
                }
            }
        }
        QStringList gone;
        for (const auto* text : coreTexts()) {
            for (const auto& piece :
                 QString::fromUtf8(text).split(QRegularExpression(QStringLiteral("%\\d")))) {
                if (!piece.isEmpty() && !sources.contains(piece) && !isJoined(sources, piece, true)) {
                    gone << QString::fromUtf8(text) + QStringLiteral("   [") + piece + QLatin1Char(']');
                }
            }
        }
        QVERIFY2(gone.isEmpty(), qPrintable(gone.join(QLatin1Char('\n'))));
    }

    void sentencesWithNamesAndNumbersAreFound() {
        useLanguage(QStringLiteral("de"));
        QCOMPARE(coreText("3 frames are hidden, 2 filled in."),
                 QStringLiteral("3 Bilder sind verdeckt, 2 ergänzt."));
        QCOMPARE(coreText("1 frame is hidden and can be filled in."),
                 QStringLiteral("1 Bild ist verdeckt und kann ergänzt werden."));
        // What is put in may look like a place itself.
        QCOMPARE(coreText("There is no file or folder '/tmp/100%2 %1.mp4'."),
                 QStringLiteral("Es gibt keine Datei und keinen Ordner „/tmp/100%2 %1.mp4“."));
        // The longer form is meant.
        QCOMPARE(coreText("Cannot write to the project: No space left on device."),
                 QStringLiteral("In das Projekt kann nicht geschrieben werden: No space left on device."));
        QCOMPARE(coreText("Nobody has thought of this sentence."),
                 QStringLiteral("Nobody has thought of this sentence."));
        QCOMPARE(coreText(""), QString());
        const auto message =
            toMessage(Error(ErrorCode::Input, "walk.npz is damaged.", "Run or import it again.", "byte 7"));
        QCOMPARE(message.what, QStringLiteral("walk.npz ist beschädigt."));
        QCOMPARE(message.remedy, QStringLiteral("Erneut berechnen oder importieren."));
        QCOMPARE(message.detail, QStringLiteral("byte 7"));
        useLanguage(QStringLiteral("en"));
        QCOMPARE(coreText("3 frames are hidden, 2 filled in."),
                 QStringLiteral("3 frames are hidden, 2 filled in."));
    }

    void namesThatThePersonGaveStay() {
        useLanguage(QStringLiteral("zh_CN"));
        QCOMPARE(personName("Person 12"), QStringLiteral("人物 12"));
        QCOMPARE(personName("Person of interest"), QStringLiteral("Person of interest"));
        QCOMPARE(personName("Anna"), QStringLiteral("Anna"));
    }

    void anUnknownLanguageIsEnglish() {
        QCOMPARE(useLanguage(QStringLiteral("tlh")), QStringLiteral("en"));
        QCOMPARE(usedLanguage(), QStringLiteral("en"));
        QCOMPARE(useLanguage(QStringLiteral("de")), QStringLiteral("de"));
        QCOMPARE(usedLanguage(), QStringLiteral("de"));
    }

    void theSystemIsFollowed_data() {
        QTest::addColumn<QString>("locale");
        QTest::addColumn<QString>("code");
        QTest::newRow("German") << "de_DE.UTF-8"
                                << "de";
        QTest::newRow("Austrian") << "de_AT.UTF-8"
                                  << "de";
        QTest::newRow("French") << "fr_FR.UTF-8"
                                << "en";
        QTest::newRow("Taiwanese, another script") << "zh_TW.UTF-8"
                                                   << "en";
        QTest::newRow("Chinese") << "zh_CN.UTF-8" << (canBeDrawn(QStringLiteral("zh_CN")) ? "zh_CN" : "en");
    }
    void theSystemIsFollowed() {
        QFETCH(QString, locale);
        QFETCH(QString, code);
        const QByteArray all = qgetenv("LC_ALL"), language = qgetenv("LANGUAGE");
        qputenv("LC_ALL", locale.toUtf8());
        qunsetenv("LANGUAGE");
        // Qt reads the environment anew after a change of the locale.
        QEvent changed(QEvent::LocaleChange);
        QCoreApplication::sendEvent(qApp, &changed);
        const QString asked = systemLanguage();
        const QString used = useLanguage(QStringLiteral("system"));
        qputenv("LC_ALL", all);
        if (!language.isNull()) {
            qputenv("LANGUAGE", language);
        }
        QCOMPARE(asked, code);
        QCOMPARE(used, code);
    }

    void numbersOfTheWindowHaveTheLanguagesComma() {
        const std::int64_t bytes = (std::int64_t{3} << 30) / 2;
        useLanguage(QStringLiteral("en"));
        QCOMPARE(formatBytes(bytes), QStringLiteral("1.5 GiB"));
        useLanguage(QStringLiteral("de"));
        QCOMPARE(formatBytes(bytes), QStringLiteral("1,5 GiB"));
        QCOMPARE(QCoreApplication::translate("body4d::ui::ExportReport", "%1 mm").arg(0.25, 0, 'f', 2),
                 QStringLiteral("0,25 mm"));
        useLanguage(QStringLiteral("zh_CN"));
        QCOMPARE(formatBytes(bytes), QStringLiteral("1.5 GiB"));
    }

    /// A person's German system must not write "54,5" into files or commands.
    void numbersOfFilesAndCommandsKeepThePoint() {
        const std::string config = defaultConfigYaml();
        QTemporaryDir locales;
        bool comma = false;
        const auto put = [](char* text, std::size_t size) { std::snprintf(text, size, "%.1f", 54.5); };
        char text[16];
        if (QFile::exists(QStringLiteral("/usr/share/i18n/locales/de_DE")) &&
            QProcess::execute(QStringLiteral("localedef"),
                              {"-i", "de_DE", "-f", "UTF-8", locales.filePath("de_DE.UTF-8")}) == 0) {
            qputenv("LOCPATH", locales.path().toUtf8());
            comma = std::setlocale(LC_ALL, "de_DE.UTF-8") != nullptr;
            put(text, sizeof text);
            QVERIFY(!comma || QByteArray(text) == "54,5"); // what Qt leaves a German system with
        }
        useLanguage(QStringLiteral("de"));
        put(text, sizeof text);
        QCOMPARE(QByteArray(text), QByteArray("54.5"));
        QCOMPARE(std::to_string(0.5).substr(0, 3), std::string("0.5"));
        QCOMPARE(defaultConfigYaml(), config);
        Options options;
        options.setFromText("camera.fov_degrees", "54.5");
        QCOMPARE(options.number("camera.fov_degrees"), 54.5);
        ProjectDocument document;
        document.options = options;
        document.video.path = "/videos/walk.mp4";
        const QString command = commandFor(document, "/projects/walk.body4d");
        QVERIFY2(command.contains(QStringLiteral("--set 'camera.fov_degrees=54.5'")), qPrintable(command));
        QVERIFY2(command.startsWith(QStringLiteral("body4d run")), qPrintable(command));
        std::setlocale(LC_ALL, "C");
        qunsetenv("LOCPATH");
        if (!comma) {
            QSKIP("the half that needs a German locale: /usr/share/i18n/locales/de_DE (Debian package "
                  "locales) is not there");
        }
    }
};

BODY4D_GUI_TEST(TranslationsTest)
#include "translations_test.moc"
