#include "body/detail/block_tridiagonal.h"

#include "base/error.h"
#include "base/target_clones.h"

#include <cmath>
#include <cstdlib>

#define BODY4D_INLINE inline __attribute__((always_inline))

namespace body4d::detail {
namespace {

// A block of 63 variables is padded to 64 = 8 x 8 tiles; a tile is stored by columns, each one register of 8
// numbers.
constexpr std::size_t kTile = 8, kTiles = 8, kTileSize = kTile * kTile;
constexpr std::size_t kTriangle = kTiles * (kTiles + 1) / 2 * kTileSize;
using Column = double __attribute__((vector_size(64), aligned(64), may_alias));

constexpr std::size_t tileAt(std::size_t row, std::size_t column) {
    return (row * (row + 1) / 2 + column) * kTileSize;
}

/// c -= a b^T
BODY4D_INLINE void subtractTransposed(Column* c, const double* a, const double* b) {
    const auto* columns = reinterpret_cast<const Column*>(a);
    for (std::size_t k = 0; k < kTile; ++k) {
        const Column left = columns[k];
        for (std::size_t j = 0; j < kTile; ++j) {
            c[j] -= left * b[k * kTile + j];
        }
    }
}

/// c += a b
BODY4D_INLINE void addProduct(Column* c, const double* a, const double* b) {
    const auto* columns = reinterpret_cast<const Column*>(a);
    for (std::size_t k = 0; k < kTile; ++k) {
        const Column left = columns[k];
        for (std::size_t j = 0; j < kTile; ++j) {
            c[j] += left * b[j * kTile + k];
        }
    }
}

BODY4D_INLINE void load(Column* c, const double* tile) {
    for (std::size_t j = 0; j < kTile; ++j) {
        c[j] = reinterpret_cast<const Column*>(tile)[j];
    }
}
BODY4D_INLINE void store(double* tile, const Column* c) {
    for (std::size_t j = 0; j < kTile; ++j) {
        reinterpret_cast<Column*>(tile)[j] = c[j];
    }
}
BODY4D_INLINE void storeTransposed(double* tile, const double* source) {
    for (std::size_t j = 0; j < kTile; ++j) {
        for (std::size_t i = 0; i < kTile; ++i) {
            tile[i * kTile + j] = source[j * kTile + i];
        }
    }
}

/// Cholesky of one tile (columns, lower triangle used; the upper becomes 0) and the inverse of its factor.
BODY4D_INLINE bool factorTile(double* t, double* inverse) {
    for (std::size_t j = 0; j < kTile; ++j) {
        double d = t[j * kTile + j];
        for (std::size_t k = 0; k < j; ++k) {
            d -= t[k * kTile + j] * t[k * kTile + j];
        }
        if (!(d > 0)) {
            return false;
        }
        d = std::sqrt(d);
        t[j * kTile + j] = d;
        for (std::size_t i = j + 1; i < kTile; ++i) {
            double v = t[j * kTile + i];
            for (std::size_t k = 0; k < j; ++k) {
                v -= t[k * kTile + i] * t[k * kTile + j];
            }
            t[j * kTile + i] = v / d;
        }
        for (std::size_t i = 0; i < j; ++i) {
            t[j * kTile + i] = 0;
        }
    }
    for (std::size_t j = 0; j < kTile; ++j) {
        for (std::size_t i = 0; i < kTile; ++i) {
            if (i < j) {
                inverse[j * kTile + i] = 0;
                continue;
            }
            double v = i == j ? 1 : 0;
            for (std::size_t k = j; k < i; ++k) {
                v -= t[k * kTile + i] * inverse[j * kTile + k];
            }
            inverse[j * kTile + i] = v / t[i * kTile + i];
        }
    }
    return true;
}

/// Replaces the lower tiles of a symmetric matrix by the inverse of its Cholesky factor.
/// @param scratch kTriangle numbers
BODY4D_CLONES bool invertFactor(double* a, double* scratch) {
    alignas(64) double diagonal[kTiles][kTileSize];
    for (std::size_t J = 0; J < kTiles; ++J) {
        Column c[kTile];
        load(c, a + tileAt(J, J));
        for (std::size_t K = 0; K < J; ++K) {
            subtractTransposed(c, a + tileAt(J, K), a + tileAt(J, K));
        }
        store(a + tileAt(J, J), c);
        if (!factorTile(a + tileAt(J, J), diagonal[J])) {
            return false;
        }
        alignas(64) double inverseTransposed[kTileSize];
        storeTransposed(inverseTransposed, diagonal[J]);
        for (std::size_t I = J + 1; I < kTiles; ++I) {
            load(c, a + tileAt(I, J));
            for (std::size_t K = 0; K < J; ++K) {
                subtractTransposed(c, a + tileAt(I, K), a + tileAt(J, K));
            }
            store(a + tileAt(I, J), c);
            Column x[kTile] = {};
            addProduct(x, a + tileAt(I, J), inverseTransposed);
            store(a + tileAt(I, J), x);
        }
    }
    for (std::size_t J = 0; J < kTiles; ++J) {
        Column c[kTile];
        load(c, diagonal[J]);
        store(scratch + tileAt(J, J), c);
        for (std::size_t I = J + 1; I < kTiles; ++I) {
            Column sum[kTile] = {};
            for (std::size_t K = J; K < I; ++K) {
                addProduct(sum, a + tileAt(I, K), scratch + tileAt(K, J));
            }
            alignas(64) double tile[kTileSize];
            for (std::size_t j = 0; j < kTile; ++j) {
                sum[j] = -sum[j];
            }
            store(tile, sum);
            Column x[kTile] = {};
            addProduct(x, diagonal[I], tile);
            store(scratch + tileAt(I, J), x);
        }
    }
    for (std::size_t i = 0; i < kTriangle / kTile; ++i) {
        reinterpret_cast<Column*>(a)[i] = reinterpret_cast<const Column*>(scratch)[i];
    }
    return true;
}

/// Lower tiles of m^T m for a lower triangular m. @param transposed kTriangle numbers of scratch
BODY4D_CLONES void selfProduct(const double* m, double* transposed, double* out) {
    for (std::size_t i = 0; i < kTriangle; i += kTileSize) {
        storeTransposed(transposed + i, m + i);
    }
    for (std::size_t I = 0; I < kTiles; ++I) {
        for (std::size_t J = 0; J <= I; ++J) {
            Column sum[kTile] = {};
            for (std::size_t K = I; K < kTiles; ++K) {
                addProduct(sum, transposed + tileAt(K, I), m + tileAt(K, J));
            }
            store(out + tileAt(I, J), sum);
        }
    }
}

/// y = m x
BODY4D_CLONES void multiply(const double* m, const double* x, double* y) {
    for (std::size_t I = 0; I < kTiles; ++I) {
        Column sum = {};
        for (std::size_t J = 0; J <= I; ++J) {
            const auto* columns = reinterpret_cast<const Column*>(m + tileAt(I, J));
            for (std::size_t k = 0; k < kTile; ++k) {
                sum += columns[k] * x[J * kTile + k];
            }
        }
        reinterpret_cast<Column*>(y)[I] = sum;
    }
}

/// y = m^T x
BODY4D_CLONES void multiplyTransposed(const double* m, const double* x, double* y) {
    const auto* in = reinterpret_cast<const Column*>(x);
    for (std::size_t J = 0; J < kTiles; ++J) {
        for (std::size_t k = 0; k < kTile; ++k) {
            Column sum = {};
            for (std::size_t I = J; I < kTiles; ++I) {
                sum += reinterpret_cast<const Column*>(m + tileAt(I, J))[k] * in[I];
            }
            y[J * kTile + k] =
                ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
        }
    }
}

struct alignas(64) Triangle {
    double values[kTriangle];
};
struct alignas(64) Padded {
    double values[kTile * kTiles];
};

} // namespace

struct BlockTridiagonal::Storage {
    std::vector<Triangle> factor; ///< inverse Cholesky factors
    std::vector<Padded> reduced;  ///< right-hand sides after the forward sweep
    std::vector<Padded> coupling;
    std::size_t rows = 0;
    Triangle scratch, schur;
};

BlockTridiagonal::BlockTridiagonal() : storage_(std::make_unique<Storage>()) {}
BlockTridiagonal::~BlockTridiagonal() = default;
BlockTridiagonal::BlockTridiagonal(BlockTridiagonal&&) noexcept = default;
BlockTridiagonal& BlockTridiagonal::operator=(BlockTridiagonal&&) noexcept = default;

void BlockTridiagonal::reset(std::size_t capacity) {
    storage_->rows = 0;
    if (storage_->factor.size() < capacity) {
        storage_->factor.resize(capacity);
        storage_->reduced.resize(capacity);
        storage_->coupling.resize(capacity);
    }
}

bool BlockTridiagonal::append(const PoseMatrix& diagonal, const PoseVector& coupling, const PoseVector& rhs) {
    Storage& s = *storage_;
    BODY4D_EXPECT(s.rows < s.factor.size());
    double* a = s.factor[s.rows].values;
    double* u = s.coupling[s.rows].values;
    double* y = s.reduced[s.rows].values;
    for (std::size_t i = 0; i < kTile * kTiles; ++i) {
        u[i] = i < kPoseVariables ? coupling[static_cast<Eigen::Index>(i)] : 0;
        y[i] = i < kPoseVariables ? rhs[static_cast<Eigen::Index>(i)] : 0;
    }
    for (std::size_t I = 0; I < kTiles; ++I) {
        for (std::size_t J = 0; J <= I; ++J) {
            double* tile = a + tileAt(I, J);
            for (std::size_t j = 0; j < kTile; ++j) {
                for (std::size_t i = 0; i < kTile; ++i) {
                    const std::size_t row = I * kTile + i, column = J * kTile + j;
                    tile[j * kTile + i] =
                        row < kPoseVariables && column < kPoseVariables
                            ? diagonal(static_cast<Eigen::Index>(row), static_cast<Eigen::Index>(column))
                            : (row == column ? 1 : 0);
                }
            }
        }
    }
    if (s.rows > 0) {
        // Schur complement: what the rows before leave of this one, U inv(B) U with U diagonal
        const double* before = s.factor[s.rows - 1].values;
        selfProduct(before, s.scratch.values, s.schur.values);
        for (std::size_t I = 0; I < kTiles; ++I) {
            for (std::size_t J = 0; J <= I; ++J) {
                const double* schur = s.schur.values + tileAt(I, J);
                double* tile = a + tileAt(I, J);
                for (std::size_t j = 0; j < kTile; ++j) {
                    for (std::size_t i = 0; i < kTile; ++i) {
                        tile[j * kTile + i] -= u[I * kTile + i] * schur[j * kTile + i] * u[J * kTile + j];
                    }
                }
            }
        }
        Padded half, full;
        multiply(before, s.reduced[s.rows - 1].values, half.values);
        multiplyTransposed(before, half.values, full.values);
        for (std::size_t i = 0; i < kTile * kTiles; ++i) {
            y[i] -= u[i] * full.values[i];
        }
    }
    if (!invertFactor(a, s.scratch.values)) {
        return false;
    }
    ++s.rows;
    return true;
}

void BlockTridiagonal::solve(std::vector<PoseVector>& x) const {
    const Storage& s = *storage_;
    x.resize(s.rows);
    Padded later{};
    for (std::size_t n = s.rows; n-- > 0;) {
        Padded rhs = s.reduced[n], half;
        if (n + 1 < s.rows) {
            for (std::size_t i = 0; i < kTile * kTiles; ++i) {
                rhs.values[i] -= s.coupling[n + 1].values[i] * later.values[i];
            }
        }
        multiply(s.factor[n].values, rhs.values, half.values);
        multiplyTransposed(s.factor[n].values, half.values, later.values);
        x[n] = Eigen::Map<const PoseVector>(later.values);
    }
}

} // namespace body4d::detail
