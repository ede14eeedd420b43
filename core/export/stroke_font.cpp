#include "export/stroke_font.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <vector>

namespace body4d {
namespace {

/// Strokes on a grid on which capitals are 7 high and small letters 5, baseline 0, y up: "x,y x,y ..." a line
/// through points, "@x,y,rx,ry,from,to" part of an ellipse (degrees against the clock from the right),
/// separated by ";".
struct Glyph {
    char letter;
    double width;
    const char* strokes;
};

constexpr Glyph kGlyphs[] = {
    {' ', 1.3, ""},
    {'0', 4.2, "@2.1,3.5,2.1,3.5,0,360"},
    {'1', 4.2, "0.6,5.6 2.3,7 2.3,0"},
    {'2', 4.2, "@2.1,5,2,2,-25,165;3.91,4.15 0.1,0 4.2,0"},
    {'3', 4.2, "@2.1,5.3,1.8,1.7,-90,150;@2.1,1.8,2.1,1.8,-150,90"},
    {'4', 4.4, "3.3,0 3.3,7 0,2 4.4,2"},
    {'5', 4.2, "3.9,7 0.6,7 0.3,3.6;@2.1,2.25,2.1,2.25,-150,145"},
    {'6', 4.2, "@2.1,2.2,2.1,2.2,0,360;0.2,3.1 3.1,7"},
    {'7', 4.2, "0,7 4.2,7 1.5,0"},
    {'8', 4.2, "@2.1,5.3,1.8,1.7,0,360;@2.1,1.8,2.1,1.8,0,360"},
    {'9', 4.2, "@2.1,4.8,2.1,2.2,0,360;4,3.9 1.1,0"},
    {'A', 5.2, "0,0 2.6,7 5.2,0;0.95,2.4 4.25,2.4"},
    {'B', 4.7, "0,0 0,7 2.6,7;@2.6,5.3,1.7,1.7,-90,90;0,3.6 2.8,3.6;@2.8,1.8,1.9,1.8,-90,90;0,0 2.8,0"},
    {'C', 5.2, "@3,3.5,3,3.5,45,315"},
    {'D', 5.2, "0,0 0,7 2,7;@2,3.5,3.2,3.5,-90,90;0,0 2,0"},
    {'E', 4, "4,7 0,7 0,0 4,0;0,3.6 3.4,3.6"},
    {'F', 3.9, "3.9,7 0,7 0,0;0,3.6 3.3,3.6"},
    {'G', 6, "@3,3.5,3,3.5,45,360;6,3.5 3.4,3.5"},
    {'H', 5, "0,0 0,7;5,0 5,7;0,3.6 5,3.6"},
    {'I', 0.6, "0.3,0 0.3,7"},
    {'J', 3, "3,7 3,1.6;@1.5,1.6,1.5,1.6,180,360"},
    {'K', 4.8, "0,0 0,7;4.6,7 0,2.6;1.6,4.1 4.8,0"},
    {'L', 3.8, "0,7 0,0 3.8,0"},
    {'M', 6, "0,0 0,7 3,1.4 6,7 6,0"},
    {'N', 5, "0,0 0,7 5,0 5,7"},
    {'O', 6, "@3,3.5,3,3.5,0,360"},
    {'P', 4.6, "0,0 0,7 2.7,7;@2.7,5.1,1.9,1.9,-90,90;0,3.2 2.7,3.2"},
    {'Q', 6, "@3,3.5,3,3.5,0,360;3.6,1.8 5.8,-0.4"},
    {'R', 4.8, "0,0 0,7 2.7,7;@2.7,5.1,1.9,1.9,-90,90;0,3.2 2.7,3.2;2.6,3.2 4.8,0"},
    {'S', 4.6, "@2.3,5.2,2.1,1.8,30,270;@2.3,1.7,2.3,1.7,-150,90"},
    {'T', 5, "0,7 5,7;2.5,7 2.5,0"},
    {'U', 5, "0,7 0,2.5;@2.5,2.5,2.5,2.5,180,360;5,2.5 5,7"},
    {'V', 5.2, "0,7 2.6,0 5.2,7"},
    {'W', 7.2, "0,7 1.8,0 3.6,7 5.4,0 7.2,7"},
    {'X', 4.8, "0,7 4.8,0;4.8,7 0,0"},
    {'Y', 5, "0,7 2.5,3.4 5,7;2.5,3.4 2.5,0"},
    {'Z', 4.6, "0,7 4.6,7 0,0 4.6,0"},
    {'a', 4.2, "@2.1,2.5,2.1,2.5,0,360;4.2,5 4.2,0"},
    {'b', 4.2, "0,7.3 0,0;@2.1,2.5,2.1,2.5,0,360"},
    {'c', 3.7, "@2.1,2.5,2.1,2.5,45,315"},
    {'d', 4.2, "4.2,7.3 4.2,0;@2.1,2.5,2.1,2.5,0,360"},
    {'e', 4.2, "0,2.6 4.2,2.6;@2.1,2.5,2.1,2.5,2,315"},
    {'f', 2.7, "@2.5,5.9,1.4,1.4,75,180;1.1,5.9 1.1,0;0,5 2.6,5"},
    {'g', 4.2, "@2.1,2.5,2.1,2.5,0,360;4.2,5 4.2,-0.3;@2.2,-0.3,2,1.9,200,360"},
    {'h', 4, "0,7.3 0,0;@2,3,2,2,0,180;4,3 4,0"},
    {'i', 0.6, "0.3,5 0.3,0;0.3,6.9 0.3,7"},
    {'j', 1.2, "0.9,5 0.9,-0.7;@-0.4,-0.7,1.3,1.4,270,360;0.9,6.9 0.9,7"},
    {'k', 3.8, "0,7.3 0,0;3.6,5 0,1.9;1.4,3.1 3.8,0"},
    {'l', 0.6, "0.3,7.3 0.3,0"},
    {'m', 6.4, "0,5 0,0;@1.6,3.4,1.6,1.6,0,180;3.2,3.4 3.2,0;@4.8,3.4,1.6,1.6,0,180;6.4,3.4 6.4,0"},
    {'n', 4, "0,5 0,0;@2,3,2,2,0,180;4,3 4,0"},
    {'o', 4.2, "@2.1,2.5,2.1,2.5,0,360"},
    {'p', 4.2, "0,5 0,-2.2;@2.1,2.5,2.1,2.5,0,360"},
    {'q', 4.2, "4.2,5 4.2,-2.2;@2.1,2.5,2.1,2.5,0,360"},
    {'r', 2.4, "0,5 0,0;@1.9,3,1.9,2,75,180"},
    {'s', 3.6, "@1.8,3.75,1.6,1.25,30,270;@1.8,1.25,1.8,1.25,-150,90"},
    {'t', 2.8, "1.1,6.6 1.1,1.4;@2.4,1.4,1.3,1.4,180,290;0,5 2.7,5"},
    {'u', 4, "0,5 0,2;@2,2,2,2,180,360;4,5 4,0"},
    {'v', 4, "0,5 2,0 4,5"},
    {'w', 5.8, "0,5 1.45,0 2.9,5 4.35,0 5.8,5"},
    {'x', 3.8, "0,5 3.8,0;3.8,5 0,0"},
    {'y', 4, "0,5 2,0;4,5 1.2,-2.2 0.3,-2.2"},
    {'z', 3.6, "0,5 3.6,5 0,0 3.6,0"},
    {'.', 0.6, "0.3,0 0.3,0.1"},
    {',', 0.8, "0.6,0.2 0.1,-1.3"},
    {':', 0.6, "0.3,0.2 0.3,0.3;0.3,4.2 0.3,4.3"},
    {'\'', 0.6, "0.3,7.2 0.3,5.4"},
    {'-', 2.4, "0,2.7 2.4,2.7"},
    {'_', 4, "0,-1 4,-1"},
    {'+', 4, "0,2.9 4,2.9;2,0.9 2,4.9"},
    {'=', 4, "0,3.8 4,3.8;0,1.8 4,1.8"},
    {'/', 3, "0,-0.8 3,7.4"},
    {'(', 1.2, "@2.6,3,2.6,4.6,125,235"},
    {')', 1.2, "@-1.4,3,2.6,4.6,-55,55"},
    {'%', 6.4, "@1.3,5.5,1.3,1.5,0,360;@5.1,1.5,1.3,1.5,0,360;5.4,7 1,0"},
};
constexpr Glyph kBox{0, 4, "0,0 0,6 4,6 4,0 0,0"};
constexpr double kGap = 1.6, kCapital = 7; ///< grid units

/// One box stands for a letter of several bytes.
bool continues(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

const Glyph& glyphOf(char letter) {
    const auto* found = std::find_if(std::begin(kGlyphs), std::end(kGlyphs),
                                     [letter](const Glyph& g) { return g.letter == letter; });
    return found != std::end(kGlyphs) ? *found : kBox;
}

/// The next number; moves on behind it and one sign.
double take(const char*& s) {
    char* end = nullptr;
    const double value = std::strtod(s, &end);
    s = *end == ',' ? end + 1 : end;
    return value;
}

std::vector<std::vector<Vec2>> linesOf(const Glyph& glyph) {
    std::vector<std::vector<Vec2>> lines;
    for (const char* s = glyph.strokes; *s != 0;) {
        auto& line = lines.emplace_back();
        if (*s == '@') {
            ++s;
            const double x = take(s), y = take(s), rx = take(s), ry = take(s), from = take(s), to = take(s);
            const int steps = std::max(2, static_cast<int>(std::ceil(std::abs(to - from) / 12)));
            for (int i = 0; i <= steps; ++i) {
                const double a = (from + (to - from) * i / steps) * std::numbers::pi / 180;
                line.push_back({x + rx * std::cos(a), y + ry * std::sin(a)});
            }
        } else {
            while (*s != 0 && *s != ';') {
                const double x = take(s), y = take(s);
                line.push_back({x, y});
                s += *s == ' ' ? 1 : 0;
            }
        }
        s += *s == ';' ? 1 : 0;
    }
    return lines;
}

} // namespace

void drawText(Image& image, std::string_view text, Vec2 origin, double capital, const Rgb& colour) {
    const double unit = capital / kCapital, width = std::max(1.0, capital / 8);
    double x = origin.x;
    for (const char c : text) {
        if (continues(c)) {
            continue;
        }
        const auto& glyph = glyphOf(c);
        for (const auto& line : linesOf(glyph)) {
            for (std::size_t i = 1; i < line.size(); ++i) {
                drawLine(image, {x + unit * line[i - 1].x, origin.y - unit * line[i - 1].y},
                         {x + unit * line[i].x, origin.y - unit * line[i].y}, width, colour, 1);
            }
        }
        x += unit * (glyph.width + kGap);
    }
}

double textWidth(std::string_view text, double capital) {
    double width = 0;
    for (const char c : text) {
        width += continues(c) ? 0 : glyphOf(c).width + kGap;
    }
    return width > 0 ? capital / kCapital * (width - kGap) : 0;
}

} // namespace body4d
