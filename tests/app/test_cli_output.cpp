// Where results go: disks that fill up while a run is at work, folders that cannot be written, and options of
// exports that have to arrive in the files.
#include "pipeline/project.h"
#include "video/video_reader.h"

#include <QtTest>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace body4d;
namespace fs = std::filesystem;

namespace {

constexpr const char* kClip = BODY4D_SAMPLES "/vtest.avi";
const QStringList kWork = {"--click", "0:265,249", "--frames", "0:24", "--batch", "8", "-q"};
constexpr Box kPerson{240, 190, 290, 300}; ///< around the one who is clicked, on frame 0

struct Result {
    int code = -1;
    QByteArray out, err;
};
Result start(const QString& program, const QStringList& arguments) {
    QProcess process;
    process.start(program, arguments);
    Result result;
    if (process.waitForFinished(600000)) {
        result.code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -2;
    }
    result.out = process.readAllStandardOutput();
    result.err = process.readAllStandardError();
    return result;
}
Result runBody4d(const QStringList& arguments) {
    return start(QStringLiteral(BODY4D_CLI), arguments);
}

/// Runs a script where small disks can be mounted: in a name space of its own, as a plain user, as root, or
/// as root in a chroot. Exit code 77 where none of them works.
Result startWhereDisksCanBeMounted(const QString& script) {
    static const QStringList ways[] = {{"-rm"}, {"-m"}, {"-m", "--propagation", "unchanged"}};
    for (const auto& way : ways) {
        const auto probe = start(
            "unshare", way + QStringList{"sh", "-c", "mount -t tmpfs -o size=4k none /mnt && umount /mnt"});
        if (probe.code == 0) {
            return start("unshare", way + QStringList{"sh", "-c", script});
        }
    }
    return {77, {}, {}};
}

/// The JSON part of a GLB.
nlohmann::json glbOf(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    std::uint32_t length = 0;
    if (bytes.size() < 20) {
        return {};
    }
    std::memcpy(&length, bytes.data() + 12, 4);
    return nlohmann::json::parse(bytes.substr(20, length));
}

/// Mean difference of two pictures inside a box, in steps of 255.
double difference(const Image& a, const Image& b, const Box& box) {
    double sum = 0, count = 0;
    for (int y = static_cast<int>(box.y0); y < box.y1; ++y) {
        for (int x = 3 * static_cast<int>(box.x0); x < 3 * box.x1; ++x) {
            sum += std::abs(int{a.row(y)[x]} - int{b.row(y)[x]});
            ++count;
        }
    }
    return sum / count;
}

} // namespace

class CliOutputTest : public QObject {
    Q_OBJECT

    QTemporaryDir root_;
    fs::path folder_, project_;

private Q_SLOTS:
    void initTestCase() {
        const char* models = std::getenv("BODY4D_MODELS");
        if (models == nullptr || !fs::exists(fs::path(models) / "pose_landmark_full.tflite") ||
            !fs::exists(kClip)) {
            QSKIP("The networks or the sample clip are not here: run packaging/setup.sh.");
        }
        folder_ = root_.path().toStdString();
        const auto out = root_.filePath("whole");
        const auto result = runBody4d(QStringList{"run", kClip, "--no-export", "-o", out} + kWork);
        QVERIFY2(result.code == 0, result.err);
        project_ = folder_ / "whole" / "vtest.body4d";
    }

