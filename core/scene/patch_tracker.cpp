#include "scene/patch_tracker.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace body4d {

namespace {

void halve(const GreyLevel& in, GreyLevel& out) {
    out.width = std::max(1, in.width / 2);
    out.height = std::max(1, in.height / 2);
    out.values.resize(static_cast<std::size_t>(out.width) * out.height);
    for (int y = 0; y < out.height; ++y) {
        const float* a = in.row(std::min(2 * y, in.height - 1));
        const float* b = in.row(std::min(2 * y + 1, in.height - 1));
        float* o = out.row(y);
        for (int x = 0; x < out.width; ++x) {
            const int x1 = std::min(2 * x + 1, in.width - 1);
            o[x] = 0.25F * (a[2 * x] + a[x1] + b[2 * x] + b[x1]);
        }
    }
}

} // namespace

void buildPyramid(const Image& frame, int longSide, GreyPyramid& out) {
    const double scale = std::min(1.0, static_cast<double>(longSide) / std::max(frame.width, frame.height));
    out.levels.resize(kPyramidLevels);
    GreyLevel& base = out.levels[0];
    base.width = std::max(1, static_cast<int>(std::lround(frame.width * scale)));
    base.height = std::max(1, static_cast<int>(std::lround(frame.height * scale)));
    base.values.resize(static_cast<std::size_t>(base.width) * base.height);
    // Green carries most of the brightness; four samples a pixel are enough against aliasing at these ratios.
    std::vector<int> offsets(2 * static_cast<std::size_t>(base.width));
    for (std::size_t i = 0; i < offsets.size(); ++i) {
        offsets[i] = 3 * std::min(frame.width - 1, static_cast<int>((0.5 * static_cast<double>(i) + 0.25) * frame.width / base.width)) + 1;
    }
    for (int y = 0; y < base.height; ++y) {
        const auto sourceRow = [&](double at) { return frame.row(std::min(frame.height - 1, static_cast<int>(at * frame.height / base.height))); };
        const std::uint8_t* a = sourceRow(y + 0.25);
        const std::uint8_t* b = sourceRow(y + 0.75);
        float* o = base.row(y);
        for (int x = 0; x < base.width; ++x) {
            const int x0 = offsets[2 * static_cast<std::size_t>(x)], x1 = offsets[2 * static_cast<std::size_t>(x) + 1];
            o[x] = 0.25F * static_cast<float>(a[x0] + a[x1] + b[x0] + b[x1]);
        }
    }
    for (std::size_t i = 1; i < out.levels.size(); ++i) {
        halve(out.levels[i - 1], out.levels[i]);
    }
}

bool CoverGrid::at(Vec2 p) const {
    if (columns == 0) {
        return false;
    }
    const int c = std::clamp(static_cast<int>(p.x) / kCell, 0, columns - 1);
    const int r = std::clamp(static_cast<int>(p.y) / kCell, 0, rows - 1);
    return covered[static_cast<std::size_t>(r) * columns + c] != 0;
}

