// People who stand and walk are upright and on the ground in the file that leaves the program: read back from
// the GLB.
#include "glb_reader.h"

#include <QtTest>

#include <cmath>
#include <filesystem>
#include <numbers>

using namespace body4d;
namespace fs = std::filesystem;

namespace {

struct Clip {
    QString file, frames;
    QStringList clicks;
    int people = 1;
};

double degreesFromUp(Vec3 v) {
    return std::acos(std::clamp(v.y / norm(v), -1.0, 1.0)) * 180 / std::numbers::pi;
}

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

} // namespace

class UprightTest : public QObject {
    Q_OBJECT

    QTemporaryDir root_;

private Q_SLOTS:
    void initTestCase() {
        const char* models = std::getenv("BODY4D_MODELS");
        if (models == nullptr || !fs::exists(fs::path(models) / "pose_landmark_full.tflite") ||
            !fs::exists(fs::path(models) / "anny.safetensors")) {
            QSKIP("The networks are not here: run packaging/setup.sh.");
        }
    }

    void peopleStandUpright_data() {
        QTest::addColumn<Clip>("clip");
        // Three walkers, 60 to 110 pixels tall, at 13 to 18 m, filmed from above.
        QTest::newRow("street") << Clip{
            BODY4D_SAMPLES "/vtest.avi", "0:22", {"0:265,249@1", "0:514,190@2", "0:662,274@3"}, 3};
        QTest::newRow("juggler") << Clip{
            BODY4D_SHARED_DATA "/videos/ball_juggle.mp4", "0:60", {"0:715,240"}, 1};
    }
    void peopleStandUpright() {
        QFETCH(Clip, clip);
        if (!QFile::exists(clip.file)) {
            QSKIP(qPrintable("missing: " + clip.file));
        }
        const QString out = root_.filePath(QTest::currentDataTag());
        QStringList arguments{"run", clip.file, "--frames", clip.frames, "--export", "glb", "-q", "-o", out};
        for (const QString& click : clip.clicks) {
            arguments << "--click" << click;
        }
        QProcess run;
        run.start(QStringLiteral(BODY4D_CLI), arguments);
        QVERIFY(run.waitForFinished(500000));
        QVERIFY2(run.exitCode() == 0, run.readAllStandardError());
        const auto file =
            fs::path(out.toStdString()) / (fs::path(clip.file.toStdString()).stem().string() + ".glb");
        const test::GlbReader glb(file);
        QVERIFY(glb.errors.empty());
        const double length = glb.clipLength();

        struct Person {
            std::size_t node = 0, mesh = 0, hips = 0, neck = 0;
            Vec3 up;
            std::vector<double> lowest;
        };
        std::vector<Person> people;
        for (int i = 1; i <= clip.people; ++i) {
            const std::string name = "Person " + std::to_string(i);
            const int node = glb.findNode(name), mesh = glb.findNode(name + " mesh");
            QVERIFY2(node >= 0 && mesh >= 0, name.c_str());
            Person p;
            p.node = static_cast<std::size_t>(node);
            p.mesh = static_cast<std::size_t>(mesh);
            for (const auto& joint :
                 glb.json["skins"][glb.json["nodes"][p.mesh]["skin"].get<std::size_t>()]["joints"]) {
                const auto j = joint.get<std::size_t>();
                const auto joined = glb.json["nodes"][j].value("name", "");
                p.hips = joined == "root" ? j : p.hips;
                p.neck = joined == "neck01" ? j : p.neck;
            }
            QVERIFY(p.hips > 0 && p.neck > 0);
            people.push_back(p);
        }
        constexpr int kTimes = 12;
        for (int i = 0; i < kTimes; ++i) {
            const auto nodes = glb.nodesAt(length * i / (kTimes - 1));
            for (Person& p : people) {
                if (nodes[p.node].matrix(1, 1) < 0.5) {
                    continue; // not shown: scaled to nothing
                }
                const Vec3 trunk = nodes[p.neck].translation - nodes[p.hips].translation;
                p.up = p.up + (1 / norm(trunk)) * trunk;
                double low = 10;
                for (const Vec3& v : glb.skinnedVertices(p.mesh, nodes)) {
                    low = std::min(low, v.y);
                }
                p.lowest.push_back(low);
            }
        }
        double all = 0;
        for (const Person& p : people) {
            QVERIFY(p.lowest.size() > kTimes / 2);
            std::vector<double> off;
            for (const double low : p.lowest) {
                off.push_back(std::abs(low));
            }
            qInfo("%s: trunk %.1f degrees off +Y on average, soles %.3f m from y = 0 (median), %.3f at the "
                  "worst",
                  glb.json["nodes"][p.node]["name"].get<std::string>().c_str(), degreesFromUp(p.up),
                  median(off), *std::max_element(off.begin(), off.end()));
            QVERIFY(degreesFromUp(p.up) < 18);
            QVERIFY(median(off) < 0.05);
            QVERIFY(*std::max_element(off.begin(), off.end()) < 0.2);
            all += degreesFromUp(p.up) / static_cast<double>(people.size());
        }
        QVERIFY2(all < 14, qPrintable(QString::number(all)));
    }
};

QTEST_GUILESS_MAIN(UprightTest)
#include "test_upright.moc"
