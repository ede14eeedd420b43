#include "pipeline/prompt_mask.h"

#include <algorithm>
#include <limits>

namespace body4d {
namespace {

struct Extent {
    int x0 = std::numeric_limits<int>::max(), y0 = x0, x1 = -1, y1 = -1; ///< inclusive
};

/// Calls fn(column, first row, end row) for every piece of a run inside.
template <typename Fn>
void eachPiece(const RleMask& mask, Fn fn) {
    if (mask.height <= 0) {
        return;
    }
    const auto height = static_cast<std::uint64_t>(mask.height);
    std::uint64_t position = 0;
    bool inside = false;
    for (const auto count : mask.counts) {
        for (auto begin = position; inside && begin < position + count;) {
            const auto column = begin / height;
            const auto end = std::min(position + count, (column + 1) * height);
            fn(static_cast<int>(column), static_cast<int>(begin - column * height), static_cast<int>(end - column * height));
            begin = end;
        }
        position += count;
        inside = !inside;
    }
}

Extent extentOf(const RleMask& mask) {
    Extent e;
    eachPiece(mask, [&e](int x, int y0, int y1) {
        e.x0 = std::min(e.x0, x);
        e.x1 = std::max(e.x1, x);
        e.y0 = std::min(e.y0, y0);
        e.y1 = std::max(e.y1, y1 - 1);
    });
    return e;
}

} // namespace

std::optional<PointPrompt> pointInside(const RleMask& mask) {
    const auto e = extentOf(mask);
    if (e.x1 < 0) {
        return std::nullopt;
    }
    // City-block distance to the outside, two passes, on the mask's box with a rim of outside around it.
    const int w = e.x1 - e.x0 + 3, h = e.y1 - e.y0 + 3;
    std::vector<int> distance(static_cast<std::size_t>(w) * h, 0);
    const auto at = [&](int x, int y) -> int& { return distance[static_cast<std::size_t>(y) * w + x]; };
    eachPiece(mask, [&](int x, int y0, int y1) {
        for (int y = y0; y < y1; ++y) {
            at(x - e.x0 + 1, y - e.y0 + 1) = w + h;
        }
    });
    for (int y = 1; y < h; ++y) {
        for (int x = 1; x < w; ++x) {
            at(x, y) = std::min({at(x, y), at(x - 1, y) + 1, at(x, y - 1) + 1});
        }
    }
    int best = 0, bestX = 0, bestY = 0;
    for (int y = h - 2; y >= 0; --y) {
        for (int x = w - 2; x >= 0; --x) {
            at(x, y) = std::min({at(x, y), at(x + 1, y) + 1, at(x, y + 1) + 1});
            if (at(x, y) > best) {
                best = at(x, y);
                bestX = x;
                bestY = y;
            }
        }
    }
    return PointPrompt{e.x0 + bestX - 1 + 0.5, e.y0 + bestY - 1 + 0.5, true};
}

Prompt promptForEngine(const Prompt& prompt) {
    Prompt out = prompt;
    out.mask.reset();
    if (!prompt.mask || prompt.box || !prompt.points.empty()) {
        return out;
    }
    if (const auto point = pointInside(*prompt.mask)) {
        const auto e = extentOf(*prompt.mask);
        out.points.push_back(*point);
        out.box = Box{static_cast<double>(e.x0), static_cast<double>(e.y0), e.x1 + 1.0, e.y1 + 1.0};
    }
    return out;
}

void applySaid(const Target& target, TargetFrame& frame) {
    for (const auto& prompt : target.prompts) {
        if (prompt.frame == frame.frame && prompt.mask) {
            frame.mask = *prompt.mask;
            frame.state = FrameState::Visible;
            frame.prompted = true;
        }
    }
    if (contains(target.absent, frame.frame)) {
        const auto index = frame.frame;
        frame = TargetFrame{};
        frame.frame = index;
    }
}

bool engineTakesMasks(const std::string& segmentEngine) {
    return segmentEngine == "sam3" || segmentEngine == "edgetam";
}

bool samePrompt(const Prompt& a, const Prompt& b) {
    const auto sameBox = [](const Box& p, const Box& q) {
        return p.x0 == q.x0 && p.y0 == q.y0 && p.x1 == q.x1 && p.y1 == q.y1;
    };
    return a.frame == b.frame && a.box.has_value() == b.box.has_value() && (!a.box || sameBox(*a.box, *b.box)) &&
           (a.mask == b.mask || (a.mask && b.mask && *a.mask == *b.mask)) &&
           std::equal(a.points.begin(), a.points.end(), b.points.begin(), b.points.end(),
                      [](const PointPrompt& p, const PointPrompt& q) {
                          return p.x == q.x && p.y == q.y && p.include == q.include;
                      });
}

std::vector<FrameRange> withRange(std::vector<FrameRange> ranges, FrameRange add) {
    if (add.size() == 0) {
        return ranges;
    }
    ranges.push_back(add);
    std::sort(ranges.begin(), ranges.end(), [](auto a, auto b) { return a.begin < b.begin; });
    std::vector<FrameRange> out;
    for (const auto& r : ranges) {
        if (!out.empty() && r.begin <= out.back().end) {
            out.back().end = std::max(out.back().end, r.end);
        } else {
            out.push_back(r);
        }
    }
    return out;
}

std::vector<FrameRange> withoutRange(const std::vector<FrameRange>& ranges, FrameRange cut) {
    std::vector<FrameRange> out;
    for (const auto& r : ranges) {
        const FrameRange before{r.begin, std::min(r.end, cut.begin)}, after{std::max(r.begin, cut.end), r.end};
        if (cut.size() == 0) {
            out.push_back(r);
            continue;
        }
        for (const auto& rest : {before, after}) {
            if (rest.size() > 0) {
                out.push_back(rest);
            }
        }
    }
    return out;
}

std::vector<FrameRange> commonRanges(const std::vector<FrameRange>& a, const std::vector<FrameRange>& b) {
    std::vector<FrameRange> out;
    for (const auto& p : a) {
        for (const auto& q : b) {
            const FrameRange both{std::max(p.begin, q.begin), std::min(p.end, q.end)};
            if (both.size() > 0) {
                out.push_back(both);
            }
        }
    }
    return out;
}

bool contains(const std::vector<FrameRange>& ranges, std::int64_t frame) {
    return std::any_of(ranges.begin(), ranges.end(), [frame](const FrameRange& r) { return r.contains(frame); });
}

} // namespace body4d
