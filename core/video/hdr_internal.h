#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace body4d {

/// HDR pictures (HLG of telephones, PQ of discs) as a normal screen shows them: light is computed back from
/// the signal, highlights above diffuse white (203 cd/m2) are rolled off, colours go from their primaries to BT.709's.
/// Curves: ITU-R BT.2100; reference white: ITU-R BT.2408.
class HdrToSdr {
public:
    enum class Transfer { Hlg, Pq };
    enum class Primaries { Bt2020, P3, Bt709 };
    HdrToSdr(Transfer transfer, Primaries primaries);
    [[nodiscard]] Transfer transfer() const { return transfer_; }
    [[nodiscard]] Primaries primaries() const { return primaries_; }
    /// Eight bits are too coarse for these curves, so the source has sixteen. Several threads share the rows.
    /// @param from 16-bit RGB, `fromStride` values from row to row  @param to 8-bit RGB without padding
    void apply(const std::uint16_t* from, std::ptrdiff_t fromStride, int width, int height,
               std::uint8_t* to) const;

private:
    static constexpr int kNodes = 33; ///< a side of the table
    Transfer transfer_;
    Primaries primaries_;
    std::vector<float> table_; ///< kNodes^3 * 3, blue fastest, 0..255
};

} // namespace body4d
