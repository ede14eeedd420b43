#include "run_bench.h"

#include "base/error.h"
#include "base/files.h"
#include "device/memory_budget.h"
#include "pipeline/run.h"

#include <QtTest>
#include <nlohmann/json.hpp>

#include <cmath>
#include <future>
#include <random>
#include <semaphore>

using namespace body4d;
using namespace body4d::test;
namespace fs = std::filesystem;

namespace {

/// A camera that pans over a wall of random squares.
fs::path writePan(const fs::path& file) {
    constexpr int kWidth = 240, kHeight = 160, kSquare = 8;
    std::mt19937 random(7);
    std::vector<std::uint8_t> wall(200 * 40);
    for (auto& value : wall) {
        value = static_cast<std::uint8_t>(30 + random() % 200);
    }
    VideoWriter::Options options;
    options.width = kWidth;
    options.height = kHeight;
    options.fps = 25;
    options.quality = 12;
    VideoWriter writer(file, options);
    for (int f = 0; f < kFrames; ++f) {
        Image image(kWidth, kHeight);
        for (int y = 0; y < kHeight; ++y) {
            for (int x = 0; x < kWidth; ++x) {
                const int column = (x + 3 * f) / kSquare, row = y / kSquare;
                std::fill_n(image.row(y) + 3 * x, 3, wall[static_cast<std::size_t>(row * 200 + column)]);
            }
        }
        writer.write(image, f / options.fps);
    }
    writer.finish();
    return file;
}

} // namespace

class RunTest : public RunFixture {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { makeClip(); }
    void cleanup() { MemoryBudget::setFakeLimitForTests(0); }

    void everybodyIsWhoAClickFindsToo() {
        for (const int phantom : {-1, 30}) {
            Bench bench(projectWithoutPeople());
            bench.control->phantom = phantom;
            bench.control->staysPut = true;
            bench.findEverybody();
            const auto after = bench.project->document();
            QCOMPARE(after.targets.size(), std::size_t{2});
            const double wanted[] = {16, 44};
            for (std::size_t i = 0; i < 2; ++i) {
                QCOMPARE(after.targets[i].prompts.size(), std::size_t{1});
                QVERIFY(std::abs(after.targets[i].prompts[0].points.at(0).x - wanted[i]) < 6);
            }
            QVERIFY(allDone(*bench.project));
        }
    }

    void everybodyIsWhoComesLaterToo() {
        Bench bench(projectWithoutPeople());
        bench.control->staysPut = true;
        // Everybody once, where they are clear: one from the start, one who is doubtful until the end, and one who comes
        // late, is then hidden and comes back.
        bench.control->people = [](int search) {
            std::vector<std::pair<int, float>> people{{16, 0.9F}, {30, search < 3 ? 0.55F : 0.95F}};
            if (search == 2 || search == 4) {
                people.emplace_back(44, 0.7F);
            }
            return people;
        };
        bench.findEverybody();
        QVERIFY(bench.control->searches >= 5);
        const auto after = bench.project->document();
        QCOMPARE(after.targets.size(), std::size_t{3});
        const double wanted[] = {16, 44, 30};
        for (std::size_t i = 0; i < 3; ++i) {
            QCOMPARE(after.targets[i].prompts.size(), std::size_t{1});
            QVERIFY(std::abs(after.targets[i].prompts[0].points.at(0).x - wanted[i]) < 6);
        }
        QCOMPARE(after.targets[0].prompts[0].frame, std::int64_t{0});
        QVERIFY(after.targets[1].prompts[0].frame > 0);
        QVERIFY(after.targets[2].prompts[0].frame > kFrames / 2); // clear from then on
    }

    void whoGetsClearerIsClickedThere() {
        Bench bench(projectWithoutPeople());
        bench.control->staysPut = true;
        bench.control->people = [](int search) {
            return std::vector<std::pair<int, float>>{{20, 0.65F + (search == 2 ? 0.3F : 0.05F * float(search > 0))}};
        };
        bench.findEverybody();
        const auto after = bench.project->document();
        QCOMPARE(after.targets.size(), std::size_t{1});
        QVERIFY(after.targets[0].prompts.at(0).frame > kFrames / 4);
    }

