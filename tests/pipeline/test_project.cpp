#include "test_clip.h"

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "body/anny_skeleton.h"
#include "pipeline/body_store.h"
#include "pipeline/project.h"
#include "pipeline/project_writer.h"
#include "pipeline/stage_keys.h"

#include <QtTest>

#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

using namespace body4d;
namespace fs = std::filesystem;

class ProjectTest : public QObject {
    Q_OBJECT

    QTemporaryDir root_;
    fs::path video_;
    int counter_ = 0;

    fs::path fresh() {
        return fs::path(root_.path().toStdString()) / ("p" + std::to_string(counter_++)) / "clip.body4d";
    }
    std::unique_ptr<Project> withTargets() {
        auto project = Project::create(fresh(), video_);
        auto document = project->document();
        document.addTarget().prompts = {{0, {{10, 20, true}}, std::nullopt}};
        document.addTarget().prompts = {{3, {{30, 20, true}, {33.25, 21, false}}, Box{1, 2, 30, 40}}};
        project->setDocument(document);
        return project;
    }
    static std::vector<TargetFrame> frames(std::int64_t first, std::int64_t end) {
        std::vector<TargetFrame> out;
        for (auto f = first; f < end; ++f) {
            TargetFrame frame;
            frame.frame = f;
            frame.state = FrameState::Visible;
            frame.pose.score = 0.5F;
            frame.pose.points[3].px = {0.1 * static_cast<double>(f), 2.0 / 3};
            frame.mask = {
                4, 2, {1, static_cast<std::uint32_t>(f % 3) + 1, 6 - static_cast<std::uint32_t>(f % 3)}};
            frame.firm = f % 2 == 0;
            out.push_back(frame);
        }
        return out;
    }
    template <typename Fn>
    static int errorCodeOf(Fn fn) {
        try {
            fn();
        } catch (const Error& e) {
            return static_cast<int>(e.code());
        }
        return -1;
    }

private Q_SLOTS:
    void initTestCase() { video_ = test::writeClip(fs::path(root_.path().toStdString()) / "clip.mp4", 12); }

    void documentComesBackAsItWas() {
        fs::path folder;
        ProjectDocument before;
        {
            const auto project = withTargets();
            folder = project->folder();
            before = project->document();
            before.targets[0].name = "Anna \"A\": 1 #x";
            before.targets[0].traits = {0.31, 0.4, 0.9, 1.62};
            before.range = {2, 11};
            before.options.setFromText("smoothing.arms", "0.1");
            before.options.setFromText("world.camera", "static");
            project->setDocument(before);
        }
        const auto project = Project::open(folder);
        const auto after = project->document();
        QCOMPARE(QString::fromStdString(project->name()), QStringLiteral("clip"));
        QVERIFY(after.video == before.video);
        QCOMPARE(after.video.frameCount, std::int64_t{12});
        QVERIFY(after.range == before.range);
        QVERIFY(after.options == before.options);
        QCOMPARE(after.targets.size(), std::size_t{2});
        QCOMPARE(after.targets[0].name, before.targets[0].name);
        QCOMPARE(after.targets[0].colour, std::string("#56B4E9"));
        QCOMPARE(after.targets[0].traits.age, 0.31);
        QCOMPARE(after.targets[0].traits.heightMetres, 1.62);
        QCOMPARE(after.targets[1].prompts[0].points[1].x, 33.25);
        QCOMPARE(after.targets[1].prompts[0].points[1].include, false);
        QCOMPARE(after.targets[1].prompts[0].box->y1, 40.0);
    }

    void smallestUnusedIdIsGiven() {
        ProjectDocument document;
        document.addTarget(2);
        QCOMPARE(document.addTarget().id, 1);
        QCOMPARE(document.addTarget().id, 3);
        QCOMPARE(document.targets[1].id, 2); // kept in order
    }

    void onlyOneWrites() {
        auto first = withTargets();
        const auto folder = first->folder();
        QCOMPARE(errorCodeOf([&] { (void)Project::open(folder); }), static_cast<int>(ErrorCode::Busy));
        const auto reader = Project::open(folder, Project::Access::ReadOnly);
        QVERIFY(reader->readOnly());
        QCOMPARE(reader->document().targets.size(), std::size_t{2});
        QCOMPARE(errorCodeOf([&] { reader->setDocument({}); }), static_cast<int>(ErrorCode::Busy));
        QCOMPARE(errorCodeOf([&] { ProjectWriter writer(*reader); }), static_cast<int>(ErrorCode::Busy));
        first.reset();
        QVERIFY(!Project::open(folder)->readOnly());
    }

