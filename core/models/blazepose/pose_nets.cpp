#include "models/blazepose/pose_nets.h"

namespace body4d::blazepose {

PoseNetworks::~PoseNetworks() = default;

void PoseNetworks::hands(std::size_t, const Produce&, const UseHands&, const std::stop_token&) {}

} // namespace body4d::blazepose
