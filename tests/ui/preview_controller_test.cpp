#include "fake_backend.h"
#include "ui/controllers/preview_controller.h"

#include <QSignalSpy>
#include <QTest>

using namespace body4d;
using namespace body4d::ui;
using body4d::ui::test::FakeBackend;

class PreviewControllerTest : public QObject {
    Q_OBJECT
    static Prompt click(double x, double y) { return {0, {{x, y, true}}, std::nullopt, nullptr}; }
private Q_SLOTS:
    void aClickBecomesAMaskAndIsRemembered() {
        auto backend = std::make_shared<FakeBackend>();
        PreviewController previews(backend);
        previews.setFrames(backend->openFrames("walk.mp4"));
        QSignalSpy ready(&previews, &PreviewController::previewReady);
        const auto prompt = click(165, 180); // on the left figure
        previews.request(1, prompt, {});
        QTRY_COMPARE(ready.count(), 1);
        const auto found = previews.find(1, prompt);
        QVERIFY(found && found->found);
        QVERIFY(area(found->frame.mask) > 1000);
        previews.request(1, prompt, {}); // undo and redo cost nothing
        QCOMPARE(ready.count(), 2);
        QCOMPARE(backend->previews.load(), 1);
    }
    void aClickOnNobodySaysSo() {
        auto backend = std::make_shared<FakeBackend>();
        PreviewController previews(backend);
        previews.setFrames(backend->openFrames("walk.mp4"));
        QSignalSpy nothing(&previews, &PreviewController::nothingFound);
        previews.request(1, click(2, 2), {});
        QTRY_COMPARE(nothing.count(), 1);
        QVERIFY(!nothing[0][2].toString().isEmpty());
    }
    void aSlowClickShowsTheMarkAndANewerOneReplacesIt() {
        auto backend = std::make_shared<FakeBackend>();
        backend->previewMilliseconds = 400;
        PreviewController previews(backend);
        previews.setFrames(backend->openFrames("walk.mp4"));
        QSignalSpy busy(&previews, &PreviewController::busyChanged), ready(&previews, &PreviewController::previewReady);
        previews.request(1, click(165, 180), {});
        QTRY_COMPARE(busy.count(), 1);
        QVERIFY(busy[0][0].toBool());
        const auto second = click(166, 181);
        previews.request(1, second, {});
        QTRY_COMPARE(ready.count(), 1); // the first never answers
        QVERIFY(previews.find(1, second));
        QVERIFY(!previews.find(1, click(165, 180)));
        QVERIFY(!busy.last()[0].toBool());
    }
    void clicksOnSeveralPeopleAllGetTheirMask() {
        auto backend = std::make_shared<FakeBackend>();
        backend->previewMilliseconds = 30;
        PreviewController previews(backend);
        previews.setFrames(backend->openFrames("walk.mp4"));
        const auto left = click(165, 180), right = click(485, 180);
        previews.request(1, left, {});
        previews.request(2, right, {});
        QTRY_VERIFY(previews.find(1, left) && previews.find(2, right));
        QVERIFY(previews.find(1, left)->found && previews.find(2, right)->found);
        QVERIFY(!previews.busy());
    }
    void everybodyIsFound() {
        auto backend = std::make_shared<FakeBackend>();
        PreviewController previews(backend);
        previews.setFrames(backend->openFrames("walk.mp4"));
        std::size_t count = 0;
        connect(&previews, &PreviewController::peopleFound, this, [&](qint64, const auto& people) { count = people.size(); });
        previews.findPeople(0, {});
        QTRY_COMPARE(count, std::size_t{2});
    }
};

QTEST_GUILESS_MAIN(PreviewControllerTest)
#include "preview_controller_test.moc"
