// A server of scenes on this machine, asked as a client asks it.
#include "base/error.h"
#include "base/files.h"
#include "pipeline/scene_client.h"
#include "pipeline/scene_server.h"
#include "video/video_writer.h"

#include <QtTest>
#include <nlohmann/json.hpp>

#include <atomic>
#include <filesystem>
#include <httplib.h>
#include <thread>

using namespace body4d;
namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

constexpr const char* kToken = "a test's token";

/// What several estimators share with their test.
struct Gate {
    std::atomic<bool> closed{false};
    std::atomic<int> made{0}, passes{0};
    std::atomic<bool> fails{false};
};

/// Depth from the red of a picture; waits half-way while the gate is closed.
class RedEstimator final : public SceneEstimator {
public:
    explicit RedEstimator(Gate& gate) : gate_(gate) {
        ++gate.made;
        traits_.engine = "da3";
        traits_.variant = "a test's";
    }
    const SceneModelTraits& traits() const override { return traits_; }
    SceneMemory memory(int, int, int) const override { return {1000, 1000}; }
    std::vector<SceneView> estimate(const SceneRequest& request, const std::stop_token& stop,
                                    const std::function<void(double)>& progress) override {
        ++gate_.passes;
        progress(0.5);
        while (gate_.closed) {
            if (stop.stop_requested()) {
                throw Cancelled();
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
        if (gate_.fails) {
            throw Error(ErrorCode::MissingModel, "The test's model is gone.", "Bring it back.");
        }
        std::vector<SceneView> views;
        for (const auto& picture : request.pictures) {
            SceneView view;
            view.hasCamera = true;
            view.camera = {
                100, 100, picture->width / 2.0, picture->height / 2.0, picture->width, picture->height};
            view.cameraFromWorld.translation.x = 0.1 * static_cast<double>(views.size());
            for (std::size_t i = 0; i < picture->rgb.size(); i += 3) {
                view.depth.push_back(1 + 0.01F * static_cast<float>(picture->rgb[i]));
                view.confidence.push_back(1 + static_cast<float>(i % 7));
            }
            view.image = picture;
            views.push_back(std::move(view));
        }
        return views;
    }

private:
    Gate& gate_;
    SceneModelTraits traits_;
};

/// A server on a thread of its own.
class Running {
public:
    explicit Running(Gate& gate, std::size_t queue = 4) : server_(optionsOf(gate, queue)) {
        thread_ = std::jthread([this](const std::stop_token& stop) { server_.serve(stop); });
    }
    [[nodiscard]] int port() const { return server_.port(); }
    [[nodiscard]] SceneBackend backend(const std::string& token = kToken) const {
        return {"http://127.0.0.1:" + std::to_string(port()), token};
    }
    [[nodiscard]] httplib::Client client(const std::string& token = kToken) const {
        httplib::Client client("127.0.0.1", port());
        if (!token.empty()) {
            client.set_default_headers({{"Authorization", "Bearer " + token}});
        }
        return client;
    }
    static SceneServerOptions optionsOf(Gate& gate, std::size_t queue) {
        SceneServerOptions options;
        options.port = 0;
        options.token = kToken;
        options.queue = queue;
        options.makeEstimator = [&gate](const SceneSettings&) {
            return std::make_unique<RedEstimator>(gate);
        };
        return options;
    }

private:
    SceneServer server_;
    std::jthread thread_;
};

Json bodyOf(const httplib::Result& result) {
    return result ? Json::parse(result->body, nullptr, false) : Json();
}

} // namespace

class SceneServerTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void theTokenDecides();
    void badJobsAreRefused_data();
    void badJobsAreRefused();
    void progressIsTold();
    void aFullQueueSaysSo();
    void waitingAndRunningJobsAreCancelled();
    void theClientCancels();
    void theResultIsThatOfADirectRun();
    void theModelStaysInMemory();
    void failuresComeBack();
    void jobsSurviveTheWay();
    void serversThatCannotBe();
    void theServerEndsWithAJobInIt();

private:
    [[nodiscard]] SceneJob job(const char* folder) const {
        SceneJob job;
        job.input.path = pictures_;
        job.settings.processRes = 84;
        job.settings.viewChunk = 3;
        job.settings.overlap = 1;
        job.wanted.formats = {"mini_npz", "glb"};
        job.wanted.confThreshPercentile = 0;
        job.exportDir = fs::path(folder_.path().toStdString()) / folder;
        return job;
    }
    /// @returns the task's number
    static std::string submit(httplib::Client& client, const SceneJob& job) {
        const auto result = client.Post("/inference", toJson(job), "application/json");
        return result && result->status == 202 ? Json::parse(result->body)["task_id"].get<std::string>()
                                               : "refused";
    }
    static std::string statusOf(httplib::Client& client, const std::string& id) {
        return bodyOf(client.Get("/task/" + id)).value("status", "gone");
    }