CoverGrid coverGrid(std::span<const RleMask* const> masks, int workWidth, int workHeight) {
    CoverGrid grid;
    grid.columns = (workWidth + CoverGrid::kCell - 1) / CoverGrid::kCell;
    grid.rows = (workHeight + CoverGrid::kCell - 1) / CoverGrid::kCell;
    std::vector<std::uint8_t> hit(static_cast<std::size_t>(grid.columns) * grid.rows, 0);
    for (const RleMask* mask : masks) {
        if (mask == nullptr || mask->empty() || mask->height <= 0 || mask->width <= 0) {
            continue;
        }
        // Runs go down the columns: mark the cells that a run touches, column by column.
        std::int64_t at = 0;
        for (std::size_t i = 0; i < mask->counts.size(); ++i) {
            const std::int64_t length = mask->counts[i];
            if (i % 2 == 1) {
                for (std::int64_t begin = at; begin < at + length;) {
                    const std::int64_t x = begin / mask->height, y0 = begin % mask->height;
                    const std::int64_t y1 = std::min<std::int64_t>(mask->height, y0 + (at + length - begin));
                    const auto c = std::min<std::int64_t>(grid.columns - 1, x * workWidth / mask->width / CoverGrid::kCell);
                    const auto r0 = y0 * workHeight / mask->height / CoverGrid::kCell;
                    const auto r1 = std::min<std::int64_t>(grid.rows - 1, (y1 - 1) * workHeight / mask->height / CoverGrid::kCell);
                    for (auto r = r0; r <= r1; ++r) {
                        hit[static_cast<std::size_t>(r * grid.columns + c)] = 1;
                    }
                    begin += y1 - y0;
                }
            }
            at += length;
        }
    }
    grid.covered.assign(hit.size(), 0);
    for (int r = 0; r < grid.rows; ++r) {
        for (int c = 0; c < grid.columns; ++c) {
            if (hit[static_cast<std::size_t>(r) * grid.columns + c] == 0) {
                continue;
            }
            for (int y = std::max(0, r - 1); y <= std::min(grid.rows - 1, r + 1); ++y) {
                for (int x = std::max(0, c - 1); x <= std::min(grid.columns - 1, c + 1); ++x) {
                    grid.covered[static_cast<std::size_t>(y) * grid.columns + x] = 1;
                }
            }
        }
    }
    return grid;
}

bool PatchSet::sample(const GreyLevel& level, double x, double y, float* out, int radius) {
    // Values lie at pixel centres; a patch has one sub-pixel offset, so a row is one vector operation.
    const double left = x - 0.5 - radius, top = y - 0.5 - radius;
    const int x0 = static_cast<int>(std::floor(left)), y0 = static_cast<int>(std::floor(top));
    const int side = 2 * radius + 1;
    if (x0 < 0 || y0 < 0 || x0 + side >= level.width || y0 + side >= level.height) {
        return false;
    }
    const auto fx = static_cast<float>(left - x0), fy = static_cast<float>(top - y0);
    const float w00 = (1 - fx) * (1 - fy), w01 = fx * (1 - fy), w10 = (1 - fx) * fy, w11 = fx * fy;
    for (int r = 0; r < side; ++r) {
        const float* a = level.row(y0 + r) + x0;
        const float* b = level.row(y0 + r + 1) + x0;
        float* o = out + static_cast<std::ptrdiff_t>(r) * side;
        for (int c = 0; c < side; ++c) {
            o[c] = w00 * a[c] + w01 * a[c + 1] + w10 * b[c] + w11 * b[c + 1];
        }
    }
    return true;
}

