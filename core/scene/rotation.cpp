#include "scene/rotation.h"

#include <cmath>

namespace body4d {

std::optional<Mat3> rotationOf(double w, double x, double y, double z) {
    const double n = std::sqrt(w * w + x * x + y * y + z * z);
    if (!std::isfinite(n) || n < 1e-9) {
        return std::nullopt;
    }
    w /= n, x /= n, y /= n, z /= n;
    return Mat3{{1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w), 2 * (x * y + z * w),
                 1 - 2 * (x * x + z * z), 2 * (y * z - x * w), 2 * (x * z - y * w), 2 * (y * z + x * w),
                 1 - 2 * (x * x + y * y)}};
}

} // namespace body4d