    QTemporaryDir folder_;
    fs::path pictures_;
};

void SceneServerTest::initTestCase() {
    pictures_ = fs::path(folder_.path().toStdString()) / "pictures";
    fs::create_directories(pictures_);
    for (int i = 0; i < 5; ++i) {
        Image image(84, 56);
        for (std::size_t k = 0; k < image.rgb.size(); ++k) {
            image.rgb[k] = static_cast<std::uint8_t>((k * 7 + static_cast<std::size_t>(i) * 31) % 256);
        }
        writeImage(pictures_ / (std::to_string(i) + ".png"), image);
    }
}

void SceneServerTest::theTokenDecides() {
    Gate gate;
    const Running server(gate);
    for (const char* token : {"", "another token", "a test's tokem", "a test's toke"}) {
        auto client = server.client(token);
        for (const auto& result : {client.Get("/status"), client.Get("/task/1"), client.Get("/nothing"),
                                   client.Post("/inference", toJson(job("refused")), "application/json"),
                                   client.Delete("/task/1")}) {
            QVERIFY(result);
            QCOMPARE(result->status, 401);
        }
    }
    QVERIFY(!fs::exists(job("refused").exportDir));
    auto client = server.client();
    QCOMPARE(client.Get("/status")->status, 200);
    QCOMPARE(client.Get("/nothing")->status, 404);
    QVERIFY(bodyOf(client.Get("/nothing")).contains("message"));
    QCOMPARE(client.Get("/task/17")->status, 404);
    QVERIFY_EXCEPTION_THROWN((void)runSceneOn(server.backend("wrong"), job("refused"), {}, {}), Error);
}

void SceneServerTest::badJobsAreRefused_data() {
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("told");
    const auto row = [](const char* name, const char* body, const char* told) {
        QTest::newRow(name) << QByteArray(body) << QByteArray(told);
    };
    row("nothing", "", "no JSON");
    row("half", "{\"input\": \"/a", "no JSON");
    row("a list", "[1, 2]", "no JSON object");
    row("a relative input", R"({"input": "clip.mp4", "export_dir": "/x"})", "absolute");
    row("no folder", R"({"input": "/clip.mp4"})", "export_dir");
    row("a misspelt field", R"({"input": "/a", "export_dir": "/x", "proces_res": 504})", "'process_res'");
    row("a word for a number", R"({"input": "/a", "export_dir": "/x", "process_res": "504"})", "wrong type");
    row("a fraction for a number", R"({"input": "/a", "export_dir": "/x", "process_res": 504.5})",
        "wrong type");
    row("a negative count", R"({"input": "/a", "export_dir": "/x", "num_max_points": -1})", "wrong type");
    row("a number for a flag", R"({"input": "/a", "export_dir": "/x", "align": 1})", "wrong type");
    row("a list with a number", R"({"input": "/a", "export_dir": "/x", "export_formats": ["glb", 1]})",
        "wrong type");
    row("an unknown format", R"({"input": "/a", "export_dir": "/x", "export_formats": ["gbl"]})", "'glb'");
    row("an unknown kind", R"({"input": "/a", "export_dir": "/x", "kind": "film"})", "film");
}

void SceneServerTest::badJobsAreRefused() {
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, told);
    Gate gate;
    const Running server(gate);
    auto client = server.client();
    const auto result = client.Post("/inference", body.toStdString(), "application/json");
    QVERIFY(result);
    QCOMPARE(result->status, 400);
    QVERIFY2(QByteArray::fromStdString(result->body).contains(told), result->body.c_str());
    QCOMPARE(bodyOf(client.Get("/tasks"))["tasks"].size(), std::size_t{0});
    QCOMPARE(gate.made, 0);
}

void SceneServerTest::progressIsTold() {
    Gate gate;
    gate.closed = true;
    const Running server(gate);
    auto client = server.client();
    QVERIFY(!bodyOf(client.Get("/status"))["model_loaded"].get<bool>());
    const auto id = submit(client, job("progress"));
    const auto task = [&] { return bodyOf(client.Get("/task/" + id)); };
    QTRY_COMPARE(task().value("status", ""), std::string("running"));
    QTRY_VERIFY(task().value("progress", 0.0) > 0);
    const double first = task().value("progress", 0.0);
    QVERIFY(first < 0.9);
    auto status = bodyOf(client.Get("/status"));
    QVERIFY(status["model_loaded"].get<bool>() && status["running"].get<bool>());
    QCOMPARE(status["variant"].get<std::string>(), std::string("a test's"));
    gate.closed = false;
    QTRY_COMPARE(task().value("status", ""), std::string("completed"));
    QCOMPARE(task().value("progress", 0.0), 1.0);
    QCOMPARE(task()["result"]["frames"].get<int>(), 5);
    QVERIFY(fs::exists(job("progress").exportDir / "scene.glb"));
    QCOMPARE(client.Delete("/task/" + id)->status, 200); // over: forgotten
    QCOMPARE(client.Get("/task/" + id)->status, 404);
}