    void whoIsFollowedWithoutBeingSeenIsNobody() {
        Bench bench(projectWithoutPeople());
        bench.control->staysPut = true;
        bench.control->clearness = 0.4F; // a hand that the networks take for a body
        QVERIFY_EXCEPTION_THROWN(bench.findEverybody(), Error);
        QVERIFY(bench.project->document().targets.empty());
    }

    void whatNoLaterLookTakesForAPersonIsAThing() {
        Bench bench(projectWithoutPeople());
        bench.control->staysPut = true;
        bench.control->people = [](int search) {
            std::vector<std::pair<int, float>> people{{16, 0.9F}};
            if (search == 1) {
                people.emplace_back(44, 0.9F);
            }
            return people;
        };
        bench.findEverybody();
        const auto after = bench.project->document();
        QCOMPARE(after.targets.size(), std::size_t{1});
        QVERIFY(std::abs(after.targets[0].prompts.at(0).points.at(0).x - 16) < 6);
    }

    void oneDoubtfulPersonIsBetterThanNone() {
        Bench bench(projectWithoutPeople());
        bench.control->staysPut = true;
        bench.control->people = [](int search) {
            return std::vector<std::pair<int, float>>{{20, search == 1 ? 0.58F : 0.52F}, {44, 0.51F}};
        };
        bench.findEverybody();
        const auto after = bench.project->document();
        QCOMPARE(after.targets.size(), std::size_t{1});
        QVERIFY(std::abs(after.targets[0].prompts.at(0).points.at(0).x - 20) < 6);
        QVERIFY(after.targets[0].prompts.at(0).frame > 0);
    }

    void trackersOfMasksGetABox() {
        Bench bench(projectWithoutPeople());
        bench.control->takesMasks = bench.control->staysPut = true;
        bench.findEverybody();
        const auto after = bench.project->document();
        QCOMPARE(after.targets.size(), std::size_t{2});
        for (const auto& target : after.targets) {
            const auto& prompt = target.prompts.at(0);
            QVERIFY(prompt.box && prompt.points.size() == 1);
            QVERIFY(prompt.box->x0 < prompt.points[0].x && prompt.points[0].x < prompt.box->x1);
        }
    }

    void everyFrameOfEveryPersonOnce() {
        Bench bench(project());
        std::mutex mutex;
        std::map<std::pair<int, std::int64_t>, int> seen;
        std::map<int, int> bodies;
        RunEvents events;
        events.frameTracked = [&](TargetId id, const auto& frame, const auto& preview) {
            const std::scoped_lock lock(mutex);
            ++seen[{id, frame->frame}];
            QVERIFY(preview && preview->frame == frame->frame);
        };
        events.bodyReady = [&](TargetId id, const auto& body) {
            const std::scoped_lock lock(mutex);
            QCOMPARE(body->frames.size(), std::size_t{kFrames});
            ++bodies[id];
        };
        const auto summary = bench.run({}, events);
        QVERIFY(!summary.cancelled);
        QCOMPARE(summary.personFrames, std::int64_t{2 * kFrames});
        QCOMPARE(seen.size(), std::size_t{2 * kFrames});
        QVERIFY(std::all_of(seen.begin(), seen.end(), [](const auto& s) { return s.second == 1; }));
        QVERIFY(bodies[1] >= 2 && bodies[2] >= 2);
        QVERIFY(allDone(*bench.project));
        QVERIFY(bench.project->world());
        const auto track = bench.project->track(2);
        QCOMPARE(track.frames.size(), std::size_t{kFrames});
        for (int i = 0; i < kFrames; ++i) {
            QCOMPARE(track.frames[static_cast<std::size_t>(i)].frame, std::int64_t{i});
            QVERIFY(track.frames[static_cast<std::size_t>(i)].state == FrameState::Visible);
        }
        QVERIFY(bench.project->stage("segment", 1).status == StageStatus::Done);
    }

