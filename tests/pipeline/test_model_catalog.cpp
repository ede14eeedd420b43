// The catalogue, strict checks of local files, and downloads from a server on the loopback interface.
#include "loopback_server.h"

#include "base/checkpoint.h"
#include "base/error.h"
#include "base/files.h"
#include "base/safetensors.h"
#include "pipeline/model_catalog.h"

#include <QTemporaryDir>
#include <QtTest>

#include <fstream>
#include <random>
#include <set>

using namespace body4d;
namespace fs = std::filesystem;

namespace {

std::string someBytes(std::size_t count) {
    std::mt19937 random(3);
    std::string out(count, '\0');
    for (char& c : out) {
        c = static_cast<char>(random());
    }
    return out;
}

std::string hashOf(const std::string& text) {
    return sha256(std::as_bytes(std::span(text)));
}

/// An error of ours that `fn` throws, as one text.
template <typename Fn>
QString errorOf(Fn&& fn, ErrorCode* code = nullptr) {
    try {
        fn();
    } catch (const Error& e) {
        if (code != nullptr) {
            *code = e.code();
        }
        return QString::fromStdString(std::string(e.what()) + "\n" + e.remedy() + "\n" + e.detail());
    }
    return {};
}

/// A file with every tensor of a manifest, sparse on disk: its values are all zero.
void writeLike(const Manifest& manifest, const fs::path& path) {
    std::string header = "{";
    std::uint64_t at = 0;
    for (const auto& [name, entry] : manifest.tensors) {
        std::uint64_t size = byteSize(entry.dtype);
        std::string shape;
        for (const auto d : entry.shape) {
            size *= static_cast<std::uint64_t>(d);
            shape += (shape.empty() ? "" : ",") + std::to_string(d);
        }
        header += (at > 0 || header.size() > 1 ? ",\"" : "\"") + name + "\":{\"dtype\":\"" +
                  dtypeName(entry.dtype) + "\",\"shape\":[" + shape + "],\"data_offsets\":[" +
                  std::to_string(at) + "," + std::to_string(at + size) + "]}";
        at += size;
    }
    header += "}";
    const std::uint64_t length = header.size();
    std::string head(reinterpret_cast<const char*>(&length), 8);
    head += header;
    writeFileAtomically(path, std::string_view(head));
    fs::resize_file(path, head.size() + at);
}

} // namespace

class ModelCatalogTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyEntryIsWhole();
    void manifestsHoldThePublishedTotals();
    void presenceIsTold();
    void officialFilesAreRecognised();
    void theHubsNamesGoToTheirPlaces();
    void otherFilesAreRefusedByName();
    void addedFilesLieWhereTheEngineLooks();
    void downloadsArriveWhole();
    void nothingWithoutTheLicence();
    void lostConnectionsGoOn();
    void partsOfAnotherVersionAreNotContinued();
    void serversWithoutRangesWork();
    void damagedDownloadsAreRefused();
    void theHubsOwnHashCounts();
    void gatesAreExplained();
    void tokensStayWithTheirHost();
    void wrongTensorsAreRefused();
    void cancelKeepsThePart();
    void twoAtOnceAreRefused();
    void goneFilesAndDeadServersAreTold();

private:
    QTemporaryDir dir_;
    fs::path folder(const char* name) const { return fs::path(dir_.path().toStdString()) / name; }
    static ModelEntry entry(const std::string& url, const std::string& content = {}) {
        ModelEntry e;
        e.name = "sample";
        e.title = "Sample";
        e.licence = "a licence";
        e.source = "http://example.org/sample";
        e.files = {{"sub/sample.bin",
                    url,
                    static_cast<std::int64_t>(content.size()),
                    content.empty() ? std::string() : hashOf(content),
                    {}}};
        return e;
    }
    static DownloadRequest accepted(const std::string& token = {}) { return {token, true, {}}; }
};