void PatchSet::choose(const GreyPyramid& picture, const CoverGrid& cover, int maxCount) {
    // Smaller eigenvalue of the gradient matrix at half size, the best few of every cell of a coarse grid.
    const GreyLevel& level = picture.levels[1];
    const int w = level.width, h = level.height;
    positions_.clear();
    templates_.clear();
    if (w < 16 || h < 16) {
        return;
    }
    std::vector<float> xx(static_cast<std::size_t>(w) * h), xy(xx.size()), yy(xx.size()), score(xx.size());
    for (int y = 1; y + 1 < h; ++y) {
        for (int x = 1; x + 1 < w; ++x) {
            const float gx = 0.5F * (level.row(y)[x + 1] - level.row(y)[x - 1]);
            const float gy = 0.5F * (level.row(y + 1)[x] - level.row(y - 1)[x]);
            const std::size_t i = static_cast<std::size_t>(y) * w + x;
            xx[i] = gx * gx;
            xy[i] = gx * gy;
            yy[i] = gy * gy;
        }
    }
    const auto boxSum = [&](std::vector<float>& v) { // 5x5, separable
        std::vector<float> tmp(v.size());
        for (int y = 0; y < h; ++y) {
            for (int x = 2; x + 2 < w; ++x) {
                const float* r = v.data() + static_cast<std::size_t>(y) * w + x;
                tmp[static_cast<std::size_t>(y) * w + x] = r[-2] + r[-1] + r[0] + r[1] + r[2];
            }
        }
        std::fill(v.begin(), v.end(), 0.F);
        for (int y = 2; y + 2 < h; ++y) {
            for (int x = 0; x < w; ++x) {
                const float* r = tmp.data() + static_cast<std::size_t>(y) * w + x;
                v[static_cast<std::size_t>(y) * w + x] = r[-2 * w] + r[-w] + r[0] + r[w] + r[2 * w];
            }
        }
    };
    boxSum(xx);
    boxSum(xy);
    boxSum(yy);
    for (std::size_t i = 0; i < score.size(); ++i) {
        const float half = 0.5F * (xx[i] + yy[i]), d = 0.5F * (xx[i] - yy[i]);
        score[i] = half - std::sqrt(d * d + xy[i] * xy[i]);
    }
    constexpr int kColumns = 16, kRows = 10;
    constexpr float kMinScore = 60.F;    // about 1.5 grey levels a pixel over the window
    const int border = kRadius / 2 + 2;
    struct Corner {
        float score;
        int x, y;
    };
    std::vector<Corner> chosen;
    std::vector<Corner> cell;
    const int perCell = std::max(1, maxCount / (kColumns * kRows)); // spread first: one moving thing must not win
    for (int r = 0; r < kRows; ++r) {
        for (int c = 0; c < kColumns; ++c) {
            cell.clear();
            for (int y = std::max(border, r * h / kRows); y < std::min(h - border, (r + 1) * h / kRows); ++y) {
                for (int x = std::max(border, c * w / kColumns); x < std::min(w - border, (c + 1) * w / kColumns); ++x) {
                    const std::size_t i = static_cast<std::size_t>(y) * w + x;
                    const float s = score[i];
                    if (s < kMinScore || s < score[i - 1] || s < score[i + 1] || s < score[i - w] || s < score[i + w] ||
                        cover.at({2.0 * x + 1, 2.0 * y + 1})) {
                        continue;
                    }
                    cell.push_back({s, x, y});
                }
            }
            std::sort(cell.begin(), cell.end(), [](const Corner& a, const Corner& b) { return a.score > b.score; });
            int taken = 0;
            for (const Corner& k : cell) {
                const bool close = std::any_of(chosen.begin(), chosen.end(), [&](const Corner& o) {
                    return std::abs(o.x - k.x) < 5 && std::abs(o.y - k.y) < 5;
                });
                if (!close) {
                    chosen.push_back(k);
                    if (++taken == perCell) {
                        break;
                    }
                }
            }
        }
    }
    if (static_cast<int>(chosen.size()) > maxCount) {
        std::nth_element(chosen.begin(), chosen.begin() + maxCount, chosen.end(),
                         [](const Corner& a, const Corner& b) { return a.score > b.score; });
        chosen.resize(static_cast<std::size_t>(maxCount));
    }
    positions_.reserve(chosen.size());
    templates_.resize(chosen.size() * kPyramidLevels);
    constexpr int kWide = kSide + 2;
    std::array<float, kWide * kWide> wide;
    for (std::size_t p = 0; p < chosen.size(); ++p) {
        const Vec2 at{2.0 * chosen[p].x + 1, 2.0 * chosen[p].y + 1};
        positions_.push_back(at);
        for (int l = 0; l < kPyramidLevels; ++l) {
            Template& t = templates_[p * kPyramidLevels + l];
            const double shrink = 1.0 / (1 << l);
            if (!sample(picture.levels[static_cast<std::size_t>(l)], at.x * shrink, at.y * shrink, wide.data(), kRadius + 1)) {
                continue;
            }
            double mean = 0, hxx = 0, hxy = 0, hyy = 0;
            for (int y = 0; y < kSide; ++y) {
                for (int x = 0; x < kSide; ++x) {
                    const float* v = &wide[static_cast<std::size_t>((y + 1) * kWide + x + 1)];
                    const int i = y * kSide + x;
                    t.value[i] = v[0];
                    t.dx[i] = 0.5F * (v[1] - v[-1]);
                    t.dy[i] = 0.5F * (v[kWide] - v[-kWide]);
                    mean += v[0];
                    hxx += static_cast<double>(t.dx[i]) * t.dx[i];
                    hxy += static_cast<double>(t.dx[i]) * t.dy[i];
                    hyy += static_cast<double>(t.dy[i]) * t.dy[i];
                }
            }
            for (int i = 0; i < kPixels; ++i) {
                t.value[i] -= static_cast<float>(mean / kPixels);
                t.power += t.value[i] * t.value[i] / kPixels;
            }
            const double det = hxx * hyy - hxy * hxy;
            if (det < 1e-3 * (hxx + hyy) * (hxx + hyy) || hxx + hyy < 2.0 * kPixels) {
                continue;
            }
            t.inverse[0] = static_cast<float>(hyy / det);
            t.inverse[1] = static_cast<float>(-hxy / det);
            t.inverse[2] = static_cast<float>(hxx / det);
            t.usable = true;
        }
    }
}

