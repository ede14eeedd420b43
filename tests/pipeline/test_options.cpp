#include "base/error.h"
#include "base/files.h"
#include "pipeline/options.h"
#include "pipeline/run.h"

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

    /// The keys of SAM-Body4D's own file: its users take theirs as it is.
    void referenceFileWorks() {
        const auto options = Options::fromYaml(write(
            "paths:\n  ckpt_root: /data/weights\n"
            "sam3:\n  ckpt_path: ${paths.ckpt_root}/sam3/sam3.pt\n"
            "sam_3d_body:\n  ckpt_path: ${paths.ckpt_root}/sam-3d-body-dinov3/model.ckpt\n"
            "  mhr_path: ${paths.ckpt_root}/sam-3d-body-dinov3/assets/mhr_model.pt\n"
            "  fov_path: ${paths.ckpt_root}/moge-2-vitl-normal/model.pt\n"
            "  batch_size: 32\n  detector_path: \"\"\n  segmentor_path: \"\"\n"
            "runtime:\n  output_dir: ./results\n"
            "completion:\n  enable: false\n  detection_resolution: [256, 512]\n  completion_resolution: [512, 1024]\n"
            "  model_path_mask: ${paths.ckpt_root}/diffusion-vas-amodal-segmentation\n"
            "  model_path_rgb:  ${paths.ckpt_root}/diffusion-vas-content-completion\n"
            "  model_path_depth: ${paths.ckpt_root}/depth_anything_v2_vitl.pth\n"
            "  depth_encoder: vitl\n  max_occ_len: 25\n"));
        QCOMPARE(options.text("sam3.ckpt_path"), std::string("/data/weights/sam3/sam3.pt"));
        QCOMPARE(options.text("sam_3d_body.mhr_path"),
                 std::string("/data/weights/sam-3d-body-dinov3/assets/mhr_model.pt"));
        QCOMPARE(options.text("runtime.output_dir"), std::string("./results"));
        QCOMPARE(options.integer("sam_3d_body.batch_size"), 32LL);
        QCOMPARE(options.boolean("completion.enable"), false);
        // It names no engines: it means those that it gives checkpoints.
        QCOMPARE(options.text("engines.segment"), std::string("sam3"));
        QCOMPARE(options.text("engines.reconstruct"), std::string("sam3d_body"));
        QCOMPARE(options.text("engines.intrinsics"), std::string("moge2"));
        const auto folder = Engines::modelsFolder(options);
        QCOMPARE(folder / "sam3d_body/model.ckpt", fs::path("/data/weights/sam-3d-body-dinov3/model.ckpt"));
        QCOMPARE(folder / "moge2.pt", fs::path("/data/weights/moge-2-vitl-normal/model.pt"));
        QCOMPARE(folder / "anny.safetensors", Engines::modelsFolder() / "anny.safetensors");
    }

    void checkpointFolderAloneIsEnough() {
        const auto root = fs::path(folder_.path().toStdString()) / "weights";
        fs::create_directories(root / "moge-2-vitl-normal");
        writeFileAtomically(root / "moge-2-vitl-normal" / "model.pt", "x");
        auto options = Options::fromYaml(write("paths: {ckpt_root: " + root.string() + "}\nengines: {segment: edgetam}\n"));
        QCOMPARE(options.text("engines.segment"), std::string("edgetam"));
        QCOMPARE(options.text("engines.intrinsics"), std::string("prior"));
        QCOMPARE(Engines::modelsFolder(options) / "moge2.pt", root / "moge-2-vitl-normal" / "model.pt");
        options.setFromText("sam_3d_body.fov_path", "/elsewhere/moge.pt");
        QCOMPARE(Engines::modelsFolder(options) / "moge2.pt", fs::path("/elsewhere/moge.pt"));
    }

    void referencesAsInOmegaConf() {
        ::setenv("BODY4D_TEST_ROOT", "/from/environment", 1);
        const auto options = Options::fromYaml(
            write("paths: {ckpt_root: '${oc.env:BODY4D_TEST_ROOT}'}\n"
                  "compat: none\n"
                  "sam3: {ckpt_path: '${paths.ckpt_root}/${smoothing.${oc.env:BODY4D_NOT_SET,arms}}'}\n"
                  "sam_3d_body:\n  ckpt_path: ${.mhr_path}/${..seed}\n  mhr_path: a/${oc.env:BODY4D_NOT_SET,b}\n"
                  "  fov_path: 'price \\${seed}'\nseed: 5\n")
        );
        QCOMPARE(options.text("paths.ckpt_root"), std::string("/from/environment"));
        QCOMPARE(options.text("sam3.ckpt_path"), std::string("/from/environment/1"));
        QCOMPARE(options.text("sam_3d_body.ckpt_path"), std::string("a/b/5"));
        QCOMPARE(options.text("sam_3d_body.fov_path"), std::string("price ${seed}"));
    }

    void emptyFileIsFine() { QVERIFY(Options::fromYaml(write("# nothing\n")).values().empty()); }

    void mistakesNameFileLineAndNearestKey_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QStringList>("wanted");
        QTest::newRow("unknown key") << "seed: 1\ncompletion:\n  enabel: on\n"
                                     << QStringList{"mine.yaml:3", "completion.enabel", "completion.enable"};
        QTest::newRow("unknown group") << "\nsmothing:\n  arms: 1\n"
                                       << QStringList{"mine.yaml:2", "smothing"};
        QTest::newRow("section as a key") << "completion: on\n" << QStringList{"mine.yaml:1", "completion.enable"};
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
        QTest::newRow("longer circle")
            << "seed: 3\npaths:\n  ckpt_root: ${sam3.ckpt_path}\nsam3:\n  ckpt_path: ${runtime.output_dir}/x\n"
               "runtime:\n  output_dir: ${paths.ckpt_root}\n"
            << QStringList{"mine.yaml:7", "circle", "paths.ckpt_root"};
        QTest::newRow("circle in a key without effect")
            << "completion:\n  model_path_mask: ${.model_path_rgb}\n  model_path_rgb: ${.model_path_mask}\n"
            << QStringList{"mine.yaml:", "circle"};
        QTest::newRow("group as a value") << "seed: ${smoothing}\n" << QStringList{"mine.yaml:1", "group"};
        QTest::newRow("out of the file") << "seed: ${..x}\n" << QStringList{"mine.yaml:1", "leads out"};
        QTest::newRow("no such variable") << "seed: ${oc.env:BODY4D_NOT_SET}\n"
                                          << QStringList{"mine.yaml:1", "BODY4D_NOT_SET"};
        QTest::newRow("reference's key, misspelt") << "sam_3d_body:\n  mhr_pth: x\n"
                                                   << QStringList{"mine.yaml:2", "sam_3d_body.mhr_path"};
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
