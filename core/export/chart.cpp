#include "export/chart.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace body4d {
namespace {

constexpr Rgb kInk{34, 38, 46}, kQuiet{112, 118, 128}, kGrid{222, 225, 230}, kPaper{255, 255, 255};

/// What a chart is drawn on.
class Canvas {
public:
    virtual ~Canvas() = default;
    virtual void line(Vec2 a, Vec2 b, double width, const Rgb& colour) = 0;
    virtual void disc(Vec2 centre, double radius, const Rgb& colour) = 0;
    enum class Anchor { Left, Middle, Right };
    /// @param at on the baseline
    virtual void text(const std::string& words, Vec2 at, double capital, const Rgb& colour,
                      Anchor anchor) = 0;
};

class SvgCanvas final : public Canvas {
public:
    SvgCanvas(int width, int height) {
        append("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
               "font-family=\"sans-serif\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n",
               width, height, width, height);
    }
    void line(Vec2 a, Vec2 b, double width, const Rgb& colour) override {
        append("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"%.1f\" "
               "stroke-linecap=\"round\"/>\n",
               a.x, a.y, b.x, b.y, hex(colour).c_str(), width);
    }
    void disc(Vec2 centre, double radius, const Rgb& colour) override {
        append("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"%s\"/>\n", centre.x, centre.y, radius,
               hex(colour).c_str());
    }
    void text(const std::string& words, Vec2 at, double capital, const Rgb& colour, Anchor anchor) override {
        const char* where = anchor == Anchor::Left ? "start" : anchor == Anchor::Middle ? "middle" : "end";
        append("<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.1f\" fill=\"%s\" text-anchor=\"%s\">", at.x, at.y,
               capital / 0.72, hex(colour).c_str(), where);
        for (const char c : words) {
            text_ += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
        }
        text_ += "</text>\n";
    }
    [[nodiscard]] std::string take() { return std::move(text_) + "</svg>\n"; }

private:
    static std::string hex(const Rgb& c) {
        char text[8];
        std::snprintf(text, sizeof text, "#%02x%02x%02x", c[0], c[1], c[2]);
        return text;
    }
    template <typename... Values>
    void append(const char* format, Values... values) {
        char text[512];
        std::snprintf(text, sizeof text, format, values...);
        text_ += text;
    }
    std::string text_;
};

class ImageCanvas final : public Canvas {
public:
    ImageCanvas(int width, int height) : image_(width, height) {
        std::fill(image_.rgb.begin(), image_.rgb.end(), kPaper[0]);
    }
    void line(Vec2 a, Vec2 b, double width, const Rgb& colour) override {
        drawLine(image_, a, b, width, colour, 1);
    }
    void disc(Vec2 centre, double radius, const Rgb& colour) override {
        drawDisc(image_, centre, radius, colour, 1);
    }
    void text(const std::string& words, Vec2 at, double capital, const Rgb& colour, Anchor anchor) override {
        const double width = textWidth(words, capital);
        const double shift = anchor == Anchor::Left ? 0 : anchor == Anchor::Middle ? width / 2 : width;
        drawText(image_, words, {at.x - shift, at.y}, capital, colour);
    }
    [[nodiscard]] Image take() { return std::move(image_); }

private:
    Image image_;
};

/// Values to places along one axis.
class Axis {
public:
    Axis(double low, double high, bool logarithmic, double base) : log_(logarithmic), base_(base) {
        if (log_) {
            low_ = std::floor(std::log(low) / std::log(base) + 1e-9);
            high_ = std::max(low_ + 1, std::ceil(std::log(high) / std::log(base) - 1e-9));
        } else {
            // A step of 1, 2 or 5 times a power of ten, five to ten of them.
            const double span = std::max(high - low, 1e-9);
            step_ = std::pow(10, std::floor(std::log10(span / 5)));
            for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
                if (span / (step_ * factor) <= 8) {
                    step_ *= factor;
                    break;
                }
            }
            low_ = std::floor(low / step_ + 1e-9) * step_;
            high_ = std::max(low_ + step_, std::ceil(high / step_ - 1e-9) * step_);
        }
    }
    [[nodiscard]] double share(double value) const {
        return ((log_ ? std::log(value) / std::log(base_) : value) - low_) / (high_ - low_);
    }
    [[nodiscard]] std::vector<double> ticks() const {
        std::vector<double> all;
        if (log_) {
            const double step = std::max(1.0, std::ceil((high_ - low_) / 10));
            for (double e = low_; e <= high_ + 1e-9; e += step) {
                all.push_back(std::pow(base_, e));
            }
        } else {
            for (double v = low_; v <= high_ + step_ / 2; v += step_) {
                all.push_back(std::abs(v) < step_ / 2 ? 0 : v);
            }
        }
        return all;
    }

private:
    bool log_;
    double base_, low_ = 0, high_ = 1, step_ = 1;
};