    void nothingIsDoneTwice() {
        Bench bench(project());
        bench.run();
        const int advanced = bench.control->advanced, fits = bench.estimator->fits;
        const auto summary = bench.run();
        QCOMPARE(summary.personFrames, std::int64_t{0});
        QCOMPARE(bench.control->advanced.load(), advanced);
        QCOMPARE(bench.estimator->fits.load(), fits);
    }

    void hiddenFramesAreMarkedAndKept() {
        Bench bench(project());
        bench.run();
        QVERIFY(bench.project->body(1)->frames[10].state == FrameState::Completed);
        QVERIFY(bench.project->amodalMask(1, 10));
        QVERIFY(estimateRun(*bench.project).completionHint.ends_with(" filled in."));
        QVERIFY(!bench.project->amodalMask(1, 11));
        const int fits = bench.estimator->fits;
        auto document = bench.project->document();
        document.options.set("completion.enable", false);
        bench.project->setDocument(document);
        bench.run();
        QCOMPARE(bench.estimator->fits.load(), fits); // the fit stays
        QVERIFY(bench.project->body(1)->frames[10].state == FrameState::Occluded);
        QVERIFY(estimateRun(*bench.project).completionHint.ends_with(" can be filled in."));
    }

    void estimatesLearnFromRuns() {
        Bench bench(project());
        const auto before = estimateRun(*bench.project);
        QCOMPARE(before.stages.size(), std::size_t{4});
        for (const auto& stage : before.stages) {
            QCOMPARE(stage.items, 2LL * kFrames);
            QVERIFY(stage.seconds > 0);
        }
        auto document = bench.project->document();
        document.options.set("reconstruct.fps", document.video.fps / 5);
        bench.project->setDocument(document);
        for (const auto& stage : estimateRun(*bench.project).stages) { // bodies of every fifth frame
            QCOMPARE(stage.items, stage.stage == "reconstruct" ? 2LL * kFrames / 5 : 2LL * kFrames);
        }
        document.options.reset("reconstruct.fps");
        bench.project->setDocument(document);
        bench.run();
        const auto done = estimateRun(*bench.project);
        QCOMPARE(done.seconds, 0.0);
        for (const auto& stage : done.stages) {
            QCOMPARE(stage.items, 0LL);
            QVERIFY2(stage.measured, stage.stage.c_str());
        }
        Bench next(project());
        const auto after = estimateRun(*next.project);
        QVERIFY(after.stages[0].measured && after.stages[0].seconds > 0);
        QVERIFY(after.stages[0].seconds != before.stages[0].seconds); // measured, no longer the first guess
        QVERIFY(after.peakBytes > 0);
    }

    void batchSizeChangesNothing() {
        Bench one(project(8));
        one.run();
        for (const int batch : {1, 5, 64, 500}) {
            Bench other(project(batch));
            other.run();
            QCOMPARE(differenceOf(*one.project, *other.project), QString());
        }
    }

    void cancelledRunsGoOnWhereTheyStopped() {
        Bench whole(project());
        whole.run();
        Bench pieces(project());
        int runs = 0;
        for (; runs < 50; ++runs) {
            std::stop_source stop;
            std::atomic<int> left{9 + 5 * runs};
            pieces.control->onAdvance = [&](std::int64_t, Direction) {
                if (--left == 0) {
                    stop.request_stop();
                }
            };
            const auto summary = pieces.run(stop.get_token());
            if (!summary.cancelled) {
                break;
            }
            // The document is opened anew, as by another process.
            const auto folder = pieces.project->folder();
            pieces.project.reset();
            pieces.project = Project::open(folder);
        }
        QVERIFY(runs >= 3);
        QVERIFY(pieces.control->restored > 0);
        QCOMPARE(differenceOf(*whole.project, *pieces.project), QString());
    }

