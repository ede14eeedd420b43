#include <QtTest>

#include <thread>

#include "nn/torch_plugin.h"

using namespace body4d;

class TorchPluginTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void askingForTheLoadedOneLoadsNothing();
    void loadsWhereItWasBuilt();
    void memoryOfTheDevicesIsTold();
};

void TorchPluginTest::loadsWhereItWasBuilt() {
    const TorchPluginStatus* status = nullptr;
    std::jthread([&] { status = &torchPlugin(); }).join(); // as the program does: on a worker
#ifdef BODY4D_WITH_TORCH
    QVERIFY2(status->plugin != nullptr, status->reason.c_str());
    QVERIFY(QString::fromStdString(status->plugin->version()).startsWith("2."));
#else
    QVERIFY(status->plugin == nullptr);
    QVERIFY(!status->reason.empty());
    QVERIFY(!status->remedy.empty());
#endif
}

void TorchPluginTest::askingForTheLoadedOneLoadsNothing() {
    QVERIFY(loadedTorchPlugin() == nullptr); // runs first
}

void TorchPluginTest::memoryOfTheDevicesIsTold() {
    if (torchPlugin().plugin == nullptr) {
        QSKIP("built without LibTorch (packaging/setup.sh --torch on)");
    }
    auto& plugin = *torchPlugin().plugin;
    QCOMPARE(loadedTorchPlugin(), &plugin);
    QCOMPARE(plugin.allocator(-1).current, std::int64_t(0));
    plugin.resetPeak(-1);
    plugin.emptyCache();
    for (const auto& device : plugin.devices()) {
        QVERIFY(!device.name.empty() && device.totalBytes > 0 && device.freeBytes <= device.totalBytes);
    }
}

QTEST_APPLESS_MAIN(TorchPluginTest)
#include "test_torch_plugin.moc"
