#include "body/detail/block_tridiagonal.h"

#include <QTest>

#include <random>

using namespace body4d::detail;

namespace {

struct System {
    std::vector<PoseMatrix> diagonal;
    std::vector<PoseVector> coupling, rhs;
};

System randomSystem(std::size_t blocks, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal;
    System s;
    for (std::size_t n = 0; n < blocks; ++n) {
        PoseMatrix a;
        PoseVector u, b;
        for (Eigen::Index i = 0; i < a.size(); ++i) {
            a.data()[i] = normal(random);
        }
        for (Eigen::Index i = 0; i < u.size(); ++i) {
            u[i] = -std::fabs(3 * normal(random));
            b[i] = normal(random);
        }
        // each coupling is paid for on the diagonal of both its rows, as temporal terms do
        a = (0.05 * a * a.transpose()).eval();
        a.diagonal().array() += 0.1;
        s.diagonal.push_back(a);
        s.coupling.push_back(u);
        s.rhs.push_back(b);
    }
    for (std::size_t n = 1; n < blocks; ++n) {
        s.diagonal[n].diagonal() -= s.coupling[n];
        s.diagonal[n - 1].diagonal() -= s.coupling[n];
    }
    return s;
}

} // namespace

class BlockTridiagonalTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void equalsADenseSolve_data() {
        QTest::addColumn<int>("blocks");
        QTest::newRow("one block") << 1;
        QTest::newRow("two blocks") << 2;
        QTest::newRow("nine blocks") << 9;
    }
    void equalsADenseSolve() {
        QFETCH(int, blocks);
        const auto count = static_cast<std::size_t>(blocks);
        const System s = randomSystem(count, 5);
        const auto size = static_cast<Eigen::Index>(kPoseVariables);
        Eigen::MatrixXd dense = Eigen::MatrixXd::Zero(size * blocks, size * blocks);
        Eigen::VectorXd rhs(size * blocks);
        BlockTridiagonal solver;
        solver.reset(count);
        for (int n = 0; n < blocks; ++n) {
            const auto i = static_cast<std::size_t>(n);
            dense.block(n * size, n * size, size, size) = s.diagonal[i];
            rhs.segment(n * size, size) = s.rhs[i];
            if (n > 0) {
                dense.block(n * size, (n - 1) * size, size, size) = s.coupling[i].asDiagonal();
                dense.block((n - 1) * size, n * size, size, size) = s.coupling[i].asDiagonal();
            }
            PoseMatrix lower = s.diagonal[i].triangularView<Eigen::Lower>();
            lower.triangularView<Eigen::StrictlyUpper>().setConstant(1e9); // must not be read
            QVERIFY(solver.append(lower, s.coupling[i], s.rhs[i]));
        }
        const Eigen::VectorXd expected = dense.ldlt().solve(rhs);
        std::vector<PoseVector> x;
        solver.solve(x);
        QCOMPARE(x.size(), count);
        for (int n = 0; n < blocks; ++n) {
            const double error = (x[static_cast<std::size_t>(n)] - expected.segment(n * size, size)).norm();
            QVERIFY2(error < 1e-9 * expected.norm(), qPrintable(QString::number(error)));
        }
    }

    void indefiniteMatrixIsRefused() {
        System s = randomSystem(2, 9);
        BlockTridiagonal solver;
        solver.reset(2);
        QVERIFY(solver.append(s.diagonal[0], s.coupling[0], s.rhs[0]));
        s.diagonal[1](40, 40) = -1;
        QVERIFY(!solver.append(s.diagonal[1], s.coupling[1], s.rhs[1]));
    }

    void chainIsReusable() {
        BlockTridiagonal solver;
        std::vector<PoseVector> first, again;
        for (std::vector<PoseVector>* x : {&first, &again}) {
            const System s = randomSystem(4, 2);
            solver.reset(4);
            for (std::size_t n = 0; n < 4; ++n) {
                QVERIFY(solver.append(s.diagonal[n], s.coupling[n], s.rhs[n]));
            }
            solver.solve(*x);
            const System other = randomSystem(3, 8);
            std::vector<PoseVector> ignored;
            solver.reset(3);
            for (std::size_t n = 0; n < 3; ++n) {
                QVERIFY(solver.append(other.diagonal[n], other.coupling[n], other.rhs[n]));
            }
            solver.solve(ignored);
        }
        for (std::size_t n = 0; n < 4; ++n) {
            QVERIFY(first[n] == again[n]);
        }
    }
};

QTEST_APPLESS_MAIN(BlockTridiagonalTest)
#include "block_tridiagonal_test.moc"
