#include "ui/language.h"

#include <QCoreApplication>
#include <QFile>
#include <QFontDatabase>
#include <QLibraryInfo>
#include <QLocale>
#include <QTranslator>

#include <algorithm>
#include <clocale>
#include <memory>

/// Resources of a static library are registered by hand. Outside of any namespace, as Qt's macro asks.
static void registerTranslations() {
#ifdef BODY4D_TRANSLATIONS
    Q_INIT_RESOURCE(translations);
#endif
}

namespace body4d::ui {
namespace {

constexpr const char* kEnglish = "en";

QString fileOf(const QString& code) {
    return QStringLiteral(":/translations/body4d_%1.qm").arg(code);
}

/// Qt's own texts that everybody meets, for systems without Qt's translations: buttons of dialogs, menus of
/// text fields, names of keys. Sources are Qt's, letter for letter.
[[maybe_unused]] constexpr const char* kTextsOfQt[] = {
    QT_TRANSLATE_NOOP("QPlatformTheme", "OK"),
    QT_TRANSLATE_NOOP("QPlatformTheme", "Save"),
    QT_TRANSLATE_NOOP("QPlatformTheme", "Save All"),
    QT_TRANSLATE_NOOP("QPlatformTheme", "Open"),
    QT_TRANSLATE_NOOP("QPlatformTheme", "&Yes"),
    QT_TRANSLATE_NOOP("QPlatformTheme", "&No"),
    QT_TRANSLATE_NOOP("QPlatformTheme", "Abort"),
    QT_TRANSLATE_NOOP("QPlatformTheme", "Retry"),
    QT_TRANSLATE_NOOP("QPlatformTheme", "Ignore"),
    QT_TRANSLATE_NOOP("QPlatformTheme", "Close"),
    QT_TRANSLATE_NOOP("QPlatformTheme", "Cancel"),
    QT_TRANSLATE_NOOP("QPlatformTheme", "Discard"),
    QT_TRANSLATE_NOOP("QPlatformTheme", "Help"),
    QT_TRANSLATE_NOOP("QPlatformTheme", "Apply"),
    QT_TRANSLATE_NOOP("QPlatformTheme", "Reset"),
    QT_TRANSLATE_NOOP("QLineEdit", "&Undo"),
    QT_TRANSLATE_NOOP("QLineEdit", "&Redo"),
    QT_TRANSLATE_NOOP("QLineEdit", "Cu&t"),
    QT_TRANSLATE_NOOP("QLineEdit", "&Copy"),
    QT_TRANSLATE_NOOP("QLineEdit", "&Paste"),
    QT_TRANSLATE_NOOP("QLineEdit", "Delete"),
    QT_TRANSLATE_NOOP("QLineEdit", "Select All"),
    QT_TRANSLATE_NOOP("QWidgetTextControl", "&Copy"),
    QT_TRANSLATE_NOOP("QWidgetTextControl", "Copy &Link Location"),
    QT_TRANSLATE_NOOP("QWidgetTextControl", "Select All"),
    QT_TRANSLATE_NOOP("QAbstractSpinBox", "&Select All"),
    QT_TRANSLATE_NOOP("QAbstractSpinBox", "&Step up"),
    QT_TRANSLATE_NOOP("QAbstractSpinBox", "Step &down"),
    QT_TRANSLATE_NOOP("QDockWidget", "Closes the dock widget"),
    QT_TRANSLATE_NOOP("QDockWidget", "Undocks and re-attaches the dock widget"),
    QT_TRANSLATE_NOOP("QKeySequenceEdit", "Press shortcut"),
    QT_TRANSLATE_NOOP("QShortcut", "Ctrl"),
    QT_TRANSLATE_NOOP("QShortcut", "Shift"),
    QT_TRANSLATE_NOOP("QShortcut", "Alt"),
    QT_TRANSLATE_NOOP("QShortcut", "Space"),
    QT_TRANSLATE_NOOP("QShortcut", "Esc"),
    QT_TRANSLATE_NOOP("QShortcut", "Tab"),
    QT_TRANSLATE_NOOP("QShortcut", "Backspace"),
    QT_TRANSLATE_NOOP("QShortcut", "Return"),
    QT_TRANSLATE_NOOP("QShortcut", "Enter"),
    QT_TRANSLATE_NOOP("QShortcut", "Ins"),
    QT_TRANSLATE_NOOP("QShortcut", "Del"),
    QT_TRANSLATE_NOOP("QShortcut", "Home"),
    QT_TRANSLATE_NOOP("QShortcut", "End"),
    QT_TRANSLATE_NOOP("QShortcut", "Left"),
    QT_TRANSLATE_NOOP("QShortcut", "Up"),
    QT_TRANSLATE_NOOP("QShortcut", "Right"),
    QT_TRANSLATE_NOOP("QShortcut", "Down"),
    QT_TRANSLATE_NOOP("QShortcut", "PgUp"),
    QT_TRANSLATE_NOOP("QShortcut", "PgDown"),
};

/// Those that Qt tells apart by a comment.
[[maybe_unused]] constexpr const char* kExplainedTextsOfQt[][2] = {
    QT_TRANSLATE_NOOP3("QDockWidget", "Close", "Accessible name for button closing a dock widget"),
    QT_TRANSLATE_NOOP3("QDockWidget", "Float",
                       "Accessible name for button undocking a dock widget (floating state)"),
};

/// What is installed in the application now.
struct Spoken {
    QString code = QLatin1String(kEnglish);
    std::unique_ptr<QTranslator> ofQt, own;
};
Spoken& spoken() {
    static Spoken now;
    return now;
}

std::unique_ptr<QTranslator> installed(std::unique_ptr<QTranslator> translator, bool loaded) {
    if (!loaded) {
        return nullptr;
    }
    QCoreApplication::installTranslator(translator.get());
    return translator;
}

} // namespace

const std::vector<Language>& languages() {
    static const auto built = [] {
        registerTranslations();
        std::vector<Language> all{{QLatin1String(kEnglish), QStringLiteral("English")}};
        for (const auto& language : {Language{QStringLiteral("de"), QStringLiteral("Deutsch")},
                                     Language{QStringLiteral("zh_CN"), QStringLiteral("简体中文")}}) {
            if (QFile::exists(fileOf(language.code))) {
                all.push_back(language);
            }
        }
        return all;
    }();
    return built;
}

bool canBeDrawn(const QString& code) {
    return QLocale(code).language() != QLocale::Chinese ||
           !QFontDatabase::families(QFontDatabase::SimplifiedChinese).isEmpty();
}

QString systemLanguage() {
    for (const auto& tag : QLocale::system().uiLanguages()) {
        const QLocale asked(tag);
        for (const auto& language : languages()) {
            const QLocale known(language.code);
            // Traditional Chinese is another script.
            if (asked.language() == known.language() && asked.script() == known.script() &&
                canBeDrawn(language.code)) {
                return language.code;
            }
        }
    }
    return QLatin1String(kEnglish);
}

QString useLanguage(const QString& wanted) {
    const auto& known = languages();
    const auto at =
        std::find_if(known.begin(), known.end(), [&](const Language& l) { return l.code == wanted; });
    const QString code = at != known.end()                   ? wanted
                         : wanted == QLatin1String("system") ? systemLanguage()
                                                             : QString(QLatin1String(kEnglish));
    auto& now = spoken();
    now.own.reset(); // a translator leaves the application as it goes
    now.ofQt.reset();
    now.code = code;
    const QLocale system = QLocale::system(), plain(code);
    // A German in Austria writes numbers as Austrians do.
    QLocale::setDefault(system.language() == plain.language() && system.script() == plain.script() ? system
                                                                                                   : plain);
    if (code != QLatin1String(kEnglish)) {
        auto ofQt = std::make_unique<QTranslator>();
        const bool found = ofQt->load(plain, QStringLiteral("qtbase"), QStringLiteral("_"),
                                      QLibraryInfo::path(QLibraryInfo::TranslationsPath));
        now.ofQt = installed(std::move(ofQt), found);
    }
    auto own = std::make_unique<QTranslator>();
    const bool found = own->load(fileOf(code)); // English has plurals
    now.own = installed(std::move(own), found);
    // QCoreApplication has taken over the system's locale, in which printf may write "0,5".
    std::setlocale(LC_NUMERIC, "C");
    return code;
}

QString usedLanguage() {
    return spoken().code;
}

} // namespace body4d::ui
