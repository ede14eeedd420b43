#include "models/blazepose/pose_nets.h"

namespace body4d::blazepose {

PoseNetworks::~PoseNetworks() = default;

} // namespace body4d::blazepose