    /// Measured on the way in one run, by a pass over the finished tracks in the other; what the person painted over the
    /// tracker's masks hides background in both.
    void theCameraIsTheSameAfterAKill() {
        const auto video = writePan(fs::path(root_.path().toStdString()) / "pan.mp4");
        const auto panned = [&] {
            auto made = Project::create(fs::path(root_.path().toStdString()) / ("p" + std::to_string(counter_++)) / "pan.body4d",
                                        video);
            auto document = made->document();
            auto& target = document.addTarget();
            Mask painted(240, 160);
            for (int y = 0; y < 150; ++y) {
                std::fill_n(painted.row(y), 130, std::uint8_t{255});
            }
            target.prompts = {{0, {{20, 20, true}}, std::nullopt}};
            target.prompts.front().mask = std::make_shared<const RleMask>(encodeRle(painted));
            target.absent = {{40, 50}};
            document.options.set("sam_3d_body.batch_size", 8LL);
            made->setDocument(document);
            return made;
        };
        Bench whole(panned());
        whole.run();
        Bench killed(panned());
        std::stop_source stop;
        std::atomic<int> left{30};
        killed.control->onAdvance = [&](std::int64_t, Direction) {
            if (--left == 0) {
                stop.request_stop();
            }
        };
        QVERIFY(killed.run(stop.get_token()).cancelled);
        killed.run();
        QVERIFY(killed.control->restored > 0);
        const auto world = whole.project->world();
        QVERIFY(world->cameraMoves);
        const auto &first = world->worldFromCam.front().rotation, &last = world->worldFromCam.back().rotation;
        QVERIFY(std::abs(first.m[0] - last.m[0]) + std::abs(first.m[2] - last.m[2]) > 0.1);
        QCOMPARE(differenceOf(*whole.project, *killed.project), QString());

        // It is measured once: other traits change bodies and the world, but not how the camera turned.
        const auto file = whole.project->folder() / "bodies" / "camera.safetensors";
        const auto measured = fs::last_write_time(file);
        auto document = whole.project->document();
        document.targets[0].traits.age = 0.9;
        whole.project->setDocument(document);
        whole.run();
        QVERIFY(fs::last_write_time(file) == measured);
        document.targets[0].absent = {{40, 52}};
        whole.project->setDocument(document);
        whole.run();
        QVERIFY(fs::last_write_time(file) != measured);
    }

    void aFailureKeepsFinishedBatches() {
        Bench bench(project());
        bench.control->onAdvance = [](std::int64_t frame, Direction direction) {
            if (direction == Direction::Forward && frame == 60) {
                throw Error(ErrorCode::Internal, "It broke.", "Mend it.");
            }
        };
        QVERIFY_EXCEPTION_THROWN(bench.run(), Error);
        QVERIFY(bench.project->stage("segment", 1).status == StageStatus::Partial);
        bench.control->onAdvance = nullptr;
        bench.run();
        Bench whole(project());
        whole.run();
        // At most the batch at work in each direction is done again.
        const int again = bench.control->advanced - whole.control->advanced;
        const auto batch = whole.project->document().options.integer("sam_3d_body.batch_size");
        QVERIFY2(again >= 0 && again <= 2 * batch, qPrintable(QString::number(again)));
        QCOMPARE(differenceOf(*whole.project, *bench.project), QString());
    }

    void outOfMemoryShrinksBatchesAndSaysSo() {
        Bench whole(project(16));
        whole.run();
        Bench tight(project(16));
        std::atomic<int> inBatch{0};
        // Fails in the middle of a batch, like a real allocation would.
        std::atomic<bool> once{true};
        tight.control->onAdvance = [&](std::int64_t frame, Direction direction) {
            if (direction == Direction::Forward && frame == 45 && once.exchange(false)) {
                throw std::bad_alloc();
            }
        };
        tight.run();
        QVERIFY(!once);
        QCOMPARE(differenceOf(*whole.project, *tight.project), QString());
        QVERIFY(std::any_of(tight.notices.begin(), tight.notices.end(), [](const auto& n) {
            return n.find("batches of 8 instead of 16") != std::string::npos;
        }));
        const auto profile = nlohmann::json::parse(readTextFile(tight.project->folder() / "profile.json"));
        bool told = false;
        for (const auto& stage : profile["stages"]) {
            if (stage["stage"] == "segment") {
                const auto sizes = stage["batch_sizes_tried"].get<std::vector<int>>();
                told = std::find(sizes.begin(), sizes.end(), 8) != sizes.end();
                QVERIFY(stage["process_peak_bytes"].get<long long>() > 0);
            }
        }
        QVERIFY(told);
    }

