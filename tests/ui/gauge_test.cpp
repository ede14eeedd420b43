#include "fake_backend.h"
#include "gui_test.h"

#include "ui/panels/gauge_panel.h"

#include <QFile>
#include <QLabel>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <unistd.h>

using namespace body4d;
using namespace body4d::ui;

namespace {

constexpr std::int64_t kGib = std::int64_t{1} << 30;

/// The real sampler, on whatever NVML this process finds.
class MeasuringBackend : public test::FakeBackend {
public:
    TelemetrySample telemetry() const override { return sampler.latest(); }
    std::vector<Telemetry::StagePeak> stagePeaks() const override { return sampler.stagePeaks(); }
    DeviceDescription device() const override { return describeDevice(); }
    mutable Telemetry sampler;
};

} // namespace

/// The way of a number from the driver's library to the pixels of the gauge.
class GaugeTest : public QObject {
    Q_OBJECT
    QTemporaryDir dir_;
    std::shared_ptr<MeasuringBackend> backend_;
    std::atomic<std::int64_t> allocated_{0}, allocatedPeak_{0}, reserved_{0};

    /// Atomically, as the sampler may read at any time.
    void script(std::int64_t used, std::int64_t total, int load, std::int64_t ours = 0) const {
        QFile file(dir_.filePath("next"));
        [&] { QVERIFY(file.open(QIODevice::WriteOnly)); }();
        file.write(QByteArray::number(used) + ' ' + QByteArray::number(total) + ' ' +
                   QByteArray::number(load) + ' ' + QByteArray::number(ours));
        file.close();
        std::rename(dir_.filePath("next").toUtf8().constData(), qgetenv("BODY4D_FAKE_NVML").constData());
    }

private Q_SLOTS:
    void initTestCase() {
        qputenv("BODY4D_FAKE_NVML", dir_.filePath("script").toUtf8());
        script(3 * kGib, 12 * kGib, 40);
        backend_ = std::make_shared<MeasuringBackend>();
        backend_->sampler.setAllocatorProbe(
            [this] { return AllocatorUse{allocated_.load(), allocatedPeak_.load(), reserved_.load()}; });
    }
    void cleanupTestCase() { backend_.reset(); }

