// Results of the official model as a project: real outputs (they lie outside of the repository) and small
// ones made here.
#include "base/error.h"
#include "base/npz.h"
#include "body/measured_body.h"
#include "body/mhr_keypoints.h"
#include "body/ply_mesh.h"
#include "export/exporter.h"
#include "pipeline/export_scene.h"
#include "pipeline/import_results.h"

#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>

using namespace body4d;
namespace fs = std::filesystem;

namespace {

const fs::path kReal = fs::path(BODY4D_SHARED_DATA) / "mhr";

/// A person as the official code writes one, standing at `x`, seen with f = 800 px in 640 x 480.
/// @param more writes what else the file should hold
void writeNpz(const fs::path& file, double x, bool withVertices = true,
              const std::function<void(NpzWriter&)>& more = {}, bool withKeypoints = true) {
    NpzWriter out;
    std::vector<float> vertices, joints, rotations, keypoints, pixels;
    for (int i = 0; i < 6; ++i) {
        vertices.insert(vertices.end(), {0.1F * static_cast<float>(i % 2), 0.2F * static_cast<float>(i),
                                         0.05F * static_cast<float>(i % 3)});
    }
    for (std::size_t j = 0; j < kMhrJointCount; ++j) {
        joints.insert(joints.end(), {0.01F * static_cast<float>(j), 0.5F, 0});
        rotations.insert(rotations.end(), {1, 0, 0, 0, 1, 0, 0, 0, 1});
    }
    const Vec3 t{x, 0.9, 4};
    for (std::size_t k = 0; k < kMhrKeypointCount; ++k) {
        const Vec3 p{0.3 * std::sin(static_cast<double>(k)), -1 + 0.025 * static_cast<double>(k),
                     0.1 * std::cos(static_cast<double>(k))};
        keypoints.insert(keypoints.end(),
                         {static_cast<float>(p.x), static_cast<float>(p.y), static_cast<float>(p.z)});
        const Vec3 c = p + t;
        pixels.insert(pixels.end(),
                      {static_cast<float>(800 * c.x / c.z + 320), static_cast<float>(800 * c.y / c.z + 240)});
    }
    if (withVertices) {
        out.add("pred_vertices", vertices, {6, 3});
    }
    out.add("pred_joint_coords", joints, {127, 3});
    out.add("pred_global_rots", rotations, {127, 3, 3});
    if (withKeypoints) {
        out.add("pred_keypoints_3d", keypoints, {70, 3});
        out.add("pred_keypoints_2d", pixels, {70, 2});
    }
    out.add("pred_cam_t",
            std::vector<float>{static_cast<float>(t.x), static_cast<float>(t.y), static_cast<float>(t.z)},
            {3});
    out.add("body_pose_params", std::vector<float>(133, 0.25F), {133});
    if (more) {
        more(out);
    }
    out.write(file);
}

void writePly(const fs::path& file, double shift = 0) {
    std::ofstream out(file);
    out << "ply\nformat ascii 1.0\nelement vertex 6\nproperty float x\nproperty float y\nproperty float z\n"
           "property uchar red\nelement face 2\nproperty list uchar int vertex_indices\nend_header\n";
    for (int i = 0; i < 6; ++i) {
        out << 0.1 * (i % 2) + shift << ' ' << -0.2 * i << ' ' << -4 - 0.1 * (i % 3) << " 200\n";
    }
    out << "3 0 1 2\n4 2 3 4 5\n";
}

} // namespace

class ImportResultsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void plyMeshes();
    void realOutputs();
    void framesAndPeople();
    void meshFolders();
    void refusals();

private:
    [[nodiscard]] static fs::path pathOf(const QTemporaryDir& dir) { return dir.path().toStdString(); }
};

