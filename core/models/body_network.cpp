#include "models/body_network.h"

namespace body4d {

BodyNetwork::~BodyNetwork() = default;

} // namespace body4d