    void lockOfADeadProcessIsGone() {
        const auto folder = withTargets()->folder();
        const pid_t child = ::fork();
        if (child == 0) {
            auto project = Project::open(folder);
            ::kill(::getpid(), SIGKILL);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        QVERIFY(WIFSIGNALED(status));
        QVERIFY(!Project::open(folder)->readOnly());
    }

    void wrongPlacesAreRefused() {
        const auto project = withTargets();
        QCOMPARE(errorCodeOf([&] { (void)Project::create(project->folder(), video_); }),
                 static_cast<int>(ErrorCode::Usage));
        const auto other = fresh();
        fs::create_directories(other);
        std::ofstream(other / "letter.txt") << "mine";
        QCOMPARE(errorCodeOf([&] { (void)Project::create(other, video_); }),
                 static_cast<int>(ErrorCode::Usage));
        QVERIFY(fs::exists(other / "letter.txt"));
        QCOMPARE(errorCodeOf([&] { (void)Project::open(other); }), static_cast<int>(ErrorCode::Input));
        QCOMPARE(errorCodeOf([&] { (void)Project::open(other / "none.body4d"); }),
                 static_cast<int>(ErrorCode::Input));
        const auto none = fresh();
        QCOMPARE(errorCodeOf([&] { (void)Project::create(none, "/no/such/video.mp4"); }),
                 static_cast<int>(ErrorCode::Input));
        QVERIFY(!fs::exists(none)); // nothing half-written
    }

    void damagedProjectFileIsAnError() {
        auto project = withTargets();
        const auto file = project->folder() / "project.yaml";
        project.reset();
        writeFileAtomically(file, std::string_view("schema: 1\nvideo: [\n"));
        QCOMPARE(errorCodeOf([&] { (void)Project::open(file.parent_path()); }),
                 static_cast<int>(ErrorCode::Input));
        writeFileAtomically(
            file, std::string_view("schema: 99\nvideo: {path: x, width: 1, height: 1, fps: 1, frames: 1}\n"));
        QCOMPARE(errorCodeOf([&] { (void)Project::open(file.parent_path()); }),
                 static_cast<int>(ErrorCode::Input));
        // What a hand or another version may have written into it.
        const std::string head = "schema: 1\nvideo: {path: x, width: 1, height: 1, fps: 1, frames: 1}\n";
        for (const char* rest : {"options: {seed: many}\n", "options: {world.camera: sideways}\n",
                                 "targets: [{id: 1}, {id: 1}]\n", "targets: [{id: 0}]\n", "range: [1, 0]\n",
                                 "range: [0, 9]\n", "range: [0]\n", "range: 3\n"}) {
            writeFileAtomically(file, head + rest);
            QVERIFY2(errorCodeOf([&] { (void)Project::open(file.parent_path()); }) ==
                         static_cast<int>(ErrorCode::Input),
                     rest);
        }
        for (const char* video : {"path: x, width: 0, height: 1, fps: 1, frames: 1", "path: x, width: 1, height: 1, fps: -1, frames: 1",
                                  "path: x, width: 1, height: 1, fps: .nan, frames: 1", "path: x, width: 1, height: 1, fps: 1, frames: 0",
                                  "path: x, height: 1, fps: 1, frames: 1"}) {
            writeFileAtomically(file, "schema: 1\nvideo: {" + std::string(video) + "}\n");
            QVERIFY2(errorCodeOf([&] { (void)Project::open(file.parent_path()); }) ==
                         static_cast<int>(ErrorCode::Input),
                     video);
        }
        writeFileAtomically(file, head + "options: {not.known.here: 1, seed: 3}\n");
        QCOMPARE(Project::open(file.parent_path())->document().options.integer("seed"), 3LL);
    }

    void videoIsFoundAgain() {
        const auto folder = fresh();
        fs::create_directories(folder.parent_path());
        const auto here = folder.parent_path() / "movie.mp4";
        fs::copy_file(video_, here);
        Project::create(folder, here).reset();
        // Both moved together.
        const auto moved = fs::path(root_.path().toStdString()) / ("moved" + std::to_string(counter_));
        fs::rename(folder.parent_path(), moved);
        QCOMPARE(Project::open(moved / "clip.body4d")->document().video.path,
                 fs::canonical(moved / "movie.mp4"));
        // Renamed beside the project: by content.
        fs::rename(moved / "movie.mp4", moved / "other name.mp4");
        QCOMPARE(Project::open(moved / "clip.body4d")->document().video.path.filename(),
                 fs::path("other name.mp4"));
    }

    void committedBatchesAreReadBack() {
        const auto project = withTargets();
        ProjectWriter writer(*project);
        auto journal = writer.journal(Direction::Forward, true);
        journal.key = detail::segmentKey(project->document());
        journal.next = 5;
        journal.state = {std::byte{1}, std::byte{2}};
        journal.cuts = {4};
        writer.commit(Direction::Forward, journal, {{1, frames(0, 5)}});
        const auto folder = project->folder();
        const auto track = project->track(1);
        QCOMPARE(track.frames.size(), std::size_t{5});
        const auto reopened = Project::open(folder, Project::Access::ReadOnly);
        const auto seen = reopened->track(1, {2, 4});
        QCOMPARE(seen.firstFrame, std::int64_t{2});
        QCOMPARE(seen.frames.size(), std::size_t{2});
        const auto expected = frames(2, 4);
        for (std::size_t i = 0; i < 2; ++i) {
            QCOMPARE(seen.frames[i].frame, expected[i].frame);
            QVERIFY(seen.frames[i].mask == expected[i].mask);
            QCOMPARE(seen.frames[i].pose.points[3].px.x, expected[i].pose.points[3].px.x);
            QCOMPARE(seen.frames[i].firm, expected[i].firm);
        }
        QVERIFY(!reopened->trackFrame(1, 9));
        QVERIFY(reopened->trackFrame(1, 4));
        QCOMPARE(reopened->sceneCuts(), std::vector<std::int64_t>{4});
        QVERIFY(reopened->stage("segment", 1).status == StageStatus::Partial);
        QVERIFY(reopened->stage("segment", 2).status == StageStatus::Missing);
    }

    void leftoversOfAKilledWriterAreCleared() {
        auto project = withTargets();
        const auto folder = project->folder();
        {
            ProjectWriter writer(*project);
            detail::SessionJournal journal;
            journal.key = "k";
            writer.commit(Direction::Forward, journal, {{1, frames(0, 5)}});
        }
        project.reset();
        // A batch whose journal was never written, and a temporary file.
        detail::TrackStore(folder).writeBatch(Direction::Forward, 1, frames(5, 9));
        std::ofstream(folder / "tracks" / "1" / ".x.safetensors.77-0.tmp.safetensors") << "half";
        const auto named = folder / "tracks" / "1" / "forward_000000_000004.safetensors";
        const auto orphan = folder / "tracks" / "1" / "forward_000005_000008.safetensors";
        QVERIFY(fs::exists(named) && fs::exists(orphan));
        Project::open(folder, Project::Access::ReadOnly).reset();
        QVERIFY(fs::exists(orphan)); // a reader changes nothing
        Project::open(folder).reset();
        QVERIFY(fs::exists(named) && !fs::exists(orphan));
        QVERIFY(!fs::exists(folder / "tracks" / "1" / ".x.safetensors.77-0.tmp.safetensors"));
    }

    void bodiesAndWorldKeepTheirNumbers() {
        const auto project = withTargets();
        ProjectWriter writer(*project);
        auto body = std::make_shared<BodyTrack>();
        body->id = 1;
        body->engine = "e";
        body->bodyModel = "m";
        body->shape.age = 1.0 / 3;
        body->camera = {800.5, 32, 24, 64, 48};
        body->fps = 25;
        body->firstFrame = 2;
        for (int i = 0; i < 3; ++i) {
            BodyFrame f;
            f.frame = 2 + i;
            f.state = i == 1 ? FrameState::Completed : FrameState::Visible;
            if (i != 2) {
                f.pose.translation = {0.1, 0.2, 1.0 / 3 + i};
                f.pose.rotations.assign(4, Mat3());
                f.pose.rotations[2](0, 1) = 1e-17;
                f.rawPose = f.pose;
            }
            f.footContact = {i == 0, i == 1};
            f.keypoints[7] = {1.0 / 7, 2, 3};
            f.reprojectionPercent = 1.5F;
            body->frames.push_back(f);
        }
        writer.saveBody(BodyLevel::Completed, body, detail::completeKey(project->document(), 1), "a hint");
        auto world = std::make_shared<WorldFrame>();
        world->focalPx = 700;
        world->cameraMoves = true;
        world->worldFromCam.resize(2);
        world->worldFromCam[1].translation = {1, 1.0 / 3, 0};
        writer.saveWorld(world, "w");

        const auto again = Project::open(project->folder(), Project::Access::ReadOnly);
        const auto seen = again->body(1);
        QVERIFY(seen);
        QCOMPARE(seen->frames.size(), std::size_t{3});
        QCOMPARE(seen->shape.age, 1.0 / 3);
        QCOMPARE(seen->firstFrame, std::int64_t{2});
        QVERIFY(seen->frames[1].state == FrameState::Completed);
        QCOMPARE(seen->frames[1].pose.translation.z, 1.0 / 3 + 1);
        QCOMPARE(seen->frames[0].pose.rotations[2](0, 1), 1e-17);
        QVERIFY(seen->frames[2].pose.rotations.empty());
        QCOMPARE(seen->frames[2].keypoints[7].x, 1.0 / 7);
        QVERIFY(seen->frames[0].footContact[0] && !seen->frames[0].footContact[1]);
        QVERIFY(again->stage("complete", 1).status == StageStatus::Done);
        QVERIFY(again->stage("reconstruct", 1).status == StageStatus::Missing);
        QCOMPARE(again->world()->worldFromCam[1].translation.y, 1.0 / 3);
        QVERIFY(again->world()->cameraMoves);
        QVERIFY(!again->body(2));
    }

    void bodiesOfAnotherSkeletonAreRefusedAndOutdated() {
        const auto project = withTargets();
        ProjectWriter writer(*project);
        auto body = std::make_shared<BodyTrack>();
        body->id = 1;
        body->bodyModel = "anny";
        body->camera = {800, 32, 24, 64, 48};
        body->frames.resize(2);
        body->frames[0].pose.rotations.assign(annyJointCount(), Mat3());
        const auto key = detail::reconstructKey(project->document(), 1);
        writer.saveBody(BodyLevel::Fitted, body, key, {});
        const auto sound = Project::open(project->folder(), Project::Access::ReadOnly);
        QVERIFY(sound->stage("reconstruct", 1).status == StageStatus::Done);
        QVERIFY(sound->body(1));

        auto old = std::make_shared<BodyTrack>(*body);
        old->frames[0].pose.rotations.assign(annyJointCount() - 1, Mat3());
        writer.saveBody(BodyLevel::Fitted, old, key, {}); // as a version with fewer joints has written it
        const auto again = Project::open(project->folder(), Project::Access::ReadOnly);
        QStringList said;
        setLogSink([&](LogLevel, const std::string& line) { said << QString::fromStdString(line); });
        QVERIFY(!again->body(1));
        QVERIFY(!again->body(1));
        setLogSink({});
        QVERIFY2(said.size() == 1 && said.front().contains("another version") && said.front().contains("Run the project again"),
                 qPrintable(said.join('|')));
        QVERIFY(again->stage("reconstruct", 1).status == StageStatus::Stale);
        QCOMPARE(detail::storedKey(project->folder() / "bodies" / "1.fitted.safetensors"), std::string(detail::kOtherSkeleton));
    }

    void amodalMasksAreFoundByFrame() {
        const auto project = withTargets();
        ProjectWriter writer(*project);
        const RleMask mask{4, 2, {3, 2, 3}};
        writer.saveAmodal(1, [&mask](const detail::MaskSink& sink) {
            sink(4, mask);
            sink(7, mask);
        });
        const auto again = Project::open(project->folder(), Project::Access::ReadOnly);
        QVERIFY(again->amodalMask(1, 7) == mask);
        QVERIFY(!again->amodalMask(1, 5));
        QVERIFY(!again->amodalMask(2, 7));
    }

    /// Each edit against the stages that it must make stale, and no others.
    void editsMakeStaleWhatDependsOnThem_data() {
        QTest::addColumn<QString>("edit");
        QTest::addColumn<QString>("stale"); ///< letters: s r c of target 1, S R C of target 2, g
        QTest::newRow("rename") << "rename"
                                << "";
        QTest::newRow("recolour") << "recolour"
                                  << "";
        QTest::newRow("batch") << "sam_3d_body.batch_size=3"
                               << "";
        QTest::newRow("budget") << "memory.budget_gib=3"
                                << "";
        QTest::newRow("export") << "export.axes=z_up"
                                << "";
        QTest::newRow("age") << "age"
                             << "rcg";
        QTest::newRow("height") << "height"
                                << "rcg";
        QTest::newRow("prompt") << "prompt"
                                << "srcSRCg";
        QTest::newRow("sharpen") << "mask.sharpen=off"
                                 << "srcSRCg";
        QTest::newRow("smoothing") << "smoothing.arms=2"
                                   << "rcRCg";
        QTest::newRow("field of view") << "camera.fov_degrees=70"
                                       << "rcRCg";
        QTest::newRow("completion") << "completion.enable=off"
                                    << "cCg";
        QTest::newRow("camera") << "world.camera=static"
                                << "cCg";
        QTest::newRow("feet") << "ground.foot_lock=on"
                              << "g";
        QTest::newRow("range") << "range"
                               << "rcRCg";
        QTest::newRow("removed") << "removed"
                                 << "srcg";
    }
    void editsMakeStaleWhatDependsOnThem() {
        QFETCH(QString, edit);
        QFETCH(QString, stale);
        const auto project = withTargets();
        auto document = project->document();
        const auto keys = [](const ProjectDocument& d) {
            std::map<QChar, std::string> out;
            out[QLatin1Char('s')] = out[QLatin1Char('S')] = detail::segmentKey(d);
            out[QLatin1Char('r')] = detail::reconstructKey(d, 1);
            out[QLatin1Char('R')] = detail::reconstructKey(d, 2);
            out[QLatin1Char('c')] = detail::completeKey(d, 1);
            out[QLatin1Char('C')] = detail::completeKey(d, 2);
            out[QLatin1Char('g')] = detail::groundKey(d);
            return out;
        };
        const auto before = keys(document);
        if (edit == "rename") {
            document.targets[0].name = "Somebody";
        } else if (edit == "recolour") {
            document.targets[0].colour = "#123456";
        } else if (edit == "age") {
            document.targets[0].traits.age = 1;
        } else if (edit == "height") {
            document.targets[0].traits.heightMetres = 1.9;
        } else if (edit == "prompt") {
            document.targets[0].prompts.push_back({9, {{5, 5, true}}, std::nullopt});
        } else if (edit == "range") {
            document.range.end = 8;
        } else if (edit == "removed") {
            document.targets.erase(document.targets.begin() + 1);
        } else {
            const auto parts = edit.split('=');
            document.options.setFromText(parts[0].toStdString(), parts[1].toStdString());
        }
        const auto after = keys(document);
        for (const auto& [letter, key] : before) {
            if (edit == "removed" && letter.isUpper()) {
                continue; // that target is gone
            }
            QVERIFY2((after.at(letter) != key) == stale.contains(letter), qPrintable(QString(letter)));
        }
        // Undone, everything is right again.
        project->setDocument(document);
    }

    void sessionsCoverWhatIsNeeded() {
        ProjectDocument document;
        document.range = {0, 100};
        document.addTarget().prompts = {{0, {{1, 1, true}}, std::nullopt}};
        QVERIFY(detail::sessionFrames(document, Direction::Forward) == (FrameRange{0, 100}));
        QVERIFY(!detail::sessionFrames(document, Direction::Backward));
        document.targets[0].prompts[0].frame = 10;
        QVERIFY(detail::sessionFrames(document, Direction::Forward) == (FrameRange{10, 100}));
        QVERIFY(detail::sessionFrames(document, Direction::Backward) == (FrameRange{0, 11}));
        // Between two clicks both directions are wanted.
        document.targets[0].prompts = {{0, {{1, 1, true}}, std::nullopt}, {60, {{1, 1, true}}, std::nullopt}};
        QVERIFY(detail::sessionFrames(document, Direction::Forward) == (FrameRange{0, 100}));
        QVERIFY(detail::sessionFrames(document, Direction::Backward) == (FrameRange{0, 61}));
        // A click outside the range is walked to.
        document.range = {30, 40};
        document.targets[0].prompts = {{20, {{1, 1, true}}, std::nullopt}};
        QVERIFY(detail::sessionFrames(document, Direction::Forward) == (FrameRange{20, 40}));
        QVERIFY(!detail::sessionFrames(document, Direction::Backward));
        document.targets[0].prompts[0].frame = 50;
        QVERIFY(!detail::sessionFrames(document, Direction::Forward));
        QVERIFY(detail::sessionFrames(document, Direction::Backward) == (FrameRange{30, 51}));
    }
};

QTEST_GUILESS_MAIN(ProjectTest)
#include "test_project.moc"
