#include "nn/fields.h"

#include <ATen/ATen.h>

namespace body4d::nn {

at::Tensor parameter(at::IntArrayRef shape, at::ScalarType dtype) {
    return at::empty(shape, at::TensorOptions().device(at::kMeta).dtype(dtype));
}

} // namespace body4d::nn
