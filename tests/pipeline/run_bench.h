#pragma once

#include "fake_body_network.h"
#include "fake_engines.h"
#include "test_clip.h"

#include "pipeline/run.h"

#include <QTemporaryDir>

#include <mutex>

/// What tests of runs need: a clip, projects of it, and the engines that stand in for the real ones.
namespace body4d::test {

inline constexpr int kFrames = 70; ///< of the clip

/// A project with its engines and everything that happened to it.
struct Bench {
    std::unique_ptr<Project> project;
    std::shared_ptr<FakeControl> control = std::make_shared<FakeControl>();
    std::shared_ptr<FakeBodyEstimator> estimator = std::make_shared<FakeBodyEstimator>();
    Engines engines;
    Telemetry telemetry;
    std::vector<std::string> notices;

    explicit Bench(std::unique_ptr<Project> p) : project(std::move(p)) {
        engines.setSegmenterForTests(std::make_unique<FakeSegmenter>(control));
        engines.setBodyEstimatorForTests(estimator);
        engines.setCompleterForTests(std::make_shared<const FakeCompleter>());
    }
    void findEverybody() {
        RunRequest request;
        request.autoSelect = true;
        run({}, {}, request);
    }
    RunSummary run(const std::stop_token& stop = {}, RunEvents events = {}, RunRequest request = {}) {
        std::mutex mutex;
        events.notice = [&](const std::string& s) {
            const std::scoped_lock lock(mutex);
            notices.push_back(s);
        };
        return body4d::run(*project, engines, request, telemetry, events, stop);
    }
};

inline bool samePose(const BodyPose& a, const BodyPose& b) {
    return norm(a.translation - b.translation) < 1e-12 && a.rotations.size() == b.rotations.size();
}

/// Whether two projects hold the same results: masks bit for bit, numbers exactly.
inline QString differenceOf(const Project& a, const Project& b) {
    const auto document = a.document();
    for (const auto& target : document.targets) {
        const auto ta = a.track(target.id), tb = b.track(target.id);
        if (ta.firstFrame != tb.firstFrame || ta.frames.size() != tb.frames.size()) {
            return QStringLiteral("tracks cover other frames: %1 and %2")
                .arg(ta.frames.size())
                .arg(tb.frames.size());
        }
        for (std::size_t i = 0; i < ta.frames.size(); ++i) {
            const auto &fa = ta.frames[i], &fb = tb.frames[i];
            if (!(fa.mask == fb.mask) || fa.state != fb.state || fa.frame != fb.frame ||
                fa.pose.points[5].px.x != fb.pose.points[5].px.x || fa.prompted != fb.prompted) {
                return QStringLiteral("track %1 differs at frame %2").arg(target.id).arg(fa.frame);
            }
        }
        const auto ba = a.body(target.id), bb = b.body(target.id);
        if (!ba || !bb || ba->frames.size() != bb->frames.size()) {
            return QStringLiteral("bodies are missing");
        }
        for (std::size_t i = 0; i < ba->frames.size(); ++i) {
            if (!samePose(ba->frames[i].pose, bb->frames[i].pose) ||
                ba->frames[i].state != bb->frames[i].state) {
                return QStringLiteral("body %1 differs at frame %2").arg(target.id).arg(i);
            }
        }
    }
    const auto wa = a.world(), wb = b.world();
    if (!wa || !wb || wa->worldFromCam.size() != wb->worldFromCam.size() ||
        wa->cameraMoves != wb->cameraMoves) {
        return QStringLiteral("worlds are of other kinds");
    }
    for (std::size_t i = 0; i < wa->worldFromCam.size(); ++i) {
        const auto &ca = wa->worldFromCam[i], &cb = wb->worldFromCam[i];
        if (ca.rotation.m != cb.rotation.m || norm(ca.translation - cb.translation) > 0) {
            return QStringLiteral("cameras differ at frame %1").arg(i);
        }
    }
    return a.sceneCuts() == b.sceneCuts() ? QString() : QStringLiteral("scene cuts differ");
}

/// The clip, and projects of it in a folder that goes with the test.
class RunFixture : public QObject {
protected:
    void makeClip() {
        // What made-up engines take is no history.
        qputenv("XDG_CACHE_HOME", root_.filePath("cache").toUtf8());
        video_ = writeClip(std::filesystem::path(root_.path().toStdString()) / "clip.mp4", kFrames, 40);
    }
    /// Two people, one clicked in the middle and one later: both directions have work.
    std::unique_ptr<Project> project(int batch = 8) {
        auto made = Project::create(std::filesystem::path(root_.path().toStdString()) /
                                        ("p" + std::to_string(counter_++)) / "clip.body4d",
                                    video_);
        auto document = made->document();
        document.addTarget().prompts = {{20, {{20, 20, true}}, std::nullopt}};
        document.addTarget().prompts = {{33, {{40, 20, true}}, std::nullopt}};
        document.options.set("sam_3d_body.batch_size", static_cast<long long>(batch));
        document.options.setFromText("world.camera", "static");
        made->setDocument(document);
        return made;
    }
    /// For --auto: nobody has been clicked yet.
    std::unique_ptr<Project> projectWithoutPeople() {
        auto made = project();
        auto document = made->document();
        document.targets.clear();
        made->setDocument(document);
        return made;
    }
    static bool allDone(const Project& p) {
        const auto document = p.document();
        for (const auto& target : document.targets) {
            for (const char* stage : {"segment", "reconstruct", "complete", "ground"}) {
                if (p.stage(stage, target.id).status != StageStatus::Done) {
                    return false;
                }
            }
        }
        return true;
    }

    QTemporaryDir root_;
    std::filesystem::path video_;
    int counter_ = 0;
};

} // namespace body4d::test