void ImportResultsTest::plyMeshes() {
    const QTemporaryDir dir;
    const auto file = pathOf(dir) / "a.ply";
    writePly(file);
    const auto mesh = readPly(file);
    QCOMPARE(mesh.vertices.size(), std::size_t{6});
    QCOMPARE(mesh.triangles.size(), std::size_t{3}); // a triangle, and a quad as two
    QCOMPARE(mesh.triangles[2][2], 5U);
    for (const char* text :
         {"", "ply\nformat binary_big_endian 1.0\nend_header\n",
          "ply\nformat ascii 1.0\nelement vertex 9\nproperty float x\nend_header\n1 2\n",
          "ply\nformat ascii 1.0\nelement vertex 99999999999\nproperty float x\nend_header\n1\n"}) {
        std::ofstream(file) << text;
        QVERIFY_EXCEPTION_THROWN((void)readPly(file), Error);
    }
}

void ImportResultsTest::realOutputs() {
    if (!fs::exists(kReal / "sam3d_body_output_subj00.npz")) {
        QSKIP("Real outputs of SAM 3D Body are not here (facebookresearch/MHR, "
              "tools/mhr_smpl_conversion/data).");
    }
    const QTemporaryDir dir;
    const auto folder = pathOf(dir) / "four.body4d";
    ImportRequest request;
    for (int i = 0; i < 4; ++i) {
        request.sources.push_back(kReal / ("sam3d_body_output_subj0" + std::to_string(i) + ".npz"));
    }
    const auto summary = importResults(folder, request, {});
    QCOMPARE(summary.people, 4);
    QCOMPARE(summary.camera.width, 1920);
    QCOMPARE(summary.camera.height, 890);
    QVERIFY(std::abs(summary.camera.focalPx - 2535.2662) < 1e-2);
    QVERIFY2(summary.worstKeypointPx < 1e-3, std::to_string(summary.worstKeypointPx).c_str());

    // What is on disk says the same: keypoints that are joints fall where the file has them.
    const auto project = Project::open(folder, Project::Access::ReadOnly);
    Engines engines;
    const auto scene = exportScene(*project, engines);
    QCOMPARE(scene.targets.size(), std::size_t{4});
    double worst = 0;
    for (std::size_t person = 0; person < 4; ++person) {
        const auto official = readNpz(request.sources[person]);
        const auto pixels = official.at("pred_keypoints_2d").as<float>();
        const auto& target = scene.targets[person];
        const auto body = target.frames()->at(0);
        const auto& frame = *body;
        const auto rest = target.model->shaped(target.body->shape);
        const auto skeleton = target.model->skeleton(rest, frame.pose);
        for (const auto& [keypoint, joint] : {std::pair{5, 75},
                                              {6, 39},
                                              {9, 2},
                                              {10, 18},
                                              {11, 3},
                                              {12, 19},
                                              {41, 41},
                                              {62, 77},
                                              {21, 64},
                                              {58, 83}}) {
            const auto px =
                body4d::project(target.body->camera, skeleton.joints[static_cast<std::size_t>(joint)]);
            worst =
                std::max(worst, std::hypot(px.x - 0.5 - pixels[static_cast<std::size_t>(2 * keypoint)],
                                           px.y - 0.5 - pixels[static_cast<std::size_t>(2 * keypoint + 1)]));
        }
        std::vector<Vec3f> vertices;
        target.model->pose(rest, frame.pose, vertices);
        QCOMPARE(vertices.size(), kMhrVertexCount);
        // Turns lead from the body at rest, for which the first frame stands where the body model is not
        // here.
        if (target.model->skin().perVertex == 0) {
            QVERIFY(std::abs(frame.pose.surface->rotations[42](0, 0) - 1) < 1e-6 &&
                    std::abs(frame.pose.surface->rotations[42](1, 2)) < 1e-6);
        }
        const auto raw = official.at("pred_vertices").as<float>(),
                   shift = official.at("pred_cam_t").as<float>();
        QVERIFY(std::abs(vertices[777].y - raw[3 * 777 + 1] - shift[1]) < 1e-6F);
    }
    QVERIFY2(worst < 1e-3, std::to_string(worst).c_str());

    ExportOptions options;
    const auto result =
        exportAll(scene, std::vector<std::string>{"glb", "ply", "npz"}, pathOf(dir) / "out", options, {}, {});
    QVERIFY(result.files.size() >= 6);
    // Nothing ties these meshes to their joints here: the file has both, and says so.
    if (scene.targets[0].model->skin().perVertex == 0) {
        QVERIFY(std::any_of(result.notes.begin(), result.notes.end(), [](const std::string& note) {
            return note.find("beside it the skeleton, which does not move it") != std::string::npos;
        }));
        const auto glb = std::find_if(result.files.begin(), result.files.end(),
                                      [](const fs::path& f) { return f.extension() == ".glb"; });
        QVERIFY(glb != result.files.end());
        std::ifstream file(*glb, std::ios::binary);
        const std::string bytes((std::istreambuf_iterator<char>(file)), {});
        for (const char* text :
             {"armature (mesh not tied to it)", "\"left_upper_leg\"", "\"inverseBindMatrices\""}) {
            QVERIFY2(bytes.find(text) != std::string::npos, text);
        }
    }
    const auto found = std::find_if(result.files.begin(), result.files.end(),
                                    [](const fs::path& f) { return f.extension() == ".npz"; });
    QVERIFY(found != result.files.end());
    const auto exported = readNpz(*found);
    QCOMPARE(exported.at("pred_vertices").shape, (std::vector<std::int64_t>{1, 18439, 3}));
    QCOMPARE(exported.at("pred_global_rots").shape, (std::vector<std::int64_t>{1, 127, 3, 3}));
    for (const auto& [name, official] : readNpz(request.sources[0])) {
        const auto& ours = exported.at(name);
        QVERIFY2(ours.as<float>() == official.as<float>(), name.c_str());
    }
}