    void fullDiskWhileRunning_data() {
        QTest::addColumn<int>("kib");
        QTest::newRow("no room for the project") << 4;
        QTest::newRow("in the first batch") << 12;
        QTest::newRow("while tracking") << 240;
        QTest::newRow("in the first export") << 600;
        QTest::newRow("among the meshes") << 3000;
    }
    void fullDiskWhileRunning() {
        QFETCH(int, kib);
        const auto disk = folder_ / "disk";
        fs::create_directories(disk);
        // Everything that is not in project.yaml can be made again; the second run on a larger disk shows it.
        const auto script = QStringLiteral(R"(
            mount -t tmpfs -o size=%1k none '%2' || exit 77
            trap "umount '%2'" EXIT
            '%3' run '%4' %5 -o '%2/o' || code=$?
            [ "$code" = 1 ] || { echo "first exit code: $code" >&2; exit 78; }
            find '%2' -name '.*tmp*' | grep . && exit 79
            mount -o remount,size=400m '%2' || exit 77
            if [ -d '%2/o/vtest.body4d' ]; then
                '%3' run '%2/o/vtest.body4d' -q >/dev/null || exit 80
                cp -r '%2/o/vtest.body4d' '%6'
            else
                [ -e '%2/o' ] && exit 81
            fi
            exit 0)")
                                .arg(kib)
                                .arg(QString::fromStdString(disk.string()), BODY4D_CLI, kClip,
                                     kWork.join(' '), root_.filePath(QStringLiteral("after%1").arg(kib)));
        const auto result = startWhereDisksCanBeMounted(script);
        if (result.code == 77) {
            QSKIP("A small disk cannot be mounted here: it needs root or user name spaces.");
        }
        QVERIFY2(result.code == 0,
                 (QByteArray::number(result.code) + ": " + result.out + result.err).constData());
        QVERIFY2(!result.err.contains("\nbody4d: ") && result.err.contains("No space left") &&
                     result.err.contains("\n  Free some disk space"),
                 result.err);
        const auto after = folder_ / ("after" + std::to_string(kib));
        QCOMPARE(fs::exists(after), kib > 4);
        if (kib > 4) {
            const auto a = Project::open(project_, Project::Access::ReadOnly)->track(1),
                       b = Project::open(after, Project::Access::ReadOnly)->track(1);
            QCOMPARE(b.frames.size(), a.frames.size());
            for (std::size_t i = 0; i < a.frames.size(); ++i) {
                QVERIFY(a.frames[i].mask == b.frames[i].mask);
            }
        }
    }

    void readOnlyOutput() {
        const auto disk = folder_ / "locked";
        fs::create_directories(disk);
        const auto script =
            QStringLiteral(R"(
            mount -t tmpfs -o size=64k,ro none '%1' || exit 77
            trap "umount '%1'" EXIT
            '%2' run '%3' %4 -o '%1/o'; code=$?
            exit $code)")
                .arg(QString::fromStdString(disk.string()), BODY4D_CLI, kClip, kWork.join(' '));
        const auto result = startWhereDisksCanBeMounted(script);
        if (result.code == 77) {
            QSKIP("A read-only disk cannot be mounted here: it needs root or user name spaces.");
        }
        QVERIFY2(result.code == 1, result.err);
        QVERIFY2(result.err.startsWith("body4d: Cannot ") && result.err.contains("Read-only") &&
                     !result.err.contains("\nbody4d: ") && result.err.contains("\n  "),
                 result.err);
    }

    void anotherVideoUnderTheSameNameIsRefused() {
        const auto clip = folder_ / "clip.avi";
        fs::copy_file(kClip, clip);
        auto result = runBody4d(QStringList{"run", QString::fromStdString(clip.string()), "--no-export", "-o",
                                            root_.filePath("changed"), "--click", "0:265,249", "--frames",
                                            "0:4", "-q"});
        QVERIFY2(result.code == 0, result.err);
        std::ofstream(clip, std::ios::binary | std::ios::app) << "more";
        result = runBody4d({"run", root_.filePath("changed/clip.body4d"), "--no-export", "-q"});
        QVERIFY2(result.code == 3, result.err);
        QVERIFY2(result.err.contains("another video"), result.err);
    }

    void cutOffVideoIsUsedAsFarAsItGoesAndToldOnce() {
        std::ifstream in(kClip, std::ios::binary);
        std::string bytes(1 << 20, '\0');
        in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        std::ofstream(folder_ / "cut.avi", std::ios::binary) << bytes;
        const auto result = runBody4d(
            QStringList{"run", root_.filePath("cut.avi"), "--no-export", "-o", root_.filePath("cut")} +
            QStringList{"--click", "0:265,249", "--frames", "0:4", "-q"});
        QVERIFY2(result.code == 0, result.err);
        QVERIFY2(result.err.count("damaged or cut off") == 1, result.err);
    }