void ModelCatalogTest::everyEntryIsWhole() {
    const auto all = modelCatalog(folder("none"));
    QVERIFY(all.size() > 10);
    std::set<std::string> names;
    for (const auto& e : all) {
        QVERIFY2(names.insert(e.name).second, e.name.c_str());
        QVERIFY(!e.stage.empty() && !e.title.empty() && !e.licence.empty() && !e.source.empty());
        QVERIFY2(e.present == e.files.empty(), e.name.c_str());
        QVERIFY(e.present || !e.missing.empty());
        for (const auto& file : e.files) {
            QVERIFY(file.path.is_relative() && file.sha256.size() % 64 == 0);
            QVERIFY(file.url.empty() || file.url.starts_with("https://"));
            QVERIFY(file.manifest.empty() || !officialManifest(file.manifest).tensors.empty());
        }
    }
}

void ModelCatalogTest::manifestsHoldThePublishedTotals() {
    const auto total = [](const char* name) {
        const auto m = officialManifest(name);
        return std::pair<std::size_t, std::int64_t>(m.tensors.size(), m.parameters());
    };
    QVERIFY(total("sam3") == (std::pair<std::size_t, std::int64_t>(714, 464'930'690)));
    QCOMPARE(total("sam3_transformers").second,
             std::int64_t(464'930'690 - 1024)); // without the class token's row
    QCOMPARE(total("edgetam_transformers").second, total("edgetam").second);
    QVERIFY(total("sam3d_body") ==
            (std::pair<std::size_t, std::int64_t>(1127, 840'755'216 + 112'333'138 + 221'642)));
    QVERIFY(total("moge2") == (std::pair<std::size_t, std::int64_t>(521, 330'901'544 + 6)));
    QCOMPARE(total("depth_anything2").second / 100'000, std::int64_t(3353));
    QVERIFY(total("da3_small") == (std::pair<std::size_t, std::int64_t>(437, 34'299'463)));
    QVERIFY(total("da3nested_giant_large") == (std::pair<std::size_t, std::int64_t>(1377, 1'689'845'519)));
    QVERIFY(total("vggt_1b") == (std::pair<std::size_t, std::int64_t>(1797, 1'256'537'516)));
}

void ModelCatalogTest::presenceIsTold() {
    const auto here = folder("models");
    const auto find = [&](const std::string& name) {
        const auto all = modelCatalog(here);
        return *std::find_if(all.begin(), all.end(), [&](const ModelEntry& e) { return e.name == name; });
    };
    QVERIFY(!find("anny").present);
    QVERIFY(find("anny").missing.find("anny.safetensors") != std::string::npos);
    writeFileAtomically(here / "anny.safetensors", std::string_view("x"));
    QVERIFY(find("anny").present);
}

void ModelCatalogTest::officialFilesAreRecognised() {
    const auto file = folder("downloaded as something.safetensors");
    for (const auto& name : officialManifestNames()) {
        if (name == "sam3d_body") {
            continue; // its hash is published, so tensors alone do not make it official
        }
        writeLike(officialManifest(name), file);
        // Two models of Depth Anything 3 have equal tensors: there a person has to say which it is.
        const bool twins = name == "da3metric_large";
        const auto match = checkModelFile(file, twins ? "da3mono-large" : "");
        QCOMPARE(match.file.manifest, name);
        if (twins) {
            QCOMPARE(match.file.path, fs::path("da3mono-large/model.safetensors"));
            const auto said = errorOf([&] { (void)checkModelFile(file); });
            QVERIFY2(said.contains("da3metric-large, da3mono-large") && said.contains("--as"),
                     qPrintable(said));
        }
        fs::remove(file);
    }
}

void ModelCatalogTest::theHubsNamesGoToTheirPlaces() {
    // As a hub names files: every model's is model.safetensors, and large ones are an index of shards.
    const auto models = folder("of the hub"), downloads = folder("downloads");
    const auto file = downloads / "model.safetensors";
    for (const auto& [manifest, place] : {std::pair("edgetam_transformers", "edgetam.safetensors"),
                                          {"edgetam", "edgetam.pt"},
                                          {"da3_small", "da3-small/model.safetensors"}}) {
        writeLike(officialManifest(manifest), file);
        QCOMPARE(addModel(file, models), models / place);
        fs::remove(file);
    }
    const auto all = modelCatalog(models);
    const auto edgetam =
        std::find_if(all.begin(), all.end(), [](const ModelEntry& e) { return e.name == "edgetam"; });
    QVERIFY(edgetam->missing.find("edgetam.pt") == std::string::npos);
    fs::remove(models / "edgetam.pt"); // the other form does as well
    const auto again = modelCatalog(models);
    QVERIFY(std::find_if(again.begin(), again.end(), [](const ModelEntry& e) {
                return e.name == "edgetam";
            })->missing.find("edgetam.pt") == std::string::npos);

    Manifest first, second;
    std::string index;
    for (const auto& [name, entry] : officialManifest("da3_base").tensors) {
        const bool even = first.tensors.size() <= second.tensors.size();
        (even ? first : second).tensors.emplace(name, entry);
        index += (index.empty() ? "\"" : ",\"") + name + "\":\"model-0000" + (even ? "1" : "2") +
                 "-of-00002.safetensors\"";
    }
    writeLike(first, downloads / "model-00001-of-00002.safetensors");
    writeLike(second, downloads / "model-00002-of-00002.safetensors");
    const auto list = downloads / "model.safetensors.index.json";
    writeFileAtomically(list, std::string_view("{\"weight_map\":{" + index + "}}"));
    const auto place = addModel(list, models);
    QCOMPARE(place, models / "da3-base/model.safetensors");
    QVERIFY(differences(officialManifest("da3_base"), Manifest::of(Checkpoint::open(place))).empty());
}

void ModelCatalogTest::otherFilesAreRefusedByName() {
    auto manifest = officialManifest("depth_anything2");
    manifest.tensors.erase("depth_head.scratch.output_conv1.bias");
    manifest.tensors["pretrained.norm.weight"].shape = {768};
    manifest.tensors["surprise"] = {DType::F32, {1}};
    const auto file = folder("odd.safetensors");
    writeLike(manifest, file);
    ErrorCode code{};
    const auto said = errorOf([&] { (void)checkModelFile(file); }, &code);
    QVERIFY(code == ErrorCode::Input);
    QVERIFY2(said.contains("depth_anything2") &&
                 said.contains("missing depth_head.scratch.output_conv1.bias") &&
                 said.contains("pretrained.norm.weight is F32 [768] instead of F32 [1024]") &&
                 said.contains("surplus surprise"),
             qPrintable(said));
    writeFileAtomically(folder("text.pt"), std::string_view("not a model at all"));
    QVERIFY(errorOf([&] { (void)checkModelFile(folder("text.pt")); }).contains("no file of a model"));
    QVERIFY(errorOf([&] { (void)checkModelFile(folder("text.pt"), "moge2"); }).contains("safetensors"));
    QVERIFY(errorOf([&] {
                (void)checkModelFile(folder("text.pt"), "mogge");
            }).contains("moge2")); // what there is
    QVERIFY(errorOf([&] { (void)checkModelFile(folder("absent.pt")); }).contains("absent.pt"));
    // By its name it is EdgeTAM's: then what is wrong with it is told, and not that nobody knows it.
    fs::create_directories(folder("cut"));
    writeFileAtomically(folder("cut") / "edgetam.pt", std::string_view("PK\3\4 and then the download broke off"));
    const auto cut = errorOf([&] { (void)checkModelFile(folder("cut") / "edgetam.pt"); });
    QVERIFY2(cut.contains("edgetam.pt is not a sound checkpoint"), qPrintable(cut));
}

void ModelCatalogTest::addedFilesLieWhereTheEngineLooks() {
    const auto original = fs::path(qgetenv("BODY4D_MODELS").toStdString()) / "pose_detection.tflite";
    if (!fs::exists(original)) {
        QSKIP("The pose networks are not here; packaging/setup.sh puts them in place.");
    }
    const auto file = folder("under another name.bin"), models = folder("added");
    fs::copy_file(original, file);
    fs::permissions(file, fs::perms::owner_all);
    const auto place = addModel(file, models);
    QCOMPARE(place, models / "pose_detection.tflite");
    QVERIFY(readFile(place) == readFile(original));
    QVERIFY(fs::exists(file));
    QCOMPARE(addModel(place, models), place); // it is there already
    std::ofstream(file, std::ios::in | std::ios::out | std::ios::binary).seekp(99).put('!');
    ErrorCode code{};
    QVERIFY(errorOf([&] { (void)addModel(file, models, "blazepose"); }, &code).contains("SHA-256"));
    QVERIFY(code == ErrorCode::Input);
}

void ModelCatalogTest::downloadsArriveWhole() {
    LoopbackServer server;
    QVERIFY(server.good());
    const auto content = someBytes(300'000), models = std::string();
    server.put("/sample.bin", {content});
    std::int64_t told = 0;
    auto request = accepted();
    request.progress = [&](const Progress& p) { told += p.total >= 0 ? 1 : 0; };
    const auto files = downloadModel(entry(server.url("/sample.bin"), content), request, folder("got"), {});
    QCOMPARE(files, (std::vector<fs::path>{folder("got") / "sub" / "sample.bin"}));
    QCOMPARE(readTextFile(files[0]), content);
    QVERIFY(told > 0);
    QVERIFY(!fs::exists(files[0].string() + ".part") && !fs::exists(files[0].string() + ".part.etag"));
    // A second call asks nobody.
    const auto asked = server.requests().size();
    QVERIFY(downloadModel(entry(server.url("/sample.bin"), content), accepted(), folder("got"), {}).empty());
    QCOMPARE(server.requests().size(), asked);
}

void ModelCatalogTest::nothingWithoutTheLicence() {
    LoopbackServer server;
    server.put("/sample.bin", {"x"});
    ErrorCode code{};
    QVERIFY(errorOf([&] { (void)downloadModel(entry(server.url("/sample.bin")), {}, folder("refused"), {}); },
                    &code)
                .contains("a licence"));
    QVERIFY(code == ErrorCode::Usage);
    QVERIFY(server.requests().empty());
    QVERIFY(!fs::exists(folder("refused")));
}

void ModelCatalogTest::lostConnectionsGoOn() {
    LoopbackServer server;
    const auto content = someBytes(200'000);
    LoopbackServer::File file{content};
    file.dropAfter = 60'000;
    file.drops = 2;
    server.put("/sample.bin", file);
    const auto files =
        downloadModel(entry(server.url("/sample.bin"), content), accepted(), folder("lost"), {});
    QCOMPARE(readTextFile(files.at(0)), content);
    const auto requests = server.requests();
    QCOMPARE(requests.size(), std::size_t(3));
    QCOMPARE(requests[1].range, std::string("bytes=60000-"));
    QCOMPARE(requests[2].range, std::string("bytes=120000-"));
}

void ModelCatalogTest::partsOfAnotherVersionAreNotContinued() {
    LoopbackServer server;
    const auto before = someBytes(100'000);
    auto after = before;
    std::reverse(after.begin(), after.end());
    LoopbackServer::File file{before};
    file.dropAfter = 50'000;
    file.drops = 100;
    server.put("/sample.bin", file);
    QVERIFY(errorOf([&] {
                (void)downloadModel(entry(server.url("/sample.bin")), accepted(), folder("versions"), {});
            }).contains("lost") ||
            fs::exists(folder("versions") / "sub" / "sample.bin"));
    fs::remove(folder("versions") / "sub" / "sample.bin");
    writeFileAtomically(folder("versions") / "sub" / "sample.bin.part",
                        std::string_view(before).substr(0, 40'000));
    writeFileAtomically(folder("versions") / "sub" / "sample.bin.part.etag", std::string_view("\"1\"\n"));
    server.put("/sample.bin", {after, "\"2\""});
    const auto files =
        downloadModel(entry(server.url("/sample.bin"), after), accepted(), folder("versions"), {});
    QCOMPARE(readTextFile(files.at(0)), after);
}

void ModelCatalogTest::serversWithoutRangesWork() {
    LoopbackServer server;
    const auto content = someBytes(90'000);
    LoopbackServer::File file{content};
    file.ranges = false;
    file.dropAfter = 30'000;
    file.drops = 1;
    server.put("/sample.bin", file);
    QCOMPARE(
        readTextFile(
            downloadModel(entry(server.url("/sample.bin"), content), accepted(), folder("whole"), {}).at(0)),
        content);
}

void ModelCatalogTest::damagedDownloadsAreRefused() {
    LoopbackServer server;
    const auto content = someBytes(50'000);
    auto damaged = content;
    damaged[777] = static_cast<char>(damaged[777] + 1);
    server.put("/sample.bin", {damaged});
    const auto said = errorOf([&] {
        (void)downloadModel(entry(server.url("/sample.bin"), content), accepted(), folder("damaged"), {});
    });
    QVERIFY2(said.contains("SHA-256"), qPrintable(said));
    QVERIFY(!fs::exists(folder("damaged") / "sub" / "sample.bin"));
    QVERIFY(!fs::exists(folder("damaged") / "sub" / "sample.bin.part")); // the next try begins anew
    server.put("/sample.bin", {content + "and more"});
    QVERIFY(errorOf([&] {
                (void)downloadModel(entry(server.url("/sample.bin"), content), accepted(), folder("damaged"),
                                    {});
            }).contains("bytes instead of 50000"));
    server.put("/sample.bin", {content});
    QCOMPARE(
        downloadModel(entry(server.url("/sample.bin"), content), accepted(), folder("damaged"), {}).size(),
        std::size_t(1));
}

void ModelCatalogTest::theHubsOwnHashCounts() {
    // The hub tells size and hash of a large file before it sends one on to its store.
    LoopbackServer server;
    const auto content = someBytes(20'000);
    LoopbackServer::File hub;
    hub.redirect = server.url("/store");
    hub.extraHeaders = "X-Linked-Size: 20000\r\nX-Linked-Etag: \"" + hashOf(content) + "\"\r\n";
    server.put("/sample.bin", hub);
    server.put("/store", {someBytes(19'999) + "!"});
    QVERIFY(errorOf([&] {
                (void)downloadModel(entry(server.url("/sample.bin")), accepted(), folder("hub"), {});
            }).contains("SHA-256"));
    server.put("/store", {content});
    QCOMPARE(
        readTextFile(downloadModel(entry(server.url("/sample.bin")), accepted(), folder("hub"), {}).at(0)),
        content);
}

void ModelCatalogTest::gatesAreExplained() {
    LoopbackServer server;
    LoopbackServer::File file{"secret weights"};
    file.token = "right";
    server.put("/sample.bin", file);
    auto gated = entry(server.url("/sample.bin"));
    gated.gate = "Ask for access first.";
    ErrorCode code{};
    const auto closed = errorOf([&] { (void)downloadModel(gated, accepted(), folder("gate"), {}); }, &code);
    QVERIFY(code == ErrorCode::MissingModel);
    QVERIFY2(closed.contains("Ask for access first.") && closed.contains("example.org"), qPrintable(closed));
    QVERIFY(errorOf([&] {
                (void)downloadModel(gated, accepted("wrong"), folder("gate"), {});
            }).contains("token"));
    QCOMPARE(readTextFile(downloadModel(gated, accepted("right"), folder("gate"), {}).at(0)),
             std::string("secret weights"));
}

void ModelCatalogTest::tokensStayWithTheirHost() {
    LoopbackServer hub, store; // another port is another host
    store.put("/blob", {"content"});
    LoopbackServer::File file;
    file.redirect = store.url("/blob");
    file.token = "mine";
    hub.put("/sample.bin", file);
    QCOMPARE(downloadModel(entry(hub.url("/sample.bin")), accepted("mine"), folder("token"), {}).size(),
             std::size_t(1));
    QCOMPARE(hub.requests().at(0).authorization, std::string("Bearer mine"));
    QCOMPARE(store.requests().at(0).authorization, std::string());
}

void ModelCatalogTest::wrongTensorsAreRefused() {
    LoopbackServer server;
    SafetensorsWriter writer;
    writer.add("something", std::vector<float>{1, 2}, {2});
    writer.write(folder("other.safetensors"));
    server.put("/sample.bin", {readTextFile(folder("other.safetensors"))});
    auto checked = entry(server.url("/sample.bin"));
    checked.files[0].manifest = "moge2";
    const auto said = errorOf([&] { (void)downloadModel(checked, accepted(), folder("tensors"), {}); });
    QVERIFY2(said.contains("surplus something") && said.contains("missing encoder.backbone.cls_token"),
             qPrintable(said));
    QVERIFY(!fs::exists(folder("tensors") / "sub" / "sample.bin"));
}

void ModelCatalogTest::cancelKeepsThePart() {
    LoopbackServer server;
    const auto content = someBytes(80'000);
    LoopbackServer::File file{content};
    file.dropAfter = 40'000;
    file.drops = 1;
    server.put("/sample.bin", file);
    std::stop_source stop;
    auto request = accepted();
    request.progress = [&](const Progress&) { stop.request_stop(); };
    QVERIFY_EXCEPTION_THROWN((void)downloadModel(entry(server.url("/sample.bin"), content), request,
                                                 folder("cancel"), stop.get_token()),
                             Cancelled);
    const auto part = folder("cancel") / "sub" / "sample.bin.part";
    QVERIFY(fs::exists(part) && !fs::exists(folder("cancel") / "sub" / "sample.bin"));
    QCOMPARE(
        readTextFile(
            downloadModel(entry(server.url("/sample.bin"), content), accepted(), folder("cancel"), {}).at(0)),
        content);
}

void ModelCatalogTest::twoAtOnceAreRefused() {
    LoopbackServer server;
    server.put("/sample.bin", {someBytes(5'000)});
    auto request = accepted();
    QString inner;
    request.progress = [&](const Progress&) {
        if (inner.isEmpty()) {
            inner = errorOf([&] {
                (void)downloadModel(entry(server.url("/sample.bin")), accepted(), folder("twice"), {});
            });
        }
    };
    QCOMPARE(downloadModel(entry(server.url("/sample.bin")), request, folder("twice"), {}).size(),
             std::size_t(1));
    QVERIFY2(inner.contains("Another process"), qPrintable(inner));
}

void ModelCatalogTest::goneFilesAndDeadServersAreTold() {
    LoopbackServer server;
    ErrorCode code{};
    QVERIFY(
        errorOf([&] { (void)downloadModel(entry(server.url("/nothing")), accepted(), folder("gone"), {}); },
                &code)
            .contains("404"));
    QVERIFY(code == ErrorCode::MissingModel);
    LoopbackServer::File broken;
    broken.status = 503;
    server.put("/sample.bin", broken);
    QVERIFY(errorOf([&] {
                (void)downloadModel(entry(server.url("/sample.bin")), accepted(), folder("gone"), {});
            }).contains("later"));
    QCOMPARE(server.requests().size(), std::size_t(1 + 4)); // it was tried again
    QVERIFY(errorOf([&] {
                (void)downloadModel(entry("file:///etc/hostname"), accepted(), folder("gone"), {});
            }).contains("cannot be downloaded"));
}

QTEST_APPLESS_MAIN(ModelCatalogTest)
#include "test_model_catalog.moc"
