// Reads every include line of the tree and holds it against the rules of the design: includes point downwards only,
// and third parties stay where they belong. Link rules alone would miss header-only leaks.
#include <QtTest>

#include <QDirIterator>
#include <QRegularExpression>

namespace {

struct Include {
    QString file;   ///< relative to the source root
    int line = 0;
    QString target; ///< between the quotes or brackets
};

QVector<Include> includesBelow(const QString& folder) {
    QVector<Include> found;
    const QDir root(BODY4D_SOURCE_DIR);
    static const QRegularExpression pattern("^\\s*#\\s*include\\s*[<\"]([^>\"]+)[>\"]");
    QDirIterator it(root.filePath(folder), {"*.h", "*.cpp", "*.cu"}, QDir::Files, QDirIterator::Subdirectories);
    while (it.hasNext()) {
        QFile file(it.next());
        if (!file.open(QIODevice::ReadOnly)) {
            continue;
        }
        int line = 0;
        while (!file.atEnd()) {
            ++line;
            const auto match = pattern.match(QString::fromUtf8(file.readLine()));
            if (match.hasMatch()) {
                found.push_back({root.relativeFilePath(file.fileName()), line, match.captured(1)});
            }
        }
    }
    return found;
}

QString place(const Include& include) {
    return QStringLiteral("%1:%2 includes %3").arg(include.file).arg(include.line).arg(include.target);
}

bool isQt(const QString& t) { return t.startsWith("Qt") || QRegularExpression("^Q[A-Z]").match(t).hasMatch(); }
bool isVtk(const QString& t) { return t.startsWith("vtk"); }
bool isTorch(const QString& t) { return t.startsWith("torch/") || t.startsWith("ATen/") || t.startsWith("c10/"); }
bool isFfmpeg(const QString& t) { return t.startsWith("libav") || t.startsWith("libsw"); }
bool isCurl(const QString& t) { return t.startsWith("curl/"); }
bool isHttp(const QString& t) { return t == "httplib.h"; }
bool isYaml(const QString& t) { return t.startsWith("yaml-cpp/"); }
bool isOpenVino(const QString& t) { return t.startsWith("openvino/"); }
bool isEigen(const QString& t) { return t.startsWith("Eigen/"); }
bool isInternal(const QString& path) { return path.endsWith("_internal.h") || path.contains("/detail/"); }

} // namespace

class IncludeRulesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void coreKnowsNeitherQtNorVtk();
    void includesPointDownwards();
    void thirdPartiesStayInTheirFolders();
    void publicHeadersLeakNoThirdParty();
    void internalHeadersStayInside();
    void uiAndAppNeverIncludeEngines();
    void nothingIncludesApp();
};

void IncludeRulesTest::coreKnowsNeitherQtNorVtk() {
    const auto includes = includesBelow("core");
    QVERIFY2(includes.size() > 50, "the scan found too few include lines to mean anything");
    for (const auto& include : includes) {
        QVERIFY2(!isQt(include.target) && !isVtk(include.target), qPrintable(place(include)));
    }
}

void IncludeRulesTest::includesPointDownwards() {
    // A folder may include itself and the folders listed with it.
    const QMap<QString, QStringList> allowed = {
        {"base", {}},
        {"device", {"base"}},
        {"video", {"base", "device"}},
        {"nn", {"base", "device"}},
        {"body", {"base", "device"}},
        {"models", {"base", "device", "video", "nn", "body"}},
        {"scene", {"base", "device", "video", "body"}},
        {"export", {"base", "device", "video", "body", "scene", "models"}},
        {"pipeline", {"base", "device", "video", "body", "scene", "models", "export"}},
    };
    for (const auto& include : includesBelow("core")) {
        const QString folder = include.file.section('/', 1, 1);
        const QString to = include.target.section('/', 0, 0);
        if (!allowed.contains(to) || !include.target.contains('/')) {
            continue;
        }
        QVERIFY2(allowed.contains(folder), qPrintable("unknown folder of core: " + folder));
        QVERIFY2(to == folder || allowed[folder].contains(to), qPrintable(place(include)));
    }
}

void IncludeRulesTest::thirdPartiesStayInTheirFolders() {
    for (const auto& include : includesBelow("core")) {
        const QString folder = include.file.section('/', 1, 1);
        const QString& t = include.target;
        if (isFfmpeg(t)) {
            QVERIFY2(folder == "video" || folder == "export", qPrintable(place(include)));
        }
        if (isYaml(t) || isCurl(t) || isHttp(t)) {
            QVERIFY2(folder == "pipeline", qPrintable(place(include)));
        }
        if (isOpenVino(t)) {
            QVERIFY2(folder == "models", qPrintable(place(include)));
        }
        if (isTorch(t)) {
            QVERIFY2(folder == "nn" || folder == "models", qPrintable(place(include)));
        }
    }
}

void IncludeRulesTest::publicHeadersLeakNoThirdParty() {
    // Headers named *_internal.h or in a folder detail/ may: the next test keeps them inside their folder.
    for (const auto& include : includesBelow("core")) {
        if (!include.file.endsWith(".h") || isInternal(include.file) || include.file.startsWith("core/nn/") ||
            include.file.contains("_torch/")) {
            continue;
        }
        const QString& t = include.target;
        QVERIFY2(!isTorch(t) && !isFfmpeg(t) && !isYaml(t) && !isCurl(t) && !isHttp(t) && !isOpenVino(t) && !isEigen(t) &&
                     !t.startsWith("nlohmann/"),
                 qPrintable(place(include)));
    }
}

void IncludeRulesTest::internalHeadersStayInside() {
    for (const QString top : {"core", "ui", "app"}) {
        for (const auto& include : includesBelow(top)) {
            if (isInternal(include.target) && include.target.contains('/') && !isTorch(include.target)) {
                QVERIFY2(include.file.startsWith("core/" + include.target.section('/', 0, 0) + "/"), qPrintable(place(include)));
            }
        }
    }
}

void IncludeRulesTest::uiAndAppNeverIncludeEngines() {
    for (const QString folder : {"ui", "app"}) {
        for (const auto& include : includesBelow(folder)) {
            const QString& t = include.target;
            QVERIFY2(!isTorch(t) && !isFfmpeg(t) && !isYaml(t) && !isOpenVino(t), qPrintable(place(include)));
            QVERIFY2(!isVtk(t) || include.file.startsWith("ui/viewport/") || include.file.startsWith("app/gui/"),
                     qPrintable(place(include)));
        }
    }
    for (const auto& include : includesBelow("app/cli")) {
        QVERIFY2(!isQt(include.target) && !isVtk(include.target), qPrintable(place(include)));
    }
}

void IncludeRulesTest::nothingIncludesApp() {
    for (const QString folder : {"core", "ui"}) {
        for (const auto& include : includesBelow(folder)) {
            QVERIFY2(!include.target.startsWith("app/") && !include.target.startsWith("cli/") &&
                         !include.target.startsWith("gui/"),
                     qPrintable(place(include)));
            QVERIFY2(folder != "core" || !include.target.startsWith("ui/"), qPrintable(place(include)));
        }
    }
}

QTEST_APPLESS_MAIN(IncludeRulesTest)
#include "test_includes.moc"