    void picturesAreVideosToo_data() {
        QTest::addColumn<bool>("folder");
        QTest::newRow("one picture") << false;
        QTest::newRow("a folder of pictures") << true;
    }
    void picturesAreVideosToo() {
        QFETCH(bool, folder);
        const auto pictures = folder_ / "pictures";
        const auto cut = runBody4d({"extract", kClip, "--fps", "0", "--frames", "0:3", "-o",
                                    QString::fromStdString(pictures.string())});
        QVERIFY2(cut.code == 0, cut.err);
        auto source = pictures;
        if (!folder) {
            source = fs::directory_iterator(pictures)->path();
            for (const auto& entry : fs::directory_iterator(pictures)) {
                source = std::min(source, entry.path());
            }
        }
        const auto out = folder_ / (folder ? "of a folder" : "of a picture");
        const auto result = runBody4d({"run", QString::fromStdString(source.string()), "--click", "0:265,249", "-q",
                                       "-o", QString::fromStdString(out.string())});
        QVERIFY2(result.code == 0, result.err);
        std::ifstream in(out / "metrics.json");
        const auto metrics = nlohmann::json::parse(in);
        QCOMPARE(metrics["targets"][0]["tracked_frames"].get<int>(), folder ? 3 : 1);
        const auto glb = glbOf(out / (source.stem().string() + ".glb"));
        QCOMPARE(glb.at("skins").size(), std::size_t{1});
        QCOMPARE(glb.contains("animations"), folder); // one picture is a pose
        QVERIFY(fs::exists(out / (source.stem().string() + "_1.npz")));
    }

    void glbOptionsArrive() {
        const auto plain = folder_ / "plain", special = folder_ / "special";
        const auto project = QString::fromStdString(project_.string());
        auto result =
            runBody4d({"export", project, "-f", "glb", "-q", "-o", QString::fromStdString(plain.string())});
        QVERIFY2(result.code == 0, result.err);
        result = runBody4d({"export", project, "-f", "glb", "-q", "-o",
                            QString::fromStdString(special.string()), "--glb-influences", "8",
                            "--glb-leaf-bones", "on", "--glb-ground", "off", "--glb-camera", "off"});
        QVERIFY2(result.code == 0, result.err);
        const auto a = glbOf(plain / "vtest.glb"), b = glbOf(special / "vtest.glb");
        const auto text = [](const nlohmann::json& json) { return QByteArray::fromStdString(json.dump()); };
        QVERIFY(a.contains("cameras") && !b.contains("cameras"));
        QVERIFY(!text(a["meshes"]).contains("JOINTS_1") && text(b["meshes"]).contains("JOINTS_1"));
        QCOMPARE(b["meshes"].size(), a["meshes"].size() - 1); // the grid of the ground
        QVERIFY2(b["skins"][0]["joints"].size() > a["skins"][0]["joints"].size(), "no end joints");
        result = runBody4d(
            {"export", project, "-f", "glb", "--glb-influences", "5", "-o", root_.filePath("none")});
        QCOMPARE(result.code, 2);
        QVERIFY2(result.err.contains("one of 4, 8"), result.err);
    }

    void overlayStyleArrives() {
        const auto project = QString::fromStdString(project_.string());
        const auto first = [&](const char* name, const QStringList& style) {
            const auto out = root_.filePath(name);
            const auto result = runBody4d(
                QStringList{"export", project, "-f", "overlay", "--frames", "0:2", "-q", "-o", out} + style);
            return result.code == 0 ? VideoReader::open((out + "/vtest_overlay.mp4").toStdString())->read(0)
                                    : nullptr;
        };
        const QStringList off{"--overlay-bodies", "off"};
        const auto bare = first("bare", off), bodies = first("bodies", {}),
                   masks = first("masks", off + QStringList{"--overlay-masks", "on"}),
                   bones = first("bones", off + QStringList{"--overlay-skeleton", "on"}),
                   tags = first("tags", off + QStringList{"--set", "export.overlay_labels=on"});
        QVERIFY(bare && bodies && masks && bones && tags);
        const auto source = VideoReader::open(kClip)->read(0);
        QVERIFY2(difference(*bare, *source, kPerson) < 6, "something is drawn"); // the encoder's loss only
        const Box above{222, 194, 312, 213};                                     // where the tag is
        QVERIFY(difference(*bodies, *bare, kPerson) > 8);
        QVERIFY(difference(*masks, *bare, kPerson) > 3);
        QVERIFY(difference(*bones, *bare, kPerson) > 1);
        QVERIFY(difference(*tags, *bare, above) > 3);
    }
};

QTEST_GUILESS_MAIN(CliOutputTest)
#include "test_cli_output.moc"
