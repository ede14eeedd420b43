#include "ui/controllers/run_controller.h"

#include "base/error.h"

#include <QSignalSpy>
#include <QTest>

#include <atomic>
#include <thread>

using namespace body4d;
using namespace body4d::ui;

class RunControllerTest : public QObject {
    Q_OBJECT
    std::atomic<int> frames_{0};
    RunJob endlessJob() {
        return [this](const std::stop_token& stop, const ProgressFn& progress, const auto&) {
            RunSummary summary;
            for (frames_ = 0; !stop.stop_requested(); ++frames_) {
                progress({"segment", "", frames_, 0, 0, -1});
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
            summary.cancelled = true;
            return summary;
        };
    }
private Q_SLOTS:
    void cancelEndsTheRunWithoutAnError() {
        RunController controller;
        QSignalSpy finished(&controller, &RunController::finished), failed(&controller, &RunController::failed);
        QVERIFY(controller.start("Run", endlessJob()));
        QTRY_VERIFY(frames_ > 3);
        controller.cancel();
        QVERIFY(controller.cancelling());
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 30000);
        QVERIFY(finished[0][0].value<RunSummary>().cancelled);
        QVERIFY(failed.isEmpty());
        QVERIFY(!controller.running());
    }
    void onlyOneJobAtATime() {
        RunController controller;
        QVERIFY(controller.start("Run", endlessJob()));
        QVERIFY(!controller.start("Run", endlessJob()));
        controller.cancel();
        QTRY_VERIFY(!controller.running());
        QVERIFY(controller.start("Run", endlessJob()));
    } // and destruction stops the worker
    void theQueueRunsInOrder() {
        RunController controller;
        QStringList order;
        connect(&controller, &RunController::started, this, [&](const QString& title) { order << title; });
        const RunJob quick = [](const auto&, const auto&, const auto&) { return RunSummary{}; };
        controller.enqueue("first", endlessJob());
        controller.enqueue("second", quick);
        controller.enqueue("third", quick);
        controller.enqueue("fourth", quick);
        QCOMPARE(controller.waiting(), (QStringList{"second", "third", "fourth"}));
        controller.dropWaiting(1);
        controller.cancel(); // the first only
        QTRY_COMPARE(order, (QStringList{"first", "second", "fourth"}));
        QTRY_VERIFY(!controller.running());
        QVERIFY(controller.waiting().isEmpty());
    }
    void pausingKeepsTheJobAndTheQueue() {
        RunController controller;
        std::atomic<int> rounds{0};
        QSignalSpy started(&controller, &RunController::started), paused(&controller, &RunController::pausedChanged);
        controller.enqueue("long", [&](const std::stop_token& stop, const auto&, const auto&) {
            ++rounds;
            while (!stop.stop_requested()) {
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
            RunSummary summary;
            summary.cancelled = true;
            return summary;
        });
        controller.enqueue("next", [](const auto&, const auto&, const auto&) { return RunSummary{}; });
        QTRY_COMPARE(rounds.load(), 1);
        controller.pause();
        QTRY_VERIFY(controller.paused());
        QVERIFY(!controller.running());
        QCOMPARE(controller.waiting(), QStringList{"next"});
        controller.resume();
        QTRY_COMPARE(rounds.load(), 2);
        QVERIFY(!controller.paused());
        controller.pause();
        QTRY_VERIFY(controller.paused());
        controller.cancel(); // given up: the next one's turn
        QTRY_COMPARE(started.last()[0].toString(), QString("next"));
        QTRY_VERIFY(!controller.running() && !controller.paused());
        QCOMPARE(rounds.load(), 2);
        QCOMPARE(paused.count(), 4);
    }
    void aJobThatEndsWhilePausingIsDone() {
        RunController controller;
        std::atomic<bool> go{false};
        controller.enqueue("short", [&](const auto&, const auto&, const auto&) {
            while (!go) {
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
            return RunSummary{}; // finished, not interrupted
        });
        controller.pause();
        go = true;
        QTRY_VERIFY(!controller.running());
        QVERIFY(!controller.paused());
    }
    void errorsArriveWithTheirRemedyAndActions() {
        RunController controller;
        QSignalSpy failed(&controller, &RunController::failed), finished(&controller, &RunController::finished);
        controller.start("Run", [](const auto&, const auto&, const auto&) -> RunSummary {
            throw Error(ErrorCode::OutOfMemory, "Too large.", "Halve the batch.", "batch 64");
        });
        QTRY_COMPARE(failed.count(), 1);
        const auto message = failed[0][0].value<UserMessage>();
        QCOMPARE(message.what, QString("Too large."));
        QCOMPARE(message.remedy, QString("Halve the batch."));
        QCOMPARE(message.detail, QString("batch 64"));
        QVERIFY(message.actions.contains("run.halveBatch"));
        QVERIFY(finished.isEmpty());
    }
    void cancelledIsNoError() {
        RunController controller;
        QSignalSpy failed(&controller, &RunController::failed), finished(&controller, &RunController::finished);
        controller.start("Run", [](const auto&, const auto&, const auto&) -> RunSummary { throw Cancelled(); });
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 30000);
        QVERIFY(finished[0][0].value<RunSummary>().cancelled);
        QVERIFY(failed.isEmpty());
    }
    void unknownExceptionsBecomeInternalErrors() {
        RunController controller;
        QSignalSpy failed(&controller, &RunController::failed);
        controller.start("Run", [](const auto&, const auto&, const auto&) -> RunSummary { throw std::logic_error("index"); });
        QTRY_COMPARE(failed.count(), 1);
        QVERIFY(failed[0][0].value<UserMessage>().what.startsWith("Internal error"));
        QCOMPARE(failed[0][0].value<UserMessage>().detail, QString("index"));
    }
    void aFloodOfProgressIsThinnedAndTheLastArrives() {
        RunController controller;
        QSignalSpy progressed(&controller, &RunController::progressed), finished(&controller, &RunController::finished);
        controller.start("Run", [](const auto&, const ProgressFn& progress, const auto&) {
            for (int i = 1; i <= 20000; ++i) {
                progress({"segment", "", i, 20000, 0, -1});
            }
            return RunSummary{};
        });
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 30000);
        QVERIFY2(progressed.count() < 2000, qPrintable(QString::number(progressed.count())));
        QCOMPARE(progressed.last()[0].value<Progress>().done, 20000);
    }
    void everyErrorCodeOffersAnAction() {
        for (const auto code : {ErrorCode::Usage, ErrorCode::Input, ErrorCode::MissingModel, ErrorCode::OutOfMemory,
                                ErrorCode::Output, ErrorCode::Busy, ErrorCode::Internal}) {
            QVERIFY(!actionsFor(code).isEmpty());
        }
    }
};

QTEST_GUILESS_MAIN(RunControllerTest)
#include "run_controller_test.moc"