void SceneServerTest::aFullQueueSaysSo() {
    Gate gate;
    gate.closed = true;
    const Running server(gate, 2);
    auto client = server.client();
    const auto running = submit(client, job("q0"));
    QTRY_COMPARE(statusOf(client, running), std::string("running"));
    const auto second = submit(client, job("q1")), third = submit(client, job("q2"));
    QCOMPARE(statusOf(client, second), std::string("pending"));
    QCOMPARE(bodyOf(client.Get("/status"))["waiting"].get<int>(), 2);
    const auto refused = client.Post("/inference", toJson(job("q3")), "application/json");
    QCOMPARE(refused->status, 503);
    QVERIFY(refused->has_header("Retry-After"));
    try {
        (void)runSceneOn(server.backend(), job("q3"), {}, {});
        QFAIL("a full queue took a job");
    } catch (const Error& e) {
        QVERIFY(e.code() == ErrorCode::Busy);
    }
    gate.closed = false;
    QTRY_COMPARE(statusOf(client, third), std::string("completed"));
    QVERIFY(submit(client, job("q3")) != "refused");
}

void SceneServerTest::waitingAndRunningJobsAreCancelled() {
    Gate gate;
    gate.closed = true;
    const Running server(gate);
    auto client = server.client();
    const auto running = submit(client, job("c0")), waiting = submit(client, job("c1"));
    QTRY_COMPARE(gate.passes, 1);
    QCOMPARE(bodyOf(client.Delete("/task/" + waiting)).value("status", ""), std::string("cancelled"));
    QCOMPARE(statusOf(client, waiting), std::string("cancelled"));
    QCOMPARE(client.Delete("/task/" + running)->status, 200);
    QTRY_COMPARE(statusOf(client, running), std::string("cancelled"));
    QVERIFY(!fs::exists(job("c1").exportDir));
    gate.closed = false;
    const auto next = submit(client, job("c2")); // the server goes on
    QTRY_COMPARE(statusOf(client, next), std::string("completed"));
    QCOMPARE(gate.passes, 3); // one of the first, two of the last
}

void SceneServerTest::theClientCancels() {
    Gate gate;
    gate.closed = true;
    const Running server(gate);
    std::stop_source stop;
    SceneEvents events;
    events.progress = [&](const Progress& p) {
        if (p.done > 0) {
            stop.request_stop();
        }
    };
    QVERIFY_EXCEPTION_THROWN((void)runSceneOn(server.backend(), job("client"), events, stop.get_token()),
                             Cancelled);
    auto client = server.client();
    QCOMPARE(statusOf(client, "1"), std::string("cancelled"));
}

void SceneServerTest::theResultIsThatOfADirectRun() {
    Gate gate;
    const Running server(gate);
    const auto there = job("there"), here = job("here");
    int notices = 0;
    SceneEvents events;
    events.notice = [&](const std::string&) { ++notices; };
    const auto report = runSceneOn(server.backend(), there, events, {});
    RedEstimator estimator(gate);
    const auto direct =
        runScene(here.input, here.settings, here.wanted, here.exportDir, {}, {}, {}, &estimator);
    QCOMPARE(report.frames, direct.frames);
    QVERIFY(report.passes == direct.passes && report.notes == direct.notes);
    QCOMPARE(report.points, direct.points);
    QCOMPARE(report.files.size(), direct.files.size());
    QCOMPARE(static_cast<std::size_t>(notices), report.notes.size());
    for (const char* name : {"scene.glb", "exports/mini_npz/results.npz"}) {
        QVERIFY2(readFile(there.exportDir / name) == readFile(here.exportDir / name), name);
    }
}

void SceneServerTest::theModelStaysInMemory() {
    Gate gate;
    const Running server(gate);
    (void)runSceneOn(server.backend(), job("m0"), {}, {});
    (void)runSceneOn(server.backend(), job("m1"), {}, {});
    QCOMPARE(gate.made, 1);
    auto other = job("m2");
    other.settings.modelDir = "/models/another";
    (void)runSceneOn(server.backend(), other, {}, {});
    QCOMPARE(gate.made, 2);
    auto client = server.client();
    QCOMPARE(bodyOf(client.Get("/status"))["model_dir"].get<std::string>(), std::string("/models/another"));
}