    void fakeLimitIsObeyed() {
        Bench whole(project(32));
        whole.run();
        Bench tight(project(32));
        MemoryBudget::setFakeLimitForTests(800LL << 20);
        bool failed = false;
        try {
            tight.run();
        } catch (const Error& e) {
            failed = exitCode(e.code()) == 5;
        }
        if (!failed) {
            QCOMPARE(differenceOf(*whole.project, *tight.project), QString());
        }
        MemoryBudget::setFakeLimitForTests(1 << 20);
        Bench hopeless(project(32));
        bool thrown = false;
        try {
            hopeless.run();
        } catch (const Error& e) {
            thrown = true;
            QCOMPARE(exitCode(e.code()), 5);
        }
        QVERIFY(thrown);
    }

    void cancelDoesNotWaitForTheVideo() {
        Bench bench(project(64));
        std::stop_source stop;
        std::binary_semaphore inside{0};
        std::atomic<int> after{0};
        bench.control->onAdvance = [&, told = std::make_shared<std::atomic<bool>>(false)](std::int64_t frame,
                                                                                          Direction) {
            if (stop.stop_requested()) {
                ++after;
            } else if (frame == 30 && !told->exchange(true)) {
                inside.release();
                // The frame at work ends once cancel was asked for.
                while (!stop.stop_requested()) {
                    std::this_thread::yield();
                }
            }
        };
        auto result = std::async(std::launch::async, [&] { return bench.run(stop.get_token()); });
        inside.acquire();
        stop.request_stop();
        QVERIFY(result.get().cancelled);
        QVERIFY(after <= 2); // at most the frame in each direction that had just begun
        QVERIFY(bench.project->stage("segment", 1).status != StageStatus::Done);
    }

    void longerRangeGoesOnFromTheEnd() {
        Bench whole(project());
        whole.run();
        Bench grown(project());
        auto document = grown.project->document();
        const auto all = document.range;
        document.range = {10, 50};
        grown.project->setDocument(document);
        grown.run();
        QCOMPARE(grown.project->body(1)->frames.size(), std::size_t{40});
        const int before = grown.control->advanced;
        document.range = all;
        grown.project->setDocument(document);
        QVERIFY(grown.project->stage("segment", 1).status == StageStatus::Partial);
        grown.run();
        QVERIFY(grown.control->advanced - before <= 32); // the 30 new frames and no others
        QCOMPARE(differenceOf(*whole.project, *grown.project), QString());
    }

    void everybodyIsSelected() {
        Bench bench(project());
        auto document = bench.project->document();
        document.targets.clear();
        bench.project->setDocument(document);
        QVERIFY_EXCEPTION_THROWN(bench.run(), Error);
        bench.control->staysPut = true;
        bench.findEverybody();
        QCOMPARE(bench.project->document().targets.size(), std::size_t{2});
        QCOMPARE(bench.project->document().targets[0].prompts.front().frame, std::int64_t{0});
        QVERIFY(allDone(*bench.project));
    }

    void progressAddsUp() {
        Bench bench(project());
        std::mutex mutex;
        std::map<std::string, Progress> last;
        RunEvents events;
        events.progress = [&](const Progress& p) {
            const std::scoped_lock lock(mutex);
            QVERIFY(p.total <= 0 || p.done <= p.total);
            last[p.stage] = p;
        };
        bench.run({}, events);
        for (const char* stage : {"segment", "reconstruct", "complete", "ground"}) {
            QVERIFY2(last.contains(stage), stage);
            QCOMPARE(last[stage].done, last[stage].total);
        }
    }