void ImportResultsTest::framesAndPeople() {
    const QTemporaryDir dir;
    const auto root = pathOf(dir);
    for (const char* person : {"1", "2"}) {
        fs::create_directories(root / "clip" / person);
    }
    writeNpz(root / "clip" / "1" / "00000000.npz", 0);
    writeNpz(root / "clip" / "1" / "00000002.npz", 0.1);
    writeNpz(root / "clip" / "2" / "00000001.npz", -0.5);
    writePly(root / "mesh.ply");
    ImportRequest request;
    request.sources = {root / "clip"};
    request.mesh = root / "mesh.ply";
    const auto summary = importResults(root / "p.body4d", request, {});
    QCOMPARE(summary.people, 2);
    QCOMPARE(summary.frames, 3);
    QVERIFY(std::abs(summary.camera.focalPx - 800) < 1e-2);
    QCOMPARE(summary.camera.width, 640);
    const auto project = Project::open(root / "p.body4d");
    QCOMPARE(project->document().range.size(), 3);
    const double degrees = project->document().options.number("camera.fov_degrees");
    QVERIFY(std::abs(degrees - 2 * std::atan(320 / 800.0) * 180 / M_PI) < 1e-2);
    const auto body = project->body(1);
    QVERIFY(body && body->ownModel);
    QCOMPARE(body->frames[1].state, FrameState::Absent);
    QCOMPARE(body->frames[2].state, FrameState::Visible);
    QCOMPARE(body->frames[2].pose.surface->vertices.size(), std::size_t{6});
    QCOMPARE(body->frames[2].pose.surface->fields.at("body_pose_params").size(), std::size_t{133});
    QCOMPARE(body->ownModel->topology().triangles.size(), std::size_t{3});
    QCOMPARE(project->stage("ground", 1).status, StageStatus::Done);
    QVERIFY(project->world());

    // No stage of this program made them, so exports name none; and whose terms apply.
    Engines engines;
    const auto scene = exportScene(*project, engines);
    QCOMPARE(scene.engines, (std::vector<std::pair<std::string, std::string>>{{"import", "SAM 3D Body (imported)"}}));
    QCOMPARE(scene.licences.size(), std::size_t{2});
    QVERIFY(scene.licences[0].starts_with("SAM 3D Body: SAM License"));
    QVERIFY(scene.licences[1].starts_with("Momentum Human Rig: Apache-2.0"));

    // Files carry the project's name, but not the figures of a draft's.
    QCOMPARE(scene.name, std::string("p"));
    const auto video = project->document().video.path.stem().string();
    for (const auto& [folder, wanted] : {std::pair{video + "-0ed063d8", video}, {video + "-take", video + "-take"}}) {
        fs::copy(root / "p.body4d", root / (folder + ".body4d"), fs::copy_options::recursive);
        QCOMPARE(exportScene(*Project::open(root / (folder + ".body4d"), Project::Access::ReadOnly), engines).name, wanted);
    }
}

