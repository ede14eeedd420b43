#include "models/blazepose/still_scene.h"

#include "models/blazepose/roi_map.h"
#include "models/blazepose/state_bytes.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace body4d::blazepose {

namespace {

constexpr int kMostCells = 256;       // along the longer side
constexpr int kSame = 66;             // of 3 * 255: sum of the differences of the three channels
constexpr std::uint8_t kLongest = 40; // frames after which nothing is better known
constexpr std::uint8_t kTrusted = 3;  // frames from which a cell's colour is believed
constexpr double kResting = 0.85;     // of the scene that must look as before
constexpr double kForgetting = 0.2;
constexpr int kFewestLearnt = 4;
constexpr int kRim = 2; // cells around a person that may be theirs

int difference(const std::uint8_t* a, const std::uint8_t* b) {
    return std::abs(a[0] - b[0]) + std::abs(a[1] - b[1]) + std::abs(a[2] - b[2]);
}

} // namespace

void markCells(const StillScene::Grid& grid, const Observation& o, const CropMask& mask, int rim,
               std::vector<std::uint8_t>& cells) {
    // The crop may be turned: its outer circle is looked at.
    const double reach = 0.75 * o.roi.side;
    const auto from = [&](double c) {
        return std::max(0, static_cast<int>(std::floor((c - reach) / grid.cell)));
    };
    const auto to = [&](double c, int count) {
        return std::clamp(static_cast<int>(std::ceil((c + reach) / grid.cell)), 0, count);
    };
    const Affine map = cropFromFrame(o.roi, mask.side);
    for (int y = from(o.roi.centreY); y < to(o.roi.centreY, grid.rows); ++y) {
        for (int x = from(o.roi.centreX); x < to(o.roi.centreX, grid.columns); ++x) {
            const Vec2 p = map(grid.centre(x, y));
            if (sampleMask(mask, p.x, p.y) <= 0.5F) {
                continue;
            }
            for (int v = std::max(0, y - rim); v <= std::min(grid.rows - 1, y + rim); ++v) {
                for (int u = std::max(0, x - rim); u <= std::min(grid.columns - 1, x + rim); ++u) {
                    cells[grid.at(u, v)] = 1;
                }
            }
        }
    }
}

void StillScene::see(const Image& frame) {
    const int cell = std::max(1, (std::max(frame.width, frame.height) + kMostCells - 1) / kMostCells);
    const int columns = frame.width / cell, rows = frame.height / cell;
    if (cell != grid_.cell || columns != grid_.columns || rows != grid_.rows) {
        forget();
        grid_ = {cell, columns, rows};
    }
    now_.resize(3 * grid_.count());
    const int near = cell / 4, far = cell - 1 - near; // four pixels stand for the cell
    std::uint8_t* out = now_.data();
    for (int y = 0; y < rows; ++y) {
        const std::uint8_t* upper = frame.row(y * cell + near);
        const std::uint8_t* lower = frame.row(y * cell + far);
        for (int x = 0; x < columns; ++x, out += 3) {
            const int a = 3 * (x * cell + near), b = 3 * (x * cell + far);
            for (int c = 0; c < 3; ++c) {
                out[c] = static_cast<std::uint8_t>(
                    (upper[a + c] + upper[b + c] + lower[a + c] + lower[b + c]) / 4);
            }
        }
    }
}

void StillScene::learn(const Others& people) {
    const std::size_t count = grid_.count();
    if (base_.empty()) {
        base_.assign(3 * count, 0);
        rival_.assign(3 * count, 0);
        lasted_.assign(count, 0);
        rivalLasted_.assign(count, 0);
        passed_.assign(count, 0);
    }
    std::vector<std::uint8_t> theirs(count);
    for (const Observation* person : people) {
        markCells(grid_, *person, *person->mask, kRim, theirs);
        notePassing(*person);
    }
    int compared = 0, same = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (theirs[i] != 0) {
            continue;
        }
        const std::uint8_t* seen = &now_[3 * i];
        std::uint8_t *base = &base_[3 * i], *rival = &rival_[3 * i];
        const bool believed = lasted_[i] >= kTrusted;
        compared += believed ? 1 : 0;
        if (lasted_[i] == 0) {
            std::copy_n(seen, 3, base);
            lasted_[i] = 1;
        } else if (difference(seen, base) < kSame) {
            same += believed ? 1 : 0;
            lasted_[i] = std::min<std::uint8_t>(kLongest, lasted_[i] + 1);
            rivalLasted_[i] = 0;
            for (int c = 0; c < 3; ++c) { // light changes slowly
                base[c] = static_cast<std::uint8_t>((7 * base[c] + seen[c] + 4) / 8);
            }
        } else if (rivalLasted_[i] > 0 && difference(seen, rival) < kSame) {
            if (++rivalLasted_[i] > lasted_[i]) {
                std::swap_ranges(base, base + 3, rival);
                std::swap(lasted_[i], rivalLasted_[i]);
                rivalLasted_[i] = 0;
            }
        } else {
            std::copy_n(seen, 3, rival);
            rivalLasted_[i] = 1;
        }
    }
    if (compared > 0) {
        const double share = static_cast<double>(same) / compared;
        agreement_ += kForgetting * (share - agreement_);
        ++learnt_;
    }
}

void StillScene::notePassing(const Observation& person) {
    std::vector<std::uint8_t> cells(grid_.count());
    markCells(grid_, person, person.ownMask(), 0, cells);
    const auto side = static_cast<float>(person.roi.side);
    for (int y = 0; y < grid_.rows; ++y) {
        for (int x = 0; x < grid_.columns; ++x) {
            // A mask may cover what stands in front; there the scene looks as ever.
            float& passed = passed_[grid_.at(x, y)];
            if (cells[grid_.at(x, y)] != 0 && (passed == 0 || side < passed) && cell(x, y) == Cell::Differs) {
                passed = side;
            }
        }
    }
}

void StillScene::forget() {
    passed_.clear();
    base_.clear();
    rival_.clear();
    lasted_.clear();
    rivalLasted_.clear();
    agreement_ = 0;
    learnt_ = 0;
}

bool StillScene::known() const {
    return learnt_ >= kFewestLearnt && agreement_ > kResting * (1 - std::pow(1 - kForgetting, learnt_));
}

StillScene::Cell StillScene::cell(int x, int y) const {
    const std::size_t i = grid_.at(x, y);
    if (base_.empty() || lasted_[i] < kTrusted) {
        return Cell::Unknown;
    }
    return difference(&now_[3 * i], &base_[3 * i]) < kSame ? Cell::Still : Cell::Differs;
}

template <typename Archive>
void StillScene::serialize(Archive& archive) {
    archive(grid_);
    archive(base_);
    archive(rival_);
    archive(lasted_);
    archive(rivalLasted_);
    archive(passed_);
    archive(agreement_);
    archive(learnt_);
    const std::size_t count = base_.empty() ? 0 : grid_.count();
    if (base_.size() != 3 * count || rival_.size() != 3 * count || lasted_.size() != count ||
        rivalLasted_.size() != count || passed_.size() != count) {
        StateReader::fail();
    }
}

template void StillScene::serialize(StateWriter&);
template void StillScene::serialize(StateReader&);

} // namespace body4d::blazepose
