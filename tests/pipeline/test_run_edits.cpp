// An edit outdates what depends on it and nothing else, and an update ends like a run of the edited document.
#include "run_bench.h"

#include "base/files.h"

#include <QtTest>

#include <fstream>
#include <random>

using namespace body4d;
using namespace body4d::test;

class RunEditsTest : public RunFixture {
    Q_OBJECT

    /// Changes a number in the middle of a file's arrays; its header stays whole.
    static void flipAByte(const std::filesystem::path& path) {
        auto bytes = readFile(path);
        bytes[bytes.size() * 3 / 4] ^= std::byte{4};
        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    }

    /// Bodies and world as far as they lie in a range.
    static QString differenceIn(FrameRange range, const Project& a, const Project& b) {
        for (const auto& target : a.document().targets) {
            const auto ba = a.body(target.id), bb = b.body(target.id);
            if (!ba || !bb || ba->firstFrame != range.begin || bb->firstFrame != range.begin ||
                ba->frames.size() != bb->frames.size()) {
                return QStringLiteral("bodies cover other frames");
            }
            for (std::size_t i = 0; i < ba->frames.size(); ++i) {
                if (!samePose(ba->frames[i].pose, bb->frames[i].pose) || ba->frames[i].state != bb->frames[i].state) {
                    return QStringLiteral("frame %1 differs").arg(i);
                }
            }
        }
        return {};
    }

private Q_SLOTS:
    void initTestCase() { makeClip(); }

    void ageRefitsThatPersonOnly() {
        Bench bench(project());
        bench.run();
        const int advanced = bench.control->advanced, fits = bench.estimator->fits;
        auto document = bench.project->document();
        document.targets[1].traits.age = 1;
        bench.project->setDocument(document);
        QVERIFY(bench.project->stage("segment", 2).status == StageStatus::Done);
        QVERIFY(bench.project->stage("reconstruct", 1).status == StageStatus::Done);
        QVERIFY(bench.project->stage("reconstruct", 2).status == StageStatus::Stale);
        bench.run();
        QCOMPARE(bench.control->advanced.load(), advanced);
        QCOMPARE(bench.estimator->fits.load(), fits + 1);
        QCOMPARE(bench.project->body(2)->shape.age, 1.0);
        QVERIFY(allDone(*bench.project));
    }

    void renamingDoesNothing() {
        Bench bench(project());
        bench.run();
        const int advanced = bench.control->advanced, fits = bench.estimator->fits;
        auto document = bench.project->document();
        document.targets[1].name = "Other";
        bench.project->setDocument(document);
        QVERIFY(allDone(*bench.project));
        bench.run();
        QCOMPARE(bench.control->advanced.load(), advanced);
        QCOMPARE(bench.estimator->fits.load(), fits);
    }

    void aNarrowerRangeCostsNothing() {
        Bench bench(project());
        bench.run();
        const int advanced = bench.control->advanced, fits = bench.estimator->fits;
        const auto whole = bench.project->document();
        auto narrow = whole;
        narrow.range = {10, 45};
        for (const auto& document : {narrow, whole}) {
            bench.project->setDocument(document);
            QVERIFY(allDone(*bench.project));
            QCOMPARE(bench.project->stage("ground", 1).done.front(), document.range);
            bench.run();
            QCOMPARE(bench.control->advanced.load(), advanced);
            QCOMPARE(bench.estimator->fits.load(), fits);
            QVERIFY(allDone(*bench.project));
        }
        // Also where the project was closed in between.
        bench.project->setDocument(narrow);
        const auto folder = bench.project->folder();
        bench.project.reset();
        bench.project = Project::open(folder);
        QVERIFY(allDone(*bench.project));
        // Another edit on top of it outdates what it always does, and is done for the narrower range.
        narrow.targets[1].traits.age = 1;
        bench.project->setDocument(narrow);
        QVERIFY(bench.project->stage("ground", 1).status == StageStatus::Stale);
        bench.run();
        QVERIFY(allDone(*bench.project));
        QCOMPARE(bench.control->advanced.load(), advanced);
        Bench fresh(project());
        fresh.project->setDocument([&] {
            auto document = narrow;
            document.video = fresh.project->document().video;
            return document;
        }());
        fresh.run();
        QCOMPARE(differenceIn(narrow.range, *bench.project, *fresh.project), QString());
    }

