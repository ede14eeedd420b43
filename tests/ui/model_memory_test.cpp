// The real backend lets go of what it loaded, and loads it again.
#include "core_backend.h"

#include <QtTest>

using namespace body4d;

class ModelMemoryTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whatIsUnloadedIsGoneAndComesBack() {
        if (!std::filesystem::exists(Engines::modelsFolder() / "anny.safetensors")) {
            QSKIP("the embedded model data is missing: bash packaging/setup.sh");
        }
        CoreBackend backend;
        const auto picture = std::make_shared<const Image>(320, 240);
        QVERIFY(backend.findPeople(picture, Options(), {}).empty());
        std::weak_ptr<const BodyModel> body = backend.bodyModel("anny");
        QVERIFY(!body.expired());
        const auto freed = backend.unloadModels();
        QVERIFY(body.expired());
        QVERIFY2(freed > (std::int64_t{1} << 20), qPrintable(QString::number(freed)));
        qInfo("%lld MiB given back", static_cast<long long>(freed >> 20));
        QVERIFY(backend.findPeople(picture, Options(), {}).empty()); // loaded again
        const auto held = backend.bodyModel("anny");
        body = held;
        (void)backend.unloadModels();
        QVERIFY(!body.expired()); // somebody works with it
        backend.warmUp();
        (void)backend.unloadModels(); // waits for what is being loaded
    }

    void networksOfTestsComeBackToo() {
        int prepared = 0;
        CoreBackend backend([&](Engines&) { ++prepared; });
        backend.warmUp();
        (void)backend.unloadModels();
        backend.warmUp();
        QCOMPARE(prepared, 2);
    }
};

QTEST_GUILESS_MAIN(ModelMemoryTest)
#include "model_memory_test.moc"
