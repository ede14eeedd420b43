#include "models/fov_network.h"

namespace body4d {

FovNetwork::~FovNetwork() = default;

} // namespace body4d
