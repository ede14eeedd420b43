#pragma once

#include "body/detail/pose_objective.h"

#include <memory>
#include <vector>

namespace body4d::detail {

/// Solves a symmetric positive definite system whose diagonal blocks are full and whose off-diagonal blocks
/// are diagonal, block after block: memory is one triangle per block, no more than the caller keeps in one
/// chain.
class BlockTridiagonal {
public:
    BlockTridiagonal();
    ~BlockTridiagonal();
    BlockTridiagonal(BlockTridiagonal&&) noexcept;
    BlockTridiagonal& operator=(BlockTridiagonal&&) noexcept;

    /// Starts a new chain of at most `capacity` blocks.
    void reset(std::size_t capacity);
    /// Appends the next block row. @param diagonal lower triangle is read  @param coupling diagonal of the
    /// block that couples it with the previous row (ignored for the first)  @param rhs right-hand side
    /// @returns false when the matrix is not positive definite
    [[nodiscard]] bool append(const PoseMatrix& diagonal, const PoseVector& coupling, const PoseVector& rhs);
    /// Solution of all rows appended. @param x resized to the number of rows
    void solve(std::vector<PoseVector>& x) const;

private:
    struct Storage;
    std::unique_ptr<Storage> storage_;
};

} // namespace body4d::detail
