// The reader of the networks' files, on a small file with every kind of constant: half, sparse, whole
// numbers.
#include "base/error.h"
#include "base/files.h"
#include "models/blazepose_torch/tflite_graph.h"

#include <QtTest>

using namespace body4d;
using namespace body4d::blazepose;
using Op = TfliteGraph::Op;

class TfliteGraphTest : public QObject {
    Q_OBJECT
private:
    std::vector<std::byte> bytes_;

private Q_SLOTS:
    void initTestCase() {
        bytes_ = readFile(std::filesystem::path(BODY4D_SOURCE_DIR) / "tests/data/fuzz/tflite/small.tflite");
    }

    void operatorsAndConstantsComeBack() {
        const auto graph = TfliteGraph::parse(bytes_, "small");
        QCOMPARE(graph.inputs(), std::vector<int>{0});
        QCOMPARE(graph.outputs(), (std::vector<int>{10, 11}));
        QCOMPARE(graph.nodes().size(), std::size_t(3)); // constants are expanded, not computed
        const auto& conv = graph.nodes()[0];
        QVERIFY(conv.op == Op::Conv && conv.same && conv.activation == TfliteGraph::Activation::Relu6);
        QVERIFY(conv.strideX == 2 && conv.strideY == 2 && conv.dilationX == 1);
        QCOMPARE(conv.inputs, (std::vector<int>{0, 2, 4}));
        QVERIFY(graph.nodes()[1].op == Op::Pad && graph.nodes()[2].op == Op::Reshape);
        QCOMPARE(graph.tensors()[2].values, std::vector<float>(9, 0.5F));
        QCOMPARE(graph.tensors()[2].shape, (std::vector<std::int64_t>{1, 3, 3, 1}));
        QCOMPARE(graph.tensors()[4].values, std::vector<float>{1});
        QCOMPARE(graph.tensors()[8].values,
                 (std::vector<float>{0, 2, 3, 0})); // rows of one value each, columns 1 and 0
        QCOMPARE(graph.tensors()[9].whole, (std::vector<std::int64_t>{0, 0, 0, 1, 0, 1, 0, 0}));
        QVERIFY(!graph.tensors()[5].constant());
    }

    void everyShorterFileIsRefused() {
        int refused = 0;
        for (std::size_t size = 0; size < bytes_.size(); size += 7) {
            try {
                (void)TfliteGraph::parse(std::span(bytes_).first(size), "cut");
            } catch (const Error& e) {
                QVERIFY(e.code() == ErrorCode::Input && !e.remedy().empty());
                ++refused;
            }
        }
        // The last bytes are padding or the end of a constant that nobody needs.
        QVERIFY(refused > static_cast<int>(bytes_.size() / 7) - 10);
    }

    void otherFilesAreRefused() {
        auto other = bytes_;
        other[4] = std::byte{'X'};
        QVERIFY_EXCEPTION_THROWN((void)TfliteGraph::parse(other, "other"), Error);
    }
};

QTEST_APPLESS_MAIN(TfliteGraphTest)
#include "test_tflite_graph.moc"
