#include "base/order_statistics.h"

#include <QtTest>

using namespace body4d;

class OrderStatisticsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theMiddleOfAnEvenNumberIsNamed() {
        std::vector<double> values{4, 1, 3, 10};
        QCOMPARE(median(values), 3.5);
        QCOMPARE(upperMedian(values), 4.0);
        QCOMPARE(quantile(values, 0.5), 3.0); // a value below which half of the others lie
        values.push_back(0);
        QCOMPARE(median(values), 3.0);
        QCOMPARE(upperMedian(values), 3.0);
    }
    void quantilesReachBothEnds() {
        std::vector<float> values{5, -2, 7};
        QCOMPARE(quantile(values, 0), -2.0F);
        QCOMPARE(quantile(values, 1), 7.0F);
    }
    void nothingHasNoMiddle() {
        std::vector<float> none;
        QVERIFY_EXCEPTION_THROWN((void)median(none), std::logic_error);
        QVERIFY_EXCEPTION_THROWN((void)quantile(none, 0.5), std::logic_error);
    }
};

QTEST_APPLESS_MAIN(OrderStatisticsTest)
#include "test_order_statistics.moc"