    void theDeviceIsTheScriptedOne() {
        const auto device = describeDevice();
        QCOMPARE(device.gpu, std::string("Scripted GPU"));
        QCOMPARE(device.gpuMemoryBytes, 12 * kGib);
        QCOMPARE(device.driver, std::string("123.45"));
    }
    void barPeaksAndBudgetFollowTheScript() {
        TelemetryController telemetry(backend_);
        GaugePanel panel(telemetry);
        panel.resize(260, 220);
        panel.setBudget(6);
        panel.show();
        telemetry.setActive(true);
        auto* gauge = panel.gauge();
        allocated_ = 2 * kGib;
        allocatedPeak_ = 2 * kGib;
        QTRY_COMPARE(gauge->latest().used, 2 * kGib);
        QTRY_COMPARE(gauge->latest().others, 1 * kGib);
        QCOMPARE(gauge->latest().total, 12 * kGib);
        QCOMPARE(gauge->latest().budget, 6 * kGib);
        QCOMPARE(gauge->barX(6 * kGib), gauge->width() / 2.0);
        script(9 * kGib, 12 * kGib, 95);
        allocated_ = 4 * kGib;
        allocatedPeak_ = 5 * kGib; // between two samples
        QTRY_COMPARE(gauge->latest().used, 4 * kGib);
        QTRY_COMPARE(gauge->latest().others, 5 * kGib);
        QTRY_COMPARE(gauge->latest().peak, 5 * kGib);
        const auto said = [&] {
            QString all;
            for (const auto* label : panel.findChildren<QLabel*>()) {
                all += label->text() + '\n';
            }
            return all;
        };
        QTRY_VERIFY2(said().contains("95 %"), qPrintable(said()));
        QVERIFY(said().contains("Scripted GPU"));
        QVERIFY(panel.summary().contains("4.0 GiB of 6.0 GiB"));
        // The pixels: ours, the others', free.
        const QImage picture = gauge->grab().toImage();
        const double ratio = picture.devicePixelRatio();
        const auto at = [&](double gib) {
            return picture.pixelColor(
                static_cast<int>(gauge->barX(static_cast<std::int64_t>(gib * kGib)) * ratio),
                static_cast<int>(7 * ratio));
        };
        const auto near = [](const QColor& a, const QColor& b) {
            return std::abs(a.red() - b.red()) + std::abs(a.green() - b.green()) +
                       std::abs(a.blue() - b.blue()) <
                   24;
        };
        QVERIFY(near(at(2), tokens().accent));
        QVERIFY(!near(at(7.5), tokens().accent));
        QVERIFY(near(at(11), tokens().lane));
        QVERIFY(near(at(6), tokens().warning)); // the budget's line
    }
    void ownMemoryIsSplitByWhoHoldsIt() {
        TelemetryController telemetry(backend_);
        GaugePanel panel(telemetry);
        panel.resize(260, 260);
        panel.show();
        telemetry.setActive(true);
        allocated_ = 2 * kGib;
        allocatedPeak_ = 2 * kGib;
        reserved_ = 3 * kGib;
        script(9 * kGib, 12 * kGib, 50, 5 * kGib); // five of nine are this process's
        auto* gauge = panel.gauge();
        QTRY_COMPARE(gauge->latest().rest, 2 * kGib);
        QCOMPARE(gauge->latest().used, 2 * kGib);
        QCOMPARE(gauge->latest().cache, 1 * kGib);
        QCOMPARE(gauge->latest().others, 4 * kGib);
        QCOMPARE(gauge->latest().free(), 3 * kGib);
        QCOMPARE(gauge->latest().load, 0.5);
        const auto labels = panel.findChildren<QLabel*>();
        const auto legend = std::find_if(labels.begin(), labels.end(), [](const QLabel* l) { return l->accessibleName().contains("owner"); });
        QVERIFY(legend != labels.end());
        for (const auto* part : {"tensors", "cache", "ours,&nbsp;other", "others", "free"}) {
            QVERIFY2((*legend)->text().contains(part), qPrintable((*legend)->text()));
        }
        reserved_ = 0;
    }
    void everyStageLeavesItsPeak() {
        TelemetryController telemetry(backend_);
        GaugePanel panel(telemetry);
        panel.show();
        telemetry.setActive(true);
        allocated_ = kGib;
        allocatedPeak_ = kGib;
        backend_->sampler.beginStage("segment");
        QTRY_VERIFY(backend_->sampler.latest().allocatorBytes == kGib);
        QTest::qWait(250); // two samples of the stage at least
        backend_->sampler.endStage();
        allocated_ = 3 * kGib;
        allocatedPeak_ = 3 * kGib;
        QTRY_VERIFY(backend_->sampler.latest().allocatorBytes == 3 * kGib);
        backend_->sampler.beginStage("reconstruct");
        QTest::qWait(250);
        backend_->sampler.endStage();
        QTRY_COMPARE(panel.gauge()->stagePeaks().size(), 2);
        QCOMPARE(panel.gauge()->stagePeaks()[0].bytes, kGib);
        QCOMPARE(panel.gauge()->stagePeaks()[1].bytes, 3 * kGib);
        QVERIFY(panel.gauge()->toolTip().contains("3.0 GiB"));
    }
    void withoutADriverTheProcessIsShown() {
        QFile::remove(qEnvironmentVariable("BODY4D_FAKE_NVML"));
        const auto backend =
            std::make_shared<MeasuringBackend>(); // no allocator, and the library answers nothing
        TelemetryController telemetry(backend);
        GaugePanel panel(telemetry);
        panel.show();
        telemetry.setActive(true);
        QTRY_VERIFY(panel.gauge()->latest().used > 0);
        QTRY_COMPARE(panel.gauge()->latest().total, backend->sampler.latest().systemTotalBytes);
    }
};

int main(int argc, char** argv) {
    // The loader looks for libnvidia-ml.so.1 where this variable pointed when the process began.
    const QByteArray folder = BODY4D_FAKE_NVML_DIR;
    if (!qgetenv("LD_LIBRARY_PATH").split(':').contains(folder)) {
        qputenv("LD_LIBRARY_PATH", folder + ':' + qgetenv("LD_LIBRARY_PATH"));
        ::execv("/proc/self/exe", argv);
        return 1;
    }
    return body4d::ui::test::runGuiTest<GaugeTest>(argc, argv);
}
#include "gauge_test.moc"
