// Files that are right pass, files that were damaged on the way do not.
#include "export_fixture.h"

#include "base/files.h"
#include "export/export_doctor.h"
#include "export/exporter.h"

#include <QTemporaryDir>
#include <QtTest>

#include <cstring>

using namespace body4d;
using namespace body4d::test;
namespace fs = std::filesystem;

class ExportDoctorTest : public QObject {
    Q_OBJECT

    QTemporaryDir dir_;
    ExportScene scene_ = makeScene(std::make_shared<TubeBody>());

    [[nodiscard]] fs::path folder(const char* name) const { return fs::path(dir_.path().toStdString()) / name; }
    [[nodiscard]] ExportResult write(std::vector<std::string> formats, const char* where, const ExportOptions& options = {}) const {
        return exportAll(scene_, formats, folder(where), options, {}, {});
    }
    static std::string said(const ExportCheck& check) {
        std::string text = check.format + ":";
        for (const auto& problem : check.problems) {
            text += " " + problem;
        }
        return text;
    }
    static void patch(const fs::path& file, std::size_t at, const void* bytes, std::size_t count) {
        auto all = readFile(file);
        std::memcpy(all.data() + at, bytes, count);
        writeFileAtomically(file, std::span<const std::byte>(all));
    }

private Q_SLOTS:
    void whatWasWrittenIsSound() {
        const auto result = write({"glb", "ply", "npz", "masks", "coco", "obj", "bvh", "csv"}, "all");
        const auto checks = checkExports(scene_, {}, result.files, {}, {});
        QCOMPARE(checks.size(), std::size_t{8});
        for (const auto& check : checks) {
            QVERIFY2(check.problems.empty(), said(check).c_str());
            QCOMPARE(check.people, 2);
            QVERIFY2(check.frames >= 26, said(check).c_str());
        }
        const auto& glb = checks[0];
        QCOMPARE(glb.format, std::string("glb"));
        QVERIFY(std::abs(glb.seconds - (39 / 25.0 + 0.004)) < 0.01);
        QVERIFY(glb.vertices >= 2 * TubeBody::kRings * TubeBody::kSides);
        QVERIFY(glb.maxMm > 0 && glb.maxMm < 20); // four of five joints a vertex
        const auto& ply = checks[1];
        QVERIFY(ply.maxMm >= 0 && ply.maxMm < 0.001);
        QCOMPARE(ply.triangles, std::int64_t{4} * (TubeBody::kRings - 1) * TubeBody::kSides);
        QVERIFY(ply.high.y - ply.low.y > 1.2 && ply.high.y - ply.low.y < 2.2); // a tube of 1.6 m that sways
        QVERIFY(std::abs(ply.low.y - glb.low.y) < 0.05); // the same world
        QVERIFY(checks[2].maxMm >= 0 && checks[2].maxMm < 0.001); // joints of the npz
    }
    void exactMeshesAreExact() {
        ExportOptions options;
        options.glb.mesh = GlbMesh::Exact;
        options.endFrame = 16;
        const auto result = write({"glb"}, "exact", options);
        const auto checks = checkExports(scene_, options, result.files, {}, {});
        QVERIFY2(checks.at(0).problems.empty(), said(checks[0]).c_str());
        QVERIFY(checks[0].maxMm >= 0 && checks[0].maxMm < 0.001);
    }
    void separateFilesAreOnePersonEach() {
        ExportOptions options;
        options.glb.separateFiles = true;
        const auto result = write({"glb"}, "separate", options);
        const auto checks = checkExports(scene_, options, result.files, {}, {});
        QCOMPARE(checks.at(0).files, 2);
        QVERIFY2(checks[0].problems.empty(), said(checks[0]).c_str());
        QCOMPARE(checks[0].people, 2);
    }
    void damageIsFound() {
        const auto result = write({"glb", "ply", "bvh"}, "damaged");
        const auto glb = result.files.front();
        const auto size = fs::file_size(glb);
        const float wild = 7;
        fs::path ply, bvh;
        for (const auto& file : result.files) {
            ply = ply.empty() && file.extension() == ".ply" ? file : ply;
            bvh = bvh.empty() && file.extension() == ".bvh" ? file : bvh;
        }
        const auto text = readTextFile(ply);
        patch(ply, text.find("end_header\n") + 11, &wild, 4); // the first vertex jumps
        auto motion = readTextFile(bvh);
        motion.resize(motion.rfind('\n', motion.size() - 2) + 1); // the last row is gone
        writeFileAtomically(bvh, motion);
        fs::resize_file(glb, size - 400);
        const auto checks = checkExports(scene_, {}, result.files, {}, {});
        QVERIFY(!checks.at(0).problems.empty());
        QVERIFY(checks.at(1).maxMm > 1000);
        QVERIFY(!checks.at(2).problems.empty());
        fs::remove(ply);
        QVERIFY(!checkExports(scene_, {}, result.files, {}, {}).at(1).problems.empty());
    }
    void otherBodiesAreNotTakenForThese() {
        const auto result = write({"glb"}, "other");
        auto moved = scene_;
        auto body = std::make_shared<BodyTrack>(*moved.targets[0].body);
        for (auto& frame : body->frames) {
            frame.pose.translation.x += 0.1;
        }
        moved.targets[0].body = body;
        QVERIFY(checkExports(moved, {}, result.files, {}, {}).at(0).maxMm > 90);
    }
    void forecastsComeTrue() {
        const std::vector<std::string> formats{"glb", "ply", "npz", "bvh", "obj"};
        const auto forecasts = forecastExports(scene_, formats, {}, {});
        QCOMPARE(forecasts.size(), formats.size());
        const auto result = write(formats, "forecast");
        const auto checks = checkExports(scene_, {}, result.files, {}, {});
        for (std::size_t i = 0; i < formats.size(); ++i) {
            double bytes = 0;
            for (const auto& file : result.files) {
                if (file.extension() == "." + formats[i] || (formats[i] == "obj" && file.extension() == ".mtl")) {
                    bytes += static_cast<double>(fs::file_size(file));
                }
            }
            const double ratio = static_cast<double>(forecasts[i].bytes) / bytes;
            QVERIFY2(ratio > 0.4 && ratio < 2.5, (formats[i] + " " + std::to_string(ratio)).c_str());
        }
        // Foretold on the same frames as measured: the file adds float rounding only.
        QVERIFY(std::abs(forecasts[0].meanMm - checks[0].meanMm) < 0.5 * forecasts[0].meanMm + 0.1);
        QVERIFY(forecasts[1].maxMm < 0);
    }
};

QTEST_GUILESS_MAIN(ExportDoctorTest)
#include "test_export_doctor.moc"
