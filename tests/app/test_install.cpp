// `cmake --install` into a folder that is then moved: the program finds its libraries, models and settings
// relative to itself and nothing of the build tree.
#include <QtTest>
#include <nlohmann/json.hpp>

#include <filesystem>

namespace fs = std::filesystem;

namespace {

struct Result {
    int code = -1;
    QByteArray out, err;
};
Result start(const QString& program, const QStringList& arguments, const QProcessEnvironment& environment) {
    QProcess process;
    process.setProcessEnvironment(environment);
    process.start(program, arguments);
    Result result;
    if (process.waitForFinished(300000)) {
        result.code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -2;
    }
    result.out = process.readAllStandardOutput();
    result.err = process.readAllStandardError();
    return result;
}

} // namespace

class InstallTest : public QObject {
    Q_OBJECT

    QTemporaryDir root_;
    QString prefix_;
    QProcessEnvironment clean_;

private Q_SLOTS:
    void initTestCase() {
        if (!fs::exists(BODY4D_MODELS_DIR "/anny.safetensors")) {
            QSKIP("The model data is not here: run packaging/setup.sh.");
        }
        const auto all = QProcessEnvironment::systemEnvironment();
        for (const char* kept : {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TBB_ENABLE_SANITIZERS",
                                 "ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"}) {
            if (all.contains(kept)) {
                clean_.insert(kept, all.value(kept));
            }
        }
        clean_.insert("XDG_CACHE_HOME", root_.filePath("cache"));
        const auto made = start(
            BODY4D_CMAKE,
            {"--install", BODY4D_BINARY_DIR, "--prefix", root_.filePath("first"), "--component", "program"},
            clean_);
        QVERIFY2(made.code == 0, made.err);
        prefix_ = root_.filePath("moved here");
        QVERIFY(QDir().rename(root_.filePath("first"), prefix_));
    }

    void modelsAreItsOwn() {
        const auto result = start(prefix_ + "/bin/body4d", {"models", "--json"}, clean_);
        QVERIFY2(result.code == 0, result.err);
        const auto folder = nlohmann::json::parse(result.out.toStdString())["folder"].get<std::string>();
        QCOMPARE(fs::canonical(folder).string(),
                 fs::canonical((prefix_ + "/share/body4d/models").toStdString()).string());
    }

    void engineAndBodyLoad() {
        const auto result = start(prefix_ + "/bin/body4d", {"doctor", "--json"}, clean_);
        const auto checks = nlohmann::json::parse(result.out.toStdString())["checks"];
        for (const auto& check : checks) {
            const auto what = check["what"].get<std::string>();
            if (what != "memory") {
                QVERIFY2(check["good"].get<bool>(),
                         (what + ": " + check["result"].get<std::string>()).c_str());
            }
        }
        QVERIFY(checks.size() >= 5);
    }

    void librariesAreLookedForBesideTheProgramOnly() {
        const auto readelf = QStandardPaths::findExecutable("readelf");
        if (readelf.isEmpty()) {
            QSKIP("readelf is not here (Debian package binutils).");
        }
        int programs = 0;
        QDirIterator files(prefix_ + "/bin", QDir::Files);
        while (files.hasNext()) {
            const auto dynamic = start(readelf, {"-d", files.next()}, clean_).out;
            for (const auto& line : dynamic.split('\n')) {
                if (line.contains("(RUNPATH)") || line.contains("(RPATH)")) {
                    QVERIFY2(line.contains("[$ORIGIN/../lib/body4d]"), line);
                    ++programs;
                }
            }
        }
        QVERIFY(programs >= 1);
    }

    void settingsAndDocumentsAreThere() {
        const auto config = start(prefix_ + "/bin/body4d", {"config"}, clean_);
        QFile shipped(prefix_ + "/share/body4d/configs/body4d.yaml");
        QVERIFY(shipped.open(QIODevice::ReadOnly));
        QCOMPARE(shipped.readAll(), config.out);
        for (const char* file : {"share/body4d/models/licenses", "share/doc/body4d/THIRD_PARTY.md",
                                 "share/doc/body4d/copyright", "share/body4d/blender/glb_to_fbx.py"}) {
            QVERIFY2(QFileInfo::exists(prefix_ + "/" + file), file);
        }
    }

    void theManualNamesEveryCommand() {
        QFile file(prefix_ + "/share/man/man1/body4d.1");
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto manual = file.readAll();
        const auto help = start(prefix_ + "/bin/body4d", {"--help"}, clean_).out;
        int commands = 0;
        for (const auto& line : help.mid(help.indexOf("Subcommands:")).split('\n').mid(1)) {
            const auto name = line.simplified().split(' ').front();
            if (!name.isEmpty()) {
                QVERIFY2(manual.contains("\n.B " + name + '\n'), name);
                ++commands;
            }
        }
        QVERIFY(commands >= 10);
    }
};

QTEST_GUILESS_MAIN(InstallTest)
#include "test_install.moc"
