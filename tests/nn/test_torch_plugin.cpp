#include "nn/torch_plugin.h"

#include <QtTest>

#include <cmath>
#include <new>
#include <thread>

using namespace body4d;

class TorchPluginTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void loadsWhereItWasBuilt();
    void batchesDoNotChangeResults();
    void errorsArriveAsStandardExceptions();
    void theGpuAgreesWithTheCpu();
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

void TorchPluginTest::batchesDoNotChangeResults() {
    if (torchPlugin().plugin == nullptr) {
        QSKIP("built without LibTorch (packaging/setup.sh --torch on)");
    }
    const auto three = torchPlugin().plugin->probe(-1, 3, 32);
    const auto one = torchPlugin().plugin->probe(-1, 1, 32);
    QCOMPARE(three.size(), std::size_t(3));
    QVERIFY(std::isfinite(one[0]) && one[0] > 0);
    QVERIFY(std::abs(three[0] - one[0]) <= 1e-5F * one[0]);
    QVERIFY(three[1] != three[0]); // the pictures differ, so a constant would be a lie
}

void TorchPluginTest::errorsArriveAsStandardExceptions() {
    if (torchPlugin().plugin == nullptr) {
        QSKIP("built without LibTorch (packaging/setup.sh --torch on)");
    }
    try {
        (void)torchPlugin().plugin->probe(-1, 1, -5);
        QFAIL("no error");
    } catch (const std::runtime_error& e) {
        QVERIFY(!QString(e.what()).contains("frame #")); // no backtrace in front of people
    }
}

void TorchPluginTest::theGpuAgreesWithTheCpu() {
    if (torchPlugin().plugin == nullptr || torchPlugin().plugin->devices().empty()) {
        QSKIP("needs LibTorch and an NVIDIA GPU");
    }
    auto& plugin = *torchPlugin().plugin;
    const auto cpu = plugin.probe(-1, 4, 64), gpu = plugin.probe(0, 4, 64);
    for (std::size_t i = 0; i < cpu.size(); ++i) {
        QVERIFY(std::abs(cpu[i] - gpu[i]) <= 1e-3F * std::abs(cpu[i]));
    }
    QVERIFY(plugin.allocator(0).peak > 0);
}

QTEST_APPLESS_MAIN(TorchPluginTest)
#include "test_torch_plugin.moc"
