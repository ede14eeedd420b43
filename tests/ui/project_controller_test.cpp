#include "fake_backend.h"
#include "ui/controllers/project_controller.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <random>

using namespace body4d;
using namespace body4d::ui;
using body4d::ui::test::FakeBackend;
using body4d::ui::test::FakeProject;

class ProjectControllerTest : public QObject {
    Q_OBJECT
    std::shared_ptr<FakeBackend> backend_ = std::make_shared<FakeBackend>();
    QTemporaryDir drafts_;

    std::unique_ptr<ProjectController> opened(const std::string& video = "/videos/walk.mp4") {
        auto project = std::make_unique<ProjectController>(backend_);
        project->setDraftsFolder(drafts_.path().toStdString());
        QSignalSpy opened(project.get(), &ProjectController::opened);
        project->open(video);
        [&] { QTRY_COMPARE(opened.count(), 1); }();
        return project;
    }

private Q_SLOTS:
    void openingReportsAndAdopts() {
        const auto p = opened();
        QVERIFY(p->isOpen());
        QVERIFY(p->isDraft());
        QCOMPARE(p->document().range, (FrameRange{0, 120}));
        QCOMPARE(p->displayName(), QString("walk"));
    }
    void aBadFileIsTold() {
        ProjectController p(backend_);
        QSignalSpy failed(&p, &ProjectController::openFailed);
        p.open("/videos/broken.mp4");
        QTRY_COMPARE(failed.count(), 1);
        const auto message = failed[0][0].value<UserMessage>();
        QVERIFY(message.what.contains("broken.mp4"));
        QVERIFY(!message.remedy.isEmpty());
        QVERIFY(!p.isOpen());
        QVERIFY(!p.opening());
    }
    void firstClickMakesAPersonInOneStep() {
        const auto p = opened("/videos/first.mp4");
        const auto id = p->addPoint(0, 5, {10, 20, true});
        QCOMPARE(id, 1);
        QCOMPARE(p->selected(), 1);
        QCOMPARE(p->undoStack()->count(), 1);
        QCOMPARE(p->prompt(1, 5)->points.size(), std::size_t{1});
        p->undoStack()->undo();
        QVERIFY(p->document().targets.empty());
        QCOMPARE(p->selected(), 0);
    }
    void removingTheLastPointRemovesThePrompt() {
        const auto p = opened("/videos/remove.mp4");
        p->addPoint(0, 5, {10, 20, true});
        p->addPoint(1, 5, {15, 25, false});
        p->addPoint(1, 3, {1, 2, true});
        QCOMPARE(p->document().target(1)->prompts.front().frame, 3); // ordered
        p->removePoint(1, 5, 0);
        QCOMPARE(p->prompt(1, 5)->points.size(), std::size_t{1});
        QVERIFY(!p->prompt(1, 5)->points[0].include);
        p->removePoint(1, 5, 0);
        QVERIFY(p->prompt(1, 5) == nullptr);
        p->removePoint(1, 99, 0); // nothing there: nothing happens
        QVERIFY(p->prompt(1, 99) == nullptr);
    }
    void hundredRandomEditsUndoneGiveTheStart() {
        const auto p = opened("/videos/random.mp4");
        p->addPoint(0, 0, {100, 100, true});
        p->undoStack()->clear();
        const auto start = p->document();
        std::mt19937 random(7);
        const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
        std::vector<ProjectDocument> states{start};
        while (p->undoStack()->count() < 100) {
            const int before = p->undoStack()->count();
            const auto& targets = p->document().targets;
            const TargetId id = targets.empty() ? 0 : targets[static_cast<std::size_t>(pick(static_cast<int>(targets.size())))].id;
            const auto maskOf = [&] {
                auto mask = std::make_shared<RleMask>();
                const auto lead = static_cast<std::uint32_t>(pick(5000)), run = static_cast<std::uint32_t>(1 + pick(4000));
                *mask = {640, 360, {lead, run, 640 * 360 - lead - run}};
                return mask;
            };
            const TargetId other = targets.empty() ? 0 : targets[static_cast<std::size_t>(pick(static_cast<int>(targets.size())))].id;
            switch (pick(19)) {
            case 12: p->setMask(id, pick(120), maskOf(), "Brush"); break;
            case 13: p->setMask(id, pick(120), nullptr, "Erase"); break;
            case 14: p->splitTarget(id, pick(120), PointPrompt{5, 6, true}); break;
            case 15: p->swapTargets(id, other, pick(120), PointPrompt{1, 2, true}, PointPrompt{3, 4, true}); break;
            case 16:
                if (targets.size() > 3) {
                    p->mergeTargets(id, other);
                }
                break;
            case 17: p->judgeGuesses(id, {pick(60), 60 + pick(60)}, pick(2) == 0); break;
            case 18: p->setAbsent(id, {pick(60), 60 + pick(60)}, pick(3) > 0); break;
            case 0: p->addTarget(); break;
            case 1: p->addPoint(id, pick(120), {pick(640) + 0.5, pick(360) + 0.5, pick(3) > 0}); break;
            case 2: p->addPoint(0, pick(120), {pick(640) + 0.5, pick(360) + 0.5, true}); break;
            case 3: p->renameTarget(id, QString("Name %1").arg(pick(1000))); break;
            case 4: p->setTargetColour(id, QColor::fromHsv(pick(360), 200, 200).name()); break;
            case 5: p->setRange({pick(60), 60 + pick(60)}); break;
            case 6: p->setOption("sam_3d_body.batch_size", static_cast<long long>(1 + pick(64))); break;
            case 7: p->setOption("completion.enable", pick(2) == 0); break;
            case 8: p->setBox(id, pick(120), Box{1.0 * pick(100), 1.0 * pick(100), 200.0 + pick(100), 200.0 + pick(100)}); break;
            case 9: {
                PersonTraits traits;
                traits.heightMetres = 1.5 + 0.01 * pick(50);
                p->setTraits(id, traits);
                break;
            }
            case 10:
                if (targets.size() > 3) {
                    p->removeTarget(id);
                }
                break;
            default:
                if (const auto* t = p->document().target(id); t && !t->prompts.empty()) {
                    const auto frame = t->prompts.front().frame;
                    p->movePoint(id, frame, 0, pick(640), pick(360));
                }
            }
            const int after = p->undoStack()->count();
            if (after > before) {
                states.push_back(p->document());
            } else if (after == before) { // merged into the step before, or nothing
                states.back() = p->document();
            } else { // merged away
                states.pop_back();
            }
        }
        const auto end = p->document();
        QVERIFY(!sameDocument(start, end));
        for (auto state = states.rbegin() + 1; state != states.rend(); ++state) {
            p->undoStack()->undo();
            QVERIFY(sameDocument(p->document(), *state));
        }
        QVERIFY(sameDocument(p->document(), start));
        QVERIFY(!p->undoStack()->canUndo());
        while (p->undoStack()->canRedo()) {
            p->undoStack()->redo();
        }
        QVERIFY(sameDocument(p->document(), end));
        p->flush();
        QVERIFY(sameDocument(p->store()->document(), end)); // and the disk has it
    }
    void spinBoxStepsAreOneUndoStep() {
        const auto p = opened("/videos/spin.mp4");
        for (long long n = 1; n <= 20; ++n) {
            p->setOption("sam_3d_body.batch_size", n);
        }
        QCOMPARE(p->undoStack()->count(), 1);
        p->undoStack()->undo();
        QCOMPARE(p->document().options.integer("sam_3d_body.batch_size"), 16LL);
    }
    void unfitValuesAreRejectedWithASentence() {
        const auto p = opened("/videos/unfit.mp4");
        QSignalSpy rejected(p.get(), &ProjectController::editRejected);
        p->setOption("sam_3d_body.batch_size", -3LL);
        p->setOption("no.such.option", true);
        QCOMPARE(rejected.count(), 2);
        QCOMPARE(p->undoStack()->count(), 0);
    }
    void readOnlyProjectsRefuseEdits() {
        const auto p = opened("/videos/locked.mp4");
        std::dynamic_pointer_cast<FakeProject>(p->store())->readOnlyFlag = true;
        QSignalSpy rejected(p.get(), &ProjectController::editRejected);
        p->addPoint(0, 0, {1, 1, true});
        QCOMPARE(rejected.count(), 1);
        QVERIFY(p->document().targets.empty());
    }
    void editsAfterARunMakeItStale() {
        const auto p = opened("/videos/stale.mp4");
        const auto id = p->addPoint(0, 0, {165, 180, true});
        p->flush();
        RunEvents events;
        std::stop_source stop;
        backend_->frameMicroseconds = 0;
        backend_->run(*p->store(), {}, events, stop.get_token());
        p->reloadResults();
        QTRY_COMPARE(p->results()->lane(id).processedCount(), 120);
        QCOMPARE(p->staleStages(), 0);
        p->addPoint(id, 50, {1, 1, false});
        QTRY_VERIFY(p->staleStages() > 0);
        QTRY_VERIFY(p->results()->lane(id).stale[10] != 0);
    }
    void openingTheSameAgainKeepsItWritable() {
        const auto p = opened("/videos/again.mp4");
        p->addPoint(0, 0, {165, 180, true});
        p->flush();
        const auto store = p->store();
        QSignalSpy again(p.get(), &ProjectController::opened);
        backend_->refuseSecondOpen = true; // as a locked folder does
        p->open("/videos/again.mp4"); // the same draft
        QTRY_COMPARE(again.count(), 1);
        QVERIFY(p->store() == store);
        std::filesystem::create_directories(store->folder());
        p->open(store->folder());
        QTRY_COMPARE(again.count(), 2);
        backend_->refuseSecondOpen = false;
        QVERIFY(p->store() == store);
        QCOMPARE(p->document().targets.size(), std::size_t{1});
    }
    void verdictsCalmTheLane() {
        const auto p = opened("/videos/verdict.mp4");
        const auto id = p->addPoint(0, 0, {165, 180, true});
        p->flush();
        RunEvents events;
        std::stop_source stop;
        backend_->frameMicroseconds = 0;
        backend_->run(*p->store(), {}, events, stop.get_token());
        p->reloadResults();
        QTRY_COMPARE(p->results()->lane(id).processedCount(), 120);
        QVERIFY(p->results()->lane(id).suspicion[65] > 0.4F); // frames 50 to 69 are guesses
        p->judgeGuesses(id, {50, 70}, true);
        p->reloadResults();
        QTRY_COMPARE(p->results()->lane(id).suspicion[65], 0.0F);
        p->judgeGuesses(id, {50, 60}, false);
        QCOMPARE(p->document().target(id)->acceptedGuesses, (std::vector<FrameRange>{{60, 70}}));
        QCOMPARE(p->document().target(id)->rejectedGuesses, (std::vector<FrameRange>{{50, 60}}));
        p->judgeGuesses(id, {0, 120}, std::nullopt);
        QVERIFY(p->document().target(id)->acceptedGuesses.empty());
    }
    void whatCanBeOpenedIsKnownByName() {
        QVERIFY(ProjectController::canOpen("/a/b.MP4"));
        QVERIFY(ProjectController::canOpen("/a/b.webm"));
        QVERIFY(!ProjectController::canOpen("/a/notes.txt"));
        QVERIFY(ProjectController::canOpen(drafts_.path().toStdString()));
    }
};

QTEST_GUILESS_MAIN(ProjectControllerTest)
#include "project_controller_test.moc"
