#pragma once

#include "base/image.h"

namespace body4d {

/// A network that tells from a picture how wide the camera sees. Thread-safe, one call at a time on the
/// device. Out of memory arrives as OutOfMemoryError.
class FovNetwork {
public:
    virtual ~FovNetwork();
    /// Focal length in pixels of a pinhole whose axis goes through the middle of the picture.
    /// @throws Error{Input} when the picture does not tell
    [[nodiscard]] virtual double focalPx(const Image& picture) const = 0;
};

} // namespace body4d
