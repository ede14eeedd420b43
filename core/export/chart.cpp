#include "export/chart.h"

#include "export/stroke_font.h"

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

/// Drawn larger than it is laid out, so that letters keep their shape in print.
class ImageCanvas final : public Canvas {
public:
    ImageCanvas(int width, int height) : image_(kTimes * width, kTimes * height) {
        std::fill(image_.rgb.begin(), image_.rgb.end(), kPaper[0]);
    }
    void line(Vec2 a, Vec2 b, double width, const Rgb& colour) override {
        drawLine(image_, kTimes * a, kTimes * b, kTimes * width, colour, 1);
    }
    void disc(Vec2 centre, double radius, const Rgb& colour) override {
        drawDisc(image_, kTimes * centre, kTimes * radius, colour, 1);
    }
    void text(const std::string& words, Vec2 at, double capital, const Rgb& colour, Anchor anchor) override {
        const double width = textWidth(words, capital);
        const double shift = anchor == Anchor::Left ? 0 : anchor == Anchor::Middle ? width / 2 : width;
        drawText(image_, words, kTimes * Vec2{at.x - shift, at.y}, kTimes * capital, colour);
    }
    [[nodiscard]] Image take() { return std::move(image_); }

private:
    static constexpr int kTimes = 2;
    Image image_;
};

/// The next of 1, 2 and 5 times a power of ten.
double roundedDown(double value) {
    const double power = std::pow(10, std::floor(std::log10(value) + 1e-9));
    for (const double factor : {5.0, 2.0}) {
        if (factor * power <= value * (1 + 1e-9)) {
            return factor * power;
        }
    }
    return power;
}
double roundedUp(double value) {
    const double power = std::pow(10, std::floor(std::log10(value) + 1e-9));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (factor * power >= value * (1 - 1e-9)) {
            return factor * power;
        }
    }
    return 10 * power;
}

/// Values to places along one axis, of which ticks are numbered.
class Axis {
public:
    /// To the base 2; ticks are powers of it, and a little room is left beside the ends.
    static Axis byTwos(double low, double high) {
        Axis axis(std::log2(low) - 0.25, std::log2(high) + 0.25, [](double v) { return std::log2(v); });
        const int first = static_cast<int>(std::floor(std::log2(low) + 1e-9)),
                  last = static_cast<int>(std::ceil(std::log2(high) - 1e-9));
        for (int e = first; e <= last; e += 1 + (last - first) / 12) {
            const double tick = std::exp2(e);
            if (axis.share(tick) >= 0 && axis.share(tick) <= 1) {
                axis.ticks_.push_back(tick);
            }
        }
        return axis;
    }
    /// To the base 10; ticks are 1, 2 and 5 times its powers, those alone where there are many, even steps
    /// where few.
    static Axis byTens(double low, double high) {
        constexpr double kNarrow = 8; // within one power of ten, even steps tell more
        if (high < kNarrow * low) {
            const double step = roundedUp(std::max(high - low, 0.1 * high) / 8);
            const double first = std::max(std::floor(low / step + 1e-9), 1.0) * step;
            const double last = std::max(first + step, std::ceil(high / step - 1e-9) * step);
            Axis axis(std::log10(std::min(first, low)), std::log10(last),
                      [](double v) { return std::log10(v); });
            for (double v = first; v <= last + step / 2; v += step) {
                axis.ticks_.push_back(v);
            }
            return axis;
        }
        low = roundedDown(low);
        high = roundedUp(high);
        Axis axis(std::log10(low), std::log10(high), [](double v) { return std::log10(v); });
        const bool all = high / low < 2000;
        for (double tick = low; tick <= high * (1 + 1e-9); tick = roundedUp(tick * 1.01)) {
            if (all || std::abs(std::log10(tick) - std::round(std::log10(tick))) < 1e-6) {
                axis.ticks_.push_back(tick);
            }
        }
        return axis;
    }
    /// Even steps of 1, 2 or 5 times a power of ten, five to ten of them. @param room beside the ends, share
    /// of a step
    static Axis even(double low, double high, double room) {
        const double span = std::max(high - low, std::max(1e-9, 1e-3 * std::abs(high)));
        double step = roundedUp(span / 8);
        const double first = std::floor(low / step + 1e-9) * step;
        const double last = std::max(first + step, std::ceil(high / step - 1e-9) * step);
        Axis axis(first - room * step, last + room * step, [](double v) { return v; });
        for (double v = first; v <= last + step / 2; v += step) {
            axis.ticks_.push_back(std::abs(v) < step / 2 ? 0 : v);
        }
        return axis;
    }
    [[nodiscard]] double share(double value) const { return (place_(value) - low_) / (high_ - low_); }
    [[nodiscard]] const std::vector<double>& ticks() const { return ticks_; }

private:
    Axis(double low, double high, double (*place)(double)) : low_(low), high_(high), place_(place) {}
    double low_, high_;
    double (*place_)(double);
    std::vector<double> ticks_;
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
    const auto line = [&](const std::string& words, double y, double capital, const Rgb& colour) {
        const double fits = (right - left) / std::max(textWidth(words, capital), 1.0);
        canvas.text(words, {left, y}, capital * std::min(1.0, fits), colour, Canvas::Anchor::Left);
    };
    line(chart.title, 30, 14, kInk);
    line(chart.subtitle, 52, 9, kQuiet);
    canvas.text(chart.xLabel, {(left + right) / 2, height - 18.0}, 10, kInk, Canvas::Anchor::Middle);
    canvas.text(chart.yLabel, {left, top - 10}, 10, kInk, Canvas::Anchor::Left);
    if (x0 > x1) {
        canvas.text("nothing was measured", {(left + right) / 2, (top + bottom) / 2}, 12, kQuiet,
                    Canvas::Anchor::Middle);
        return;
    }
    const Axis xAxis = chart.logX ? Axis::byTwos(x0, x1) : Axis::even(x0, x1, 0.3);
    const Axis yAxis = chart.logY ? Axis::byTens(y0, y1) : Axis::even(std::min(y0, 0.0), y1, 0);
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
        canvas.text(series->name, {legendX, 82}, 9, kInk, Canvas::Anchor::Right);
        legendX -= textWidth(series->name, 9) + 10;
        if (series->dashed) {
            phase = 0;
            dashedLine(canvas, {legendX - 28, 78}, {legendX, 78}, 2.5, series->colour, phase);
        } else {
            canvas.line({legendX - 28, 78}, {legendX, 78}, 2.5, series->colour);
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
