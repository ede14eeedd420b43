#include "pipeline/cost_history.h"

#include "base/files.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace body4d;

class CostHistoryTest : public QObject {
    Q_OBJECT
    QTemporaryDir dir_;
    [[nodiscard]] std::filesystem::path file() const { return std::filesystem::path(dir_.path().toStdString()) / "below" / "costs.json"; }

private Q_SLOTS:
    void whatWasMeasuredIsFoundAgain() {
        CostHistory history;
        history.record("segment", "blazepose", 10, 500, 300 << 20);
        history.save(file());
        const auto read = CostHistory::load(file());
        const auto cost = read.find("segment", "blazepose");
        QVERIFY(cost);
        QCOMPARE(cost->secondsPerItem, 0.02);
        QCOMPARE(cost->peakBytes, std::int64_t{300} << 20);
        QVERIFY(!read.find("segment", "sam3")); // another engine costs something else
    }
    void newerRunsWeighMore() {
        CostHistory history;
        history.record("segment", "blazepose", 10, 100, 100);
        history.record("segment", "blazepose", 30, 100, 200);
        const auto cost = history.find("segment", "blazepose");
        QCOMPARE(cost->runs, 2);
        QVERIFY(cost->secondsPerItem > 0.15 && cost->secondsPerItem < 0.25);
    }
    void shortRunsSayNothing() {
        CostHistory history;
        history.record("segment", "blazepose", 10, 3, 100); // loading the networks, not tracking
        QVERIFY(!history.find("segment", "blazepose"));
    }
    void damagedFilesAreAnEmptyHistory() {
        std::filesystem::create_directories(file().parent_path());
        writeFileAtomically(file(), std::string_view("{\"stages\": {\"segment/blazepose\": 7}"));
        QVERIFY(!CostHistory::load(file()).find("segment", "blazepose"));
        QVERIFY(!CostHistory::load({}).find("segment", "blazepose"));
    }
};

QTEST_GUILESS_MAIN(CostHistoryTest)
#include "test_cost_history.moc"
