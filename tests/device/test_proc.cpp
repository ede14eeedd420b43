#include "device/proc.h"

#include <QTemporaryDir>
#include <QtTest>

#include <filesystem>
#include <fstream>

using namespace body4d::detail;
namespace fs = std::filesystem;

/// Limits of control groups, in a made-up hierarchy.
class ProcTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir folder_;
    fs::path root_;

    void write(const fs::path& file, const char* text) const {
        fs::create_directories((root_ / file).parent_path());
        std::ofstream(root_ / file) << text << '\n';
    }
    GroupMemory measured() const { return groupMemory(root_ / "membership", root_ / "mount"); }

private Q_SLOTS:
    void init() {
        root_ = fs::path(folder_.path().toStdString()) / QTest::currentTestFunction();
        fs::create_directories(root_ / "mount/user.slice/app.slice");
    }

    void theTightestGroupCounts() {
        write("membership", "0::/user.slice/app.slice");
        write("mount/user.slice/app.slice/memory.max", "max");
        write("mount/user.slice/memory.max", "3000000");
        write("mount/user.slice/memory.current", "1000000");
        write("mount/memory.max", "9000000");
        QCOMPARE(measured().limitBytes, 3000000);
        QCOMPARE(measured().usedBytes, 1000000);
        write("mount/user.slice/app.slice/memory.max", "2000000");
        QCOMPARE(measured().limitBytes, 2000000);
        QCOMPARE(measured().usedBytes, 0);
    }

    void aContainersOwnGroupIsTheMount() {
        write("membership", "0::/");
        write("mount/memory.max", "5000000");
        write("mount/memory.current", "4000000");
        QCOMPARE(measured().limitBytes, 5000000);
        QCOMPARE(measured().usedBytes, 4000000);
    }

    void noLimitIsNone() {
        QCOMPARE(measured().limitBytes, 0); // no membership, no files
        write("membership", "12:cpu:/x\n0::/user.slice");
        write("mount/user.slice/memory.max", "max");
        QCOMPARE(measured().limitBytes, 0);
    }
};

QTEST_GUILESS_MAIN(ProcTest)
#include "test_proc.moc"