std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, std::abs(value) >= 10000 ? "%.0f" : "%.4g", value);
    return text;
}

/// In pieces, so that both canvases dash alike. @param phase where in the pattern the line begins; moves on
void dashedLine(Canvas& canvas, Vec2 a, Vec2 b, double width, const Rgb& colour, double& phase) {
    constexpr double kOn = 8, kPeriod = 14;
    const double length = norm(b - a);
    for (double at = 0; at < length;) {
        const double left = std::fmod(phase, kPeriod);
        const double piece = std::min((left < kOn ? kOn : kPeriod) - left, length - at);
        if (left < kOn) {
            canvas.line(a + (at / length) * (b - a), a + ((at + piece) / length) * (b - a), width, colour);
        }
        at += piece;
        phase += piece + 1e-9;
    }
}

void draw(const Chart& chart, Canvas& canvas, int width, int height) {
    const double left = 92, right = width - 28.0, top = 112, bottom = height - 64.0;
    const double most = std::numeric_limits<double>::max();
    double x0 = most, x1 = -most, y0 = most, y1 = -most;
    for (const auto& series : chart.series) {
        for (const auto& p : series.points) {
            x0 = std::min(x0, p.x), x1 = std::max(x1, p.x);
            y0 = std::min(y0, p.y), y1 = std::max(y1, p.y);
        }
    }
    canvas.text(chart.title, {left, 30}, 14, kInk, Canvas::Anchor::Left);
    canvas.text(chart.subtitle, {left, 50}, 9, kQuiet, Canvas::Anchor::Left);
    canvas.text(chart.xLabel, {(left + right) / 2, height - 18.0}, 10, kInk, Canvas::Anchor::Middle);
    canvas.text(chart.yLabel, {left, top - 10}, 10, kInk, Canvas::Anchor::Left);
    if (x0 > x1) {
        canvas.text("nothing was measured", {(left + right) / 2, (top + bottom) / 2}, 12, kQuiet,
                    Canvas::Anchor::Middle);
        return;
    }
    const Axis xAxis(x0, x1, chart.logX, 2), yAxis(chart.logY ? y0 : std::min(y0, 0.0), y1, chart.logY, 10);
    const auto place = [&](const Vec2& p) {
        return Vec2{left + xAxis.share(p.x) * (right - left), bottom - yAxis.share(p.y) * (bottom - top)};
    };
    for (const double tick : xAxis.ticks()) {
        const double x = left + xAxis.share(tick) * (right - left);
        canvas.line({x, top}, {x, bottom}, 1, kGrid);
        canvas.text(number(tick), {x, bottom + 20}, 9, kQuiet, Canvas::Anchor::Middle);
    }
    for (const double tick : yAxis.ticks()) {
        const double y = bottom - yAxis.share(tick) * (bottom - top);
        canvas.line({left, y}, {right, y}, 1, kGrid);
        canvas.text(number(tick), {left - 8, y + 4}, 9, kQuiet, Canvas::Anchor::Right);
    }
    canvas.line({left, bottom}, {right, bottom}, 1.5, kQuiet);
    canvas.line({left, top}, {left, bottom}, 1.5, kQuiet);
    double legendX = right;
    for (auto series = chart.series.rbegin(); series != chart.series.rend(); ++series) {
        if (series->points.empty()) {
            continue;
        }
        double phase = 0;
        for (std::size_t i = 0; i < series->points.size(); ++i) {
            const auto p = place(series->points[i]);
            if (i > 0) {
                const auto before = place(series->points[i - 1]);
                if (series->dashed) {
                    dashedLine(canvas, before, p, 2, series->colour, phase);
                } else {
                    canvas.line(before, p, 2.5, series->colour);
                }
            }
            canvas.disc(p, series->dashed ? 3 : 4, series->colour);
        }
        // Names stand in a row above, from the right.
        canvas.text(series->name, {legendX, 74}, 9, kInk, Canvas::Anchor::Right);
        legendX -= textWidth(series->name, 9) + 10;
        phase = 0;
        dashedLine(canvas, {legendX - 28, 70}, {legendX, 70}, 2.5, series->colour, phase);
        if (!series->dashed) {
            canvas.line({legendX - 28, 70}, {legendX, 70}, 2.5, series->colour);
        }
        legendX -= 28 + 22;
    }
}

} // namespace

std::string chartSvg(const Chart& chart, int width, int height) {
    SvgCanvas canvas(width, height);
    draw(chart, canvas, width, height);
    return canvas.take();
}

Image chartImage(const Chart& chart, int width, int height) {
    ImageCanvas canvas(width, height);
    draw(chart, canvas, width, height);
    return canvas.take();
}

} // namespace body4d