    void damagedTracksAreTrackedAgain() {
        Bench whole(project());
        whole.run();
        enum class Damage { CutOff, Missing, Flipped };
        for (const auto damage : {Damage::CutOff, Damage::Missing, Damage::Flipped}) {
            Bench bench(project());
            bench.run();
            const int advanced = bench.control->advanced;
            const auto folder = bench.project->folder();
            bench.project.reset();
            std::vector<std::filesystem::path> batches;
            for (const auto& entry : std::filesystem::directory_iterator(folder / (damage == Damage::CutOff ? "tracks" : "masks") / "1")) {
                if (entry.path().filename().string().starts_with("forward_")) {
                    batches.push_back(entry.path());
                }
            }
            std::sort(batches.begin(), batches.end());
            QVERIFY(batches.size() > 3);
            const auto& middle = batches[batches.size() / 2];
            if (damage == Damage::CutOff) {
                std::filesystem::resize_file(middle, std::filesystem::file_size(middle) / 2);
            } else if (damage == Damage::Missing) {
                std::filesystem::remove(middle);
            } else {
                flipAByte(middle);
            }
            bench.project = Project::open(folder);
            bench.run();
            QVERIFY(allDone(*bench.project));
            QCOMPARE(differenceOf(*bench.project, *whole.project), QString());
            QVERIFY(bench.control->advanced > advanced);
            QCOMPARE(std::count_if(bench.notices.begin(), bench.notices.end(),
                                   [](const std::string& s) { return s.find("damaged") != std::string::npos; }),
                     1);
        }
    }

    void damageThatKeptItsTimeIsFoundWhenBodiesAreMade() {
        Bench whole(project()), bench(project());
        whole.run();
        bench.run();
        const int advanced = bench.control->advanced;
        const auto folder = bench.project->folder();
        bench.project.reset();
        std::filesystem::path some;
        for (const auto& entry : std::filesystem::directory_iterator(folder / "tracks" / "1")) {
            some = entry.path();
        }
        const auto time = std::filesystem::last_write_time(some);
        flipAByte(some);
        std::filesystem::last_write_time(some, time);
        bench.project = Project::open(folder);
        bench.run(); // nothing is made of the tracks, and nothing is read
        QCOMPARE(bench.control->advanced, advanced);
        bench.project.reset();
        std::filesystem::remove_all(folder / "bodies");
        bench.project = Project::open(folder);
        bench.run();
        QVERIFY(bench.control->advanced > advanced);
        QVERIFY(allDone(*bench.project));
        QCOMPARE(differenceOf(*bench.project, *whole.project), QString());
    }

    void anotherClickTracksAnew() {
        Bench bench(project());
        bench.run();
        auto document = bench.project->document();
        const auto old = bench.project->track(1);
        document.targets[0].prompts.push_back({50, {{22, 22, true}}, std::nullopt});
        bench.project->setDocument(document);
        QVERIFY(bench.project->stage("segment", 1).status == StageStatus::Stale);
        QCOMPARE(bench.project->track(1).frames.size(), old.frames.size()); // shown until the new ones come
        bench.run();
        QVERIFY(allDone(*bench.project));
        // As if the click had been there from the beginning.
        Bench other(project());
        other.project->setDocument([&] {
            auto d = other.project->document();
            d.targets = document.targets;
            return d;
        }());
        other.run();
        QCOMPARE(differenceOf(*bench.project, *other.project), QString());
    }