    void metricsSayWhatIsMeasured() {
        Bench bench(project());
        auto document = bench.project->document();
        document.targets[1].name = "Ren\xe9"; // Latin-1, as a terminal may hand it over
        bench.project->setDocument(document);
        RunRequest request;
        request.exportFolder = bench.project->folder().parent_path();
        bench.run({}, {}, request);
        const auto metrics = nlohmann::json::parse(readTextFile(request.exportFolder / "metrics.json"));
        QCOMPARE(metrics["timing"]["person_frames"].get<int>(), 2 * kFrames);
        QVERIFY(metrics["timing"]["seconds"].get<double>() > 0);
        QVERIFY(metrics["timing"]["person_frames_per_second"].get<double>() > 0);
        QVERIFY(metrics["engines"].contains("segment"));
        QCOMPARE(metrics["targets"].size(), std::size_t{2});
        const auto& target = metrics["targets"][1];
        for (const char* key : {"id", "frames", "tracked_share", "reprojection_percent", "silhouette_iou",
                                "joint_acceleration_raw", "joint_acceleration", "foot_slide_mps"}) {
            QVERIFY2(target.contains(key), key);
        }
        QCOMPARE(target["tracked_share"].get<double>(), 1.0);
        QCOMPARE(target["frames"].get<int>(), kFrames);
    }

    void removedTargetTakesItsFilesAlong() {
        Bench bench(project());
        bench.run();
        auto document = bench.project->document();
        document.targets.pop_back();
        bench.project->setDocument(document);
        bench.run();
        QVERIFY(!fs::exists(bench.project->folder() / "tracks" / "2"));
        QVERIFY(!fs::exists(bench.project->folder() / "bodies" / "2.safetensors"));
        QVERIFY(allDone(*bench.project));
    }

    void everyShotIsMeasuredOnce() {
        /// Tells the clip's two shots apart by their green.
        struct FakeFov final : FovNetwork {
            mutable int asked = 0;
            [[nodiscard]] double focalPx(const Image& picture) const override {
                ++asked;
                return picture.rgb[1] > 120 ? 90 : 60;
            }
        };
        Bench bench(project());
        const auto fov = std::make_shared<FakeFov>();
        const auto network = std::make_shared<FakeBodyNetwork>();
        network->answer = [](std::int64_t, const BodyQuery&) { return FakeBodyNetwork::resting(); };
        auto document = bench.project->document();
        document.options.setFromText("engines.intrinsics", "moge2");
        document.options.setFromText("engines.reconstruct", "sam3d_body");
        document.options.setFromText("world.camera", "static");
        bench.project->setDocument(document);
        bench.engines.setFovNetworkForTests(fov);
        // What stands for the whole clip is the first shot's lens: it is the longer one.
        auto options = document.options;
        options.set("camera.fov_degrees", 2 * std::atan(64 / 120.0) * 180 / M_PI);
        bench.engines.setBodyEstimatorForTests(makePictureEstimator("sam3d_body", network, options, "SAM 3D Body"));
        bench.run();
        QCOMPARE(bench.project->sceneCuts(), std::vector<std::int64_t>{40});
        QCOMPARE(fov->asked, 2);
        QVERIFY(std::any_of(bench.notices.begin(), bench.notices.end(),
                            [](const std::string& n) { return n.find("from frame 40") != std::string::npos; }));
        const auto body = bench.project->body(bench.project->document().targets[0].id);
        QVERIFY(body != nullptr);
        int checked = 0;
        for (const auto& frame : body->frames) {
            if (frame.pose.surface) {
                QCOMPARE(frame.pose.surface->fields.at("focal_length")[0], frame.frame < 40 ? 60.0F : 90.0F);
                ++checked;
            }
        }
        QVERIFY(checked >= 60);
        // Known from then on.
        bench.run();
        QCOMPARE(fov->asked, 2);
    }

    void wrongDocumentsAreRefused() {
        Bench bench(project());
        auto document = bench.project->document();
        document.range = {10, 400};
        bench.project->setDocument(document);
        QVERIFY_EXCEPTION_THROWN(bench.run(), Error);
        document.range = {0, kFrames};
        document.targets[0].prompts[0].points[0].x = 9999;
        bench.project->setDocument(document);
        QVERIFY_EXCEPTION_THROWN(bench.run(), Error);
    }
};

QTEST_GUILESS_MAIN(RunTest)
#include "test_run.moc"
