#pragma once

#include "base/image.h"
#include "models/blazepose/observation.h"
#include "models/blazepose/ownership.h"

#include <array>
#include <cstdint>
#include <vector>

namespace body4d::blazepose {

/// What stands still in front of a resting camera, learnt where no known person is. With it the tracker sees
/// that somebody is still there when a thing hides half of them from the networks: what differs from the
/// still scene is somebody, whatever covers the rest. Coarse, so that it costs little; while the camera moves
/// it knows nothing.
class StillScene {
public:
    /// Cells of the picture, row by row.
    struct Grid {
        int cell = 1, columns = 0, rows = 0; ///< cell: side in pixels

        [[nodiscard]] std::size_t count() const {
            return static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows);
        }
        [[nodiscard]] std::size_t at(int x, int y) const {
            return static_cast<std::size_t>(y) * static_cast<std::size_t>(columns) +
                   static_cast<std::size_t>(x);
        }
        /// Centre of a cell, index space of the frame.
        [[nodiscard]] Vec2 centre(int x, int y) const {
            return {(x + 0.5) * cell - 0.5, (y + 0.5) * cell - 0.5};
        }
    };
    enum class Cell : std::uint8_t { Unknown, Still, Differs };

    /// The next frame. To be called before anything is asked about it.
    void see(const Image& frame);
    /// Learns from the frame seen last. @param people everybody known on it
    void learn(const Others& people);
    /// The shot ended.
    void forget();

    [[nodiscard]] const Grid& grid() const { return grid_; }
    /// The camera rests, and enough of the scene is known to rely on it.
    [[nodiscard]] bool known() const;
    /// Of the frame seen last.
    [[nodiscard]] Cell cell(int x, int y) const;
    /// Side of the smallest crop of anybody who was seen in front of the cell, that is of whoever was farthest
    /// off; 0: nobody was. Nothing there hides people who are as near as that.
    [[nodiscard]] float passedBy(int x, int y) const { return passed_.empty() ? 0 : passed_[grid_.at(x, y)]; }
    /// Colour of a cell of the frame seen last, RGB.
    [[nodiscard]] const std::uint8_t* colour(int x, int y) const { return now_.data() + 3 * grid_.at(x, y); }

    template <typename Archive>
    void serialize(Archive& archive);

private:
    void notePassing(const Observation& person);

    Grid grid_;
    std::vector<std::uint8_t> now_;                  ///< 3 values a cell
    std::vector<std::uint8_t> base_, rival_;         ///< the scene, and what may take its place
    std::vector<std::uint8_t> lasted_, rivalLasted_; ///< frames learnt, up to kLongest
    std::vector<float> passed_;                      ///< passedBy()
    double agreement_ = 0;                           ///< share of the scene that looks as before, of late
    int learnt_ = 0;
};

/// Marks the cells of a grid that `o` covers. @param rim cells added all around
void markCells(const StillScene::Grid& grid, const Observation& o, const CropMask& mask, int rim,
               std::vector<std::uint8_t>& cells);

} // namespace body4d::blazepose
