// The guide, its tables of this machine, and the memory that models give back.
#include "window_fixture.h"

#include "ui/controllers/model_memory.h"
#include "ui/item_models/log_model.h"
#include "ui/panels/guide_dialog.h"
#include "ui/panels/run_panel.h"

#include <QClipboard>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QRegularExpression>
#include <QStatusBar>
#include <QTextBlock>
#include <QTextBrowser>

using namespace body4d;
using namespace body4d::ui;

namespace {

/// A film of a telephone: what its file says of itself differs from the usual.
class TelephoneFrames : public FrameProvider {
public:
    explicit TelephoneFrames(std::shared_ptr<FrameProvider> frames)
        : frames_(std::move(frames)), info_(frames_->info()) {
        info_.rotationDegrees = 90;
        info_.variableFrameRate = true;
        info_.colour.dynamicRange = PictureColour::DynamicRange::Hlg;
        info_.colour.transfer = "HLG";
        info_.colour.primaries = info_.colour.matrix = "BT.2020";
        info_.colour.bitDepth = 10;
    }
    const VideoInfo& info() const override { return info_; }
    ImagePtr frame(std::int64_t index) override { return frames_->frame(index); }
    ImagePtr cached(std::int64_t index) const override { return frames_->cached(index); }
    void prefetch(std::int64_t begin, std::int64_t end) override { frames_->prefetch(begin, end); }
    std::vector<std::int64_t> cachedFrames() const override { return frames_->cachedFrames(); }

private:
    std::shared_ptr<FrameProvider> frames_;
    VideoInfo info_;
};

class HelpBackend : public test::FakeBackend, public ModelMemory {
public:
    std::int64_t unloadModels() override { return ++unloads * (std::int64_t{300} << 20); }
    std::shared_ptr<FrameProvider> openFrames(const std::filesystem::path& video) override {
        auto frames = FakeBackend::openFrames(video);
        return video.stem() == "telephone" ? std::make_shared<TelephoneFrames>(std::move(frames)) : frames;
    }
    std::atomic<int> unloads{0};
};

} // namespace

class HelpTest : public test::WindowFixture {
    Q_OBJECT
    std::shared_ptr<HelpBackend> help_;

    [[nodiscard]] bool statusSays(const QString& words) const {
        const auto labels = window_->statusBar()->findChildren<QLabel*>();
        return std::any_of(labels.begin(), labels.end(),
                           [&](const QLabel* l) { return l->text().contains(words); });
    }

private Q_SLOTS:
    void init() {
        BODY4D_NEEDS_DISPLAY();
        help_ = std::make_shared<HelpBackend>();
        QVERIFY(makeWindow(help_));
    }
    void cleanup() { window_.reset(); }

    void theGuideNamesTheKeysAsTheyAre() {
        QFile source(QStringLiteral(":/guide.md"));
        QVERIFY(source.open(QIODevice::ReadOnly));
        const QString raw = QString::fromUtf8(source.readAll());
        static const QRegularExpression place(QStringLiteral("\\{key:([^}]*)\\}"));
        int places = 0;
        for (auto all = place.globalMatch(raw); all.hasNext(); ++places) {
            const auto id = all.next().captured(1);
            QVERIFY2(action(id.toLatin1().constData()) != nullptr, qPrintable(id));
        }
        QVERIFY(places > 20);
        QVERIFY(!guideText(window_->actionRegistry()).contains(QLatin1Char('{')));
        QVERIFY(guideText(window_->actionRegistry()).contains(QStringLiteral("**Run** with **F5**")));
        window_->actionRegistry().setKeys(QStringLiteral("run.start"), {QKeySequence(Qt::CTRL | Qt::Key_R)});
        QVERIFY(guideText(window_->actionRegistry()).contains(QStringLiteral("**Run** with **Ctrl+R**")));
        window_->actionRegistry().resetKeys(QStringLiteral("run.start"));
    }

    void theGuideIsReadByChapterAndSearched() {
        key(Qt::Key_F1, Qt::ShiftModifier);
        auto* guide = window_->findChild<GuideDialog*>();
        QVERIFY(guide && guide->isVisible() && !guide->isModal());
        auto* text = guide->findChild<QTextBrowser*>();
        auto* chapters = guide->findChild<QListWidget*>();
        QStringList names;
        for (int i = 0; i < chapters->count(); ++i) {
            names << chapters->item(i)->text();
        }
        QVERIFY2(names.contains(QStringLiteral("Five steps")) && names.contains(QStringLiteral("Hardware")) &&
                     names.size() >= 7,
                 qPrintable(names.join(QLatin1Char(','))));
        chapters->setCurrentRow(static_cast<int>(names.indexOf(QStringLiteral("Hardware"))));
        QCOMPARE(text->textCursor().block().text(), QStringLiteral("Hardware"));
        auto* search = guide->findChild<QLineEdit*>();
        search->setText(QStringLiteral("out of memory"));
        QCOMPARE(text->textCursor().selectedText().toLower(), QStringLiteral("out of memory"));
        QVERIFY(!guide->find(QStringLiteral("no such words")));
        guide->close();
    }