void SceneServerTest::failuresComeBack() {
    Gate gate;
    gate.fails = true;
    const Running server(gate);
    try {
        (void)runSceneOn(server.backend(), job("fails"), {}, {});
        QFAIL("a failure was lost");
    } catch (const Error& e) {
        QVERIFY(e.code() == ErrorCode::MissingModel);
        QCOMPARE(std::string(e.what()), std::string("The test's model is gone."));
        QCOMPARE(e.remedy(), std::string("Bring it back."));
    }
    gate.fails = false;
    (void)runSceneOn(server.backend(), job("fails"), {}, {});
    auto nowhere = job("nowhere");
    nowhere.input.path = "/no/such/clip.mp4";
    QVERIFY_EXCEPTION_THROWN((void)runSceneOn(server.backend(), nowhere, {}, {}), Error);
}

void SceneServerTest::jobsSurviveTheWay() {
    auto sent = job("way");
    sent.input.kind = SceneInput::Kind::Video;
    sent.input.fps = 2.5;
    sent.input.sampling = "vggt";
    sent.settings.engine = "vggt";
    sent.settings.modelDir = "/m \"quoted\"";
    sent.settings.viewChunk = 0;
    sent.settings.budgetGib = 11;
    sent.settings.useRayPose = true;
    sent.settings.alignToInputExtScale = false;
    sent.settings.vggtMode = "square";
    sent.wanted.numMaxPoints = 12345;
    sent.wanted.align = false;
    sent.wanted.voxel = 0.25;
    sent.peopleProject = "/p.body4d";
    const auto got = sceneJobFromJson(toJson(sent));
    QCOMPARE(toJson(got), toJson(sent));
    QVERIFY(got.input.kind == SceneInput::Kind::Video && !got.wanted.align);
    QCOMPARE(got.wanted.numMaxPoints, std::size_t{12345});
    QCOMPARE(got.settings.modelDir.string(), std::string("/m \"quoted\""));
    QVERIFY(got.settings.useRayPose && !got.settings.alignToInputExtScale && got.settings.vggtMode == "square");
    // Pictures one by one, as Depth Anything 3's service takes them.
    const auto list = sceneJobFromJson(R"({"image_paths": ["/b.png", "/a.png"], "export_dir": "/x"})");
    QVERIFY(list.input.pictures == (std::vector<fs::path>{"/b.png", "/a.png"}) && list.input.path.empty());
    QVERIFY(sceneJobFromJson(toJson(list)).input.pictures == list.input.pictures);
    for (const char* wrong : {R"({"image_paths": ["b.png"], "export_dir": "/x"})",
                              R"({"image_paths": ["/b.png"], "input": "/a.png", "export_dir": "/x"})",
                              R"({"image_paths": "/b.png", "export_dir": "/x"})", R"({"export_dir": "/x"})"}) {
        QVERIFY_EXCEPTION_THROWN((void)sceneJobFromJson(wrong), Error);
    }
}

void SceneServerTest::serversThatCannotBe() {
    Gate gate;
    auto options = Running::optionsOf(gate, 1);
    QVERIFY(isLoopback("127.0.0.1") && isLoopback("127.8.0.3") && isLoopback("localhost") && isLoopback("::1"));
    for (const char* other : {"127.example.org", "128.0.0.1", "localhost.example.org", "::", "127", ""}) {
        QVERIFY2(!isLoopback(other), other);
    }
    options.host = "0.0.0.0";
    QVERIFY_EXCEPTION_THROWN(SceneServer(std::move(options)), Error);
    options = Running::optionsOf(gate, 1);
    options.token.clear();
    QVERIFY_EXCEPTION_THROWN(SceneServer(std::move(options)), Error);
    QVERIFY_EXCEPTION_THROWN((void)runSceneOn({"ftp://127.0.0.1", kToken}, job("x"), {}, {}), Error);
    int port = 0;
    {
        const Running server(gate);
        port = server.port();
    }
    try {
        (void)runSceneOn({"http://127.0.0.1:" + std::to_string(port), kToken}, job("x"), {}, {});
        QFAIL("nobody answered, and nothing was said");
    } catch (const Error& e) {
        QVERIFY(QString::fromStdString(e.what()).startsWith("No server answers"));
    }
    QCOMPARE(randomToken().size(), std::size_t{32});
    QVERIFY(randomToken() != randomToken());
}

void SceneServerTest::theServerEndsWithAJobInIt() {
    Gate gate;
    gate.closed = true;
    {
        const Running server(gate);
        auto client = server.client();
        const auto id = submit(client, job("end"));
        QTRY_COMPARE(statusOf(client, id), std::string("running"));
        (void)submit(client, job("end2"));
    } // comes back at once, or the test hangs
    QVERIFY(!fs::exists(job("end2").exportDir));
}

QTEST_GUILESS_MAIN(SceneServerTest)
#include "test_scene_server.moc"
