#include "device/telemetry.h"

#include <QtTest>

#include <algorithm>
#include <vector>

using namespace body4d;

class TelemetryTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void describesThisMachine() {
        const auto device = describeDevice();
        QVERIFY(!device.cpu.empty());
        QVERIFY(device.cores >= 1);
        QVERIFY(device.memoryBytes > (std::int64_t{64} << 20));
    }

    void samplesKeepComing() {
        Telemetry telemetry;
        QTRY_VERIFY(telemetry.history(60).size() >= 3);
        const auto history = telemetry.history(60);
        QVERIFY(std::is_sorted(history.begin(), history.end(),
                               [](const auto& a, const auto& b) { return a.seconds < b.seconds; }));
        const auto latest = telemetry.latest();
        QVERIFY(latest.processBytes > 0);
        QVERIFY(latest.systemTotalBytes >= latest.systemAvailableBytes);
        QVERIFY(latest.systemAvailableBytes > 0);
    }

    void peakOfAStageIsSeenEvenWhenShort() {
        Telemetry telemetry;
        telemetry.beginStage("small");
        telemetry.endStage();
        telemetry.beginStage("large");
        {
            // Freed long before ten samples a second would notice it for sure.
            std::vector<char> block(std::size_t{200} << 20, 1);
            QVERIFY(block[12345] == 1);
        }
        telemetry.endStage();
        const auto peaks = telemetry.stagePeaks();
        QCOMPARE(peaks.size(), std::size_t{2});
        QCOMPARE(peaks[1].stage, std::string("large"));
        QVERIFY(peaks[1].processPeakBytes - peaks[0].processPeakBytes > (std::int64_t{150} << 20));
    }

    void aStageThatComesAgainAddsUp() {
        Telemetry telemetry;
        for (int i = 0; i < 3; ++i) {
            telemetry.beginStage("again");
            telemetry.endStage();
        }
        QCOMPARE(telemetry.stagePeaks().size(), std::size_t{1});
    }

    void allocatorProbeIsAsked() {
        Telemetry telemetry;
        telemetry.setAllocatorProbe([] { return AllocatorUse{111, 222, 333}; });
        QTRY_VERIFY(telemetry.latest().allocatorBytes.has_value());
        QCOMPARE(*telemetry.latest().allocatorBytes, std::int64_t{111});
        QCOMPARE(*telemetry.latest().allocatorPeakBytes, std::int64_t{222});
        QCOMPARE(*telemetry.latest().allocatorReservedBytes, std::int64_t{333});
    }
};

QTEST_GUILESS_MAIN(TelemetryTest)
#include "test_telemetry.moc"