    void theHardwareTableSpeaksOfThisMachine() {
        DeviceDescription device;
        device.cpu = "Test CPU";
        device.cores = 6;
        device.memoryBytes = std::int64_t{8} << 30;
        ModelEntry small, large, free;
        small.title = "Small one";
        small.stage = "segment";
        small.memoryBytes = std::int64_t{1} << 30;
        large = small;
        large.title = "Large one";
        large.memoryBytes = std::int64_t{16} << 30;
        free.title = "Unmeasured";
        CostHistory costs;
        costs.record("reconstruct", "anny", 2, 100, 512 << 20);
        const auto said = machineText(device, {small, large, free}, costs);
        QVERIFY2(said.contains(QStringLiteral("Test CPU, 6 cores, 8.0 GiB")), qPrintable(said));
        QVERIFY(said.contains(QStringLiteral("No GPU was found")));
        QVERIFY(said.contains(QStringLiteral("| Body | anny | 50 | 512 MiB | 1 |")));
        QVERIFY(said.contains(QStringLiteral("| Small one | Segment | 1.0 GiB | fits in main memory |")));
        QVERIFY(said.contains(QStringLiteral("| Large one | Segment | 16.0 GiB | more than there is |")));
        QVERIFY(!said.contains(QStringLiteral("Unmeasured")));
        device.gpu = "Test GPU";
        device.gpuMemoryBytes = std::int64_t{24} << 30;
        QVERIFY(machineText(device, {large}, costs)
                    .contains(QStringLiteral("| Large one | Segment | 16.0 GiB | fits on the GPU |")));
        QVERIFY(machineText(device, {}, {}).contains(QStringLiteral("nothing has run here yet")));
    }

    void unloadingModelsIsSaidAndWaitsForRuns() {
        auto* unload = action("run.unload");
        unload->trigger();
        QTRY_VERIFY(statusSays(QStringLiteral("Models unloaded: 300 MiB")));
        QCOMPARE(help_->unloads.load(), 1);
        open("/videos/unload.mp4");
        clickBoth();
        window_->startRun();
        QVERIFY(!unload->isEnabled()); // a run needs them
        window_->runController().cancel();
        QTRY_VERIFY(unload->isEnabled());
    }

    void openingSaysHowTheFileIsRead() {
        open("/videos/telephone.mp4");
        QVERIFY(statusSays(QStringLiteral("640 × 360, 120 frames, 25 fps")));
        const auto unusual = QStringLiteral("variable rate  ·  turned by 90°  ·  HDR (HLG, BT.2020, 10 bit), shown as SDR");
        QVERIFY(statusSays(unusual));
        action("run.unload")->trigger(); // another state: what is unusual stays in sight
        QTRY_VERIFY(statusSays(QStringLiteral("Models unloaded")));
        QVERIFY(statusSays(unusual) && !statusSays(QStringLiteral("120 frames")));
        const auto logs = window_->findChildren<LogModel*>();
        QVERIFY(!logs.isEmpty());
        QTRY_VERIFY(logs.front()->text().contains(QStringLiteral("telephone.mp4: 640 × 360")));
        QVERIFY(logs.front()->text().contains(QStringLiteral("shown as SDR")));
        window_->project().close();
        QTRY_VERIFY(!window_->project().isOpen());
        QVERIFY(!statusSays(QStringLiteral("HDR")));
        open("/videos/plain.mp4");
        QVERIFY(!statusSays(QStringLiteral("variable rate")));
    }

    void deviceAndPrecisionAreOptionsOfTheRun() {
        open("/videos/device.mp4");
        auto* device = window_->runPanel().findChild<QComboBox*>(QStringLiteral("runtime.device"));
        auto* precision = window_->runPanel().findChild<QComboBox*>(QStringLiteral("runtime.precision"));
        QVERIFY(device && precision && device->isEnabled());
        device->setCurrentIndex(device->findData(QStringLiteral("cpu")));
        Q_EMIT device->activated(device->currentIndex());
        Q_EMIT precision->activated(1);
        const auto& options = window_->project().document().options;
        QCOMPARE(options.text("runtime.device"), std::string("cpu"));
        QCOMPARE(options.text("runtime.precision"), std::string("float32"));
        QCOMPARE(window_->project().staleStages(), 0); // where something runs outdates nothing
    }

    void bodiesASecondIsAnOptionOfTheRun() {
        open("/videos/sampled.mp4");
        auto* field = window_->runPanel().findChild<QDoubleSpinBox*>(QStringLiteral("reconstruct.fps"));
        QVERIFY(field && field->isEnabled());
        QCOMPARE(field->text(), QStringLiteral("every frame"));
        field->setValue(5);
        QCOMPARE(window_->project().document().options.number("reconstruct.fps"), 5.0);
        window_->project().undoStack()->undo();
        QCOMPARE(field->text(), QStringLiteral("every frame"));
        field->setValue(5);
        clickBoth();
        window_->actionRegistry().action("run.copyCommand")->trigger();
        QVERIFY2(QApplication::clipboard()->text().contains(QStringLiteral("--set 'reconstruct.fps=5'")),
                 qPrintable(QApplication::clipboard()->text()));
    }
};

BODY4D_GUI_TEST(HelpTest)
#include "help_test.moc"