void ImportResultsTest::meshFolders() {
    const QTemporaryDir dir;
    const auto root = pathOf(dir);
    fs::create_directories(root / "mesh_4d_individual" / "1");
    writePly(root / "mesh_4d_individual" / "1" / "00000000.ply");
    writePly(root / "mesh_4d_individual" / "1" / "00000001.ply", 0.25);
    ImportRequest request;
    request.sources = {root / "mesh_4d_individual"};
    const auto summary = importResults(root / "p.body4d", request, {});
    QCOMPARE(summary.people, 1);
    QVERIFY(summary.worstKeypointPx < 0);
    const auto project = Project::open(root / "p.body4d");
    const auto body = project->body(1);
    std::vector<Vec3f> vertices;
    body->ownModel->pose(body->ownModel->shaped({}), body->frames[1].pose, vertices);
    QVERIFY(std::abs(vertices[1].x - 0.35F) < 1e-5F && std::abs(vertices[1].y - 0.2F) < 1e-5F &&
            std::abs(vertices[1].z - 4.1F) < 1e-5F);
}

void ImportResultsTest::refusals() {
    const QTemporaryDir dir;
    const auto root = pathOf(dir);
    ImportRequest request;
    QVERIFY_EXCEPTION_THROWN((void)importResults(root / "a.body4d", request, {}), Error);
    writeNpz(root / "x.npz", 0, false);
    request.sources = {root / "x.npz"};
    QVERIFY_EXCEPTION_THROWN((void)importResults(root / "a.body4d", request, {}), Error);
    writeNpz(root / "x.npz", 0); // nobody knows its triangles
    QVERIFY_EXCEPTION_THROWN((void)importResults(root / "a.body4d", request, {}), Error);
    writePly(root / "mesh.ply");
    request.mesh = root / "mesh.ply";
    const auto refused = [&](const char* why) {
        try {
            (void)importResults(root / "a.body4d", request, {});
        } catch (const Error& e) {
            return std::string(e.what()).find(why) != std::string::npos;
        }
        return false;
    };
    const auto faces = [](std::int64_t last) {
        return [last](NpzWriter& out) { out.add("faces", std::vector<std::int64_t>{0, 1, last}, {1, 3}); };
    };
    writeNpz(root / "x.npz", 0, true, faces(6));
    QVERIFY(refused("faces name vertices"));
    writeNpz(root / "x.npz", 0, true, faces(-1));
    QVERIFY(refused("faces name vertices"));
    writeNpz(root / "x.npz", 0, true, [](NpzWriter& out) {
        out.add("shape_params", std::vector<float>(45, std::numeric_limits<float>::quiet_NaN()), {45});
    });
    QVERIFY(refused("shape_params has values that are no numbers"));
    QVERIFY(!fs::exists(root / "a.body4d"));
    // A focal length without keypoints is no size of pictures.
    writeNpz(root / "x.npz", 0, true,
             [](NpzWriter& out) { out.add("focal_length", std::vector<float>{900}, {1}); }, false);
    const auto summary = importResults(root / "a.body4d", request, {});
    QCOMPARE(summary.camera.focalPx, 900.0);
    QCOMPARE(summary.camera.width, 1920);
    QVERIFY(std::abs(summary.camera.centreX - 960) <= 1);
}

QTEST_GUILESS_MAIN(ImportResultsTest)
#include "test_import_results.moc"
