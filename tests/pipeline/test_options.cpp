#include "base/error.h"
#include "base/files.h"
#include "pipeline/options.h"

#include <QtTest>

#include <set>

using namespace body4d;
namespace fs = std::filesystem;

class OptionsTest : public QObject {
    Q_OBJECT

    QTemporaryDir folder_;

    fs::path write(const std::string& text) {
        const auto file = fs::path(folder_.path().toStdString()) / "mine.yaml";
        writeFileAtomically(file, text);
        return file;
    }
    /// The error of a file with this content, as "what | remedy".
    QString errorOf(const std::string& text) {
        try {
            (void)Options::fromYaml(write(text));
        } catch (const Error& e) {
            return exitCode(e.code()) == 2
                       ? QString::fromStdString(std::string(e.what()) + " | " + e.remedy())
                       : QStringLiteral("wrong code");
        }
        return QStringLiteral("no error");
    }

private Q_SLOTS:
    void keysAreUniqueAndExplained() {
        std::set<std::string> keys, flags;
        for (const auto& spec : optionSpecs()) {
            QVERIFY2(keys.insert(spec.key).second, spec.key.c_str());
            QVERIFY2(spec.cliFlag.empty() || flags.insert(spec.cliFlag).second, spec.cliFlag.c_str());
            QVERIFY2(!spec.help.empty() && spec.help.back() == '.', spec.key.c_str());
            QVERIFY2(!spec.label.empty(), spec.key.c_str());
        }
        // The reference's names.
        QVERIFY(keys.contains("completion.enable") && keys.contains("sam_3d_body.batch_size"));
    }

    void shippedFileIsTheTable() {
        QCOMPARE(
            QString::fromStdString(readTextFile(fs::path(BODY4D_SOURCE_DIR) / "configs" / "body4d.yaml")),
            QString::fromStdString(defaultConfigYaml()));
    }

    void shippedFileGivesTheDefaults() {
        const auto options = Options::fromYaml(fs::path(BODY4D_SOURCE_DIR) / "configs" / "body4d.yaml");
        QCOMPARE(options.values().size(), optionSpecs().size());
        for (const auto& spec : optionSpecs()) {
            QVERIFY2(options.values().at(spec.key) == spec.defaultValue, spec.key.c_str());
        }
    }

    void valuesAreReadAndReferencesResolved() {
        const auto options = Options::fromYaml(write("smoothing:\n  torso: 2.5\n  arms: ${smoothing.torso}\n"
                                                     "  legs: ${smoothing.head}\ncompletion:\n  enable: off\n"
                                                     "sam_3d_body: {batch_size: 32}\nseed: 7\n"));
        QCOMPARE(options.number("smoothing.arms"), 2.5);
        QCOMPARE(options.number("smoothing.legs"), 1.0); // a reference to a default
        QCOMPARE(options.boolean("completion.enable"), false);
        QCOMPARE(options.integer("sam_3d_body.batch_size"), 32LL);
        QCOMPARE(options.integer("seed"), 7LL);
        QCOMPARE(options.text("world.camera"), std::string("auto"));
    }

    void emptyFileIsFine() { QVERIFY(Options::fromYaml(write("# nothing\n")).values().empty()); }

    void mistakesNameFileLineAndNearestKey_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QStringList>("wanted");
        QTest::newRow("unknown key") << "seed: 1\ncompletion:\n  enabel: on\n"
                                     << QStringList{"mine.yaml:3", "completion.enabel", "completion.enable"};
        QTest::newRow("unknown group") << "\nsmothing:\n  arms: 1\n"
                                       << QStringList{"mine.yaml:2", "smothing"};
        QTest::newRow("bare name") << "batch_size: 3\n"
                                   << QStringList{"mine.yaml:1", "sam_3d_body.batch_size"};
        QTest::newRow("wrong type") << "seed: many\n" << QStringList{"mine.yaml:1", "many", "whole number"};
        QTest::newRow("out of range") << "smoothing:\n  arms: 99\n"
                                      << QStringList{"mine.yaml:2", "99", "0 to 10"};
        QTest::newRow("no such choice") << "world:\n  camera: statik\n"
                                        << QStringList{"mine.yaml:2", "statik", "'static'"};
        QTest::newRow("list") << "seed: [1, 2]\n" << QStringList{"mine.yaml:1", "list"};
        QTest::newRow("no YAML") << "seed: 1\n  bad: [\n" << QStringList{"mine.yaml:", "YAML"};
        QTest::newRow("not a map") << "- a\n- b\n" << QStringList{"mine.yaml:1", "key: value"};
        QTest::newRow("circle") << "smoothing:\n  arms: ${smoothing.legs}\n  legs: ${smoothing.arms}\n"
                                << QStringList{"mine.yaml:", "circle"};
        QTest::newRow("open reference") << "seed: ${seed\n" << QStringList{"mine.yaml:1", "not closed"};
        QTest::newRow("unknown reference") << "seed: ${sead}\n" << QStringList{"mine.yaml:1", "'seed'"};
    }
    void mistakesNameFileLineAndNearestKey() {
        QFETCH(QString, text);
        QFETCH(QStringList, wanted);
        const auto error = errorOf(text.toStdString());
        for (const auto& part : wanted) {
            QVERIFY2(error.contains(part), qPrintable(error + " lacks " + part));
        }
    }

    void strongerValuesWin() {
        Options weak, strong;
        weak.setFromText("seed", "1");
        weak.setFromText("mask.sharpen", "off");
        strong.setFromText("seed", "2");
        weak.merge(strong);
        QCOMPARE(weak.integer("seed"), 2LL);
        QCOMPARE(weak.boolean("mask.sharpen"), false);
    }

    void wrongKeyOrTypeInCodeIsRefused() {
        Options options;
        QVERIFY_EXCEPTION_THROWN(options.setFromText("complete.enable", "on"), Error);
        QVERIFY_EXCEPTION_THROWN(options.set("seed", std::string("x")), Error);
        QVERIFY_EXCEPTION_THROWN(options.set("sam_3d_body.batch_size", 0LL), Error);
        options.set("smoothing.arms", 2LL); // a whole number is a number too
        QCOMPARE(options.number("smoothing.arms"), 2.0);
    }
};

QTEST_GUILESS_MAIN(OptionsTest)
#include "test_options.moc"