    /// Everything before the first changed prompt stays: the state of the session was kept on the way.
    void aCorrectionGoesOnFromWhereItIsMet() {
        Bench bench(project());
        bench.run();
        const int before = bench.control->advanced;
        auto document = bench.project->document();
        document.targets[0].prompts.push_back({60, {{22, 22, true}}, std::nullopt});
        bench.project->setDocument(document);
        // Backwards everything begins anew at the new click; forwards the first 24 frames are kept, of which
        // the engine had given all but its delay.
        QVERIFY(bench.project->stage("segment", 1).done.empty());
        const auto second = bench.project->stage("segment", 2);
        QVERIFY(second.status == StageStatus::Stale);
        QCOMPARE(second.done, (std::vector<FrameRange>{{33, 44 - bench.control->delay}}));
        bench.run();
        QCOMPARE(bench.control->advanced - before, (kFrames - 44) + 61);
        Bench whole(project());
        whole.project->setDocument(document);
        whole.run();
        QCOMPARE(differenceOf(*bench.project, *whole.project), QString());
        // A click that is taken back again: what was tracked with it is forgotten.
        document.targets[0].prompts.pop_back();
        bench.project->setDocument(document);
        bench.run();
        Bench plain(project());
        plain.run();
        QCOMPARE(differenceOf(*bench.project, *plain.project), QString());
    }

    /// Whatever is edited in whatever order, an update ends like one run of the final document, and frames
    /// that were called untouched by an edit are.
    void editsInAnyOrderEndLikeOneRun() {
        std::mt19937 random(11);
        const auto below = [&random](std::size_t n) { return static_cast<std::size_t>(random() % n); };
        Bench edited(project(5));
        edited.run();
        int kept = 0;
        for (int round = 0; round < 14; ++round) {
            auto document = edited.project->document();
            auto& prompts = document.targets[below(2)].prompts;
            const auto frame = static_cast<std::int64_t>(below(kFrames));
            const Prompt said{frame, {{static_cast<double>(5 + below(50)), 20, true}}, std::nullopt};
            const auto at = std::find_if(prompts.begin(), prompts.end(),
                                         [&](const Prompt& p) { return p.frame >= frame; });
            if (round % 3 == 1 && prompts.size() > 1) {
                prompts.erase(prompts.begin() + static_cast<std::ptrdiff_t>(below(prompts.size())));
            } else if (at != prompts.end() && at->frame == frame) {
                *at = said;
            } else {
                prompts.insert(at, said);
            }
            const std::array<TargetTrack, 2> old{edited.project->track(1), edited.project->track(2)};
            edited.project->setDocument(document);
            const std::array<StageState, 2> states{edited.project->stage("segment", 1),
                                                   edited.project->stage("segment", 2)};
            if (round % 4 == 3) { // killed in the middle, opened anew
                std::stop_source stop;
                std::atomic<int> left{20};
                edited.control->onAdvance = [&](std::int64_t, Direction) {
                    if (--left == 0) {
                        stop.request_stop();
                    }
                };
                edited.run(stop.get_token());
                edited.control->onAdvance = nullptr;
                const auto folder = edited.project->folder();
                edited.project.reset();
                edited.project = Project::open(folder);
            }
            edited.run();
            for (const TargetId id : {1, 2}) {
                const auto& state = states[static_cast<std::size_t>(id - 1)];
                const auto& before = old[static_cast<std::size_t>(id - 1)];
                const auto after = edited.project->track(id);
                for (const auto& range :
                     state.status == StageStatus::Stale ? state.done : std::vector<FrameRange>()) {
                    for (auto f = range.begin; f < range.end; ++f) {
                        const auto& a = before.frames.at(static_cast<std::size_t>(f - before.firstFrame));
                        const auto& b = after.frames.at(static_cast<std::size_t>(f - after.firstFrame));
                        QVERIFY2(
                            a.mask == b.mask && a.pose.roi.centreX == b.pose.roi.centreX,
                            qPrintable(
                                QStringLiteral("round %1, person %2, frame %3").arg(round).arg(id).arg(f)));
                        ++kept;
                    }
                }
            }
            Bench whole(project(5));
            whole.project->setDocument(document);
            whole.run();
            QCOMPARE(differenceOf(*edited.project, *whole.project), QString());
        }
        QVERIFY2(kept > 20, qPrintable(QString::number(kept)));
    }
};

QTEST_GUILESS_MAIN(RunEditsTest)
#include "test_run_edits.moc"