void PatchSet::follow(const GreyPyramid& picture, std::span<const Vec2> guesses, std::vector<Match>& matches) const {
    matches.assign(positions_.size(), Match{});
    std::array<float, kPadded> seen{};
    for (std::size_t p = 0; p < positions_.size(); ++p) {
        Vec2 at = guesses[p];
        bool good = false;
        for (int l = kPyramidLevels - 1; l >= 0; --l) {
            const Template& t = templates_[p * kPyramidLevels + l];
            good = false;
            if (!t.usable) {
                continue;
            }
            const double shrink = 1.0 / (1 << l);
            double x = at.x * shrink, y = at.y * shrink;
            float error = 0;
            bool inside = true;
            for (int iteration = 0; iteration < 8; ++iteration) {
                inside = sample(picture.levels[static_cast<std::size_t>(l)], x, y, seen.data(), kRadius);
                if (!inside) {
                    break;
                }
                // Independent lanes, so that the compiler may vectorise the sums.
                std::array<float, kLanes> total{}, alongX{}, alongY{}, square{};
                for (std::size_t i = 0; i < kPadded; i += kLanes) {
                    for (std::size_t k = 0; k < kLanes; ++k) {
                        total[k] += seen[i + k];
                    }
                }
                const float mean = std::accumulate(total.begin(), total.end(), 0.F) / kPixels;
                for (std::size_t i = 0; i < kPadded; i += kLanes) {
                    for (std::size_t k = 0; k < kLanes; ++k) {
                        const float e = t.value[i + k] - (seen[i + k] - mean);
                        alongX[k] += e * t.dx[i + k];
                        alongY[k] += e * t.dy[i + k];
                        square[k] += e * e;
                    }
                }
                const float bx = std::accumulate(alongX.begin(), alongX.end(), 0.F);
                const float by = std::accumulate(alongY.begin(), alongY.end(), 0.F);
                // The padding is zero in picture and template and adds mean^2 each.
                error = (std::accumulate(square.begin(), square.end(), 0.F) - (kPadded - kPixels) * mean * mean) / kPixels;
                const double stepX = t.inverse[0] * bx + t.inverse[1] * by, stepY = t.inverse[1] * bx + t.inverse[2] * by;
                const double length = std::hypot(stepX, stepY);
                const double limit = length > kRadius ? kRadius / length : 1;
                x += limit * stepX;
                y += limit * stepY;
                if (length < (l == 0 ? 0.01 : 0.05)) {
                    break;
                }
            }
            const double moved = std::hypot(x - at.x * shrink, y - at.y * shrink);
            if (inside && moved < 2.5 * kRadius) {
                at = {x / shrink, y / shrink};
                // What is left unexplained must be small against the patch's own contrast.
                good = error < 0.35F * t.power + 9.F;
            }
        }
        matches[p] = {at, good};
    }
}

} // namespace body4d
