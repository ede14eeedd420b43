#include "nn/side_stream.h"

#include <ATen/ATen.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <cstring>

namespace body4d::nn {
namespace {

c10::Stream ownStream(c10::Device device) {
    return c10::impl::VirtualGuardImpl(device.type()).getStream(device);
}

} // namespace

SideStream::SideStream(const Placement& placement) : device_(placement.device) {
    if (placement.onGpu()) {
        stream_ = c10::impl::VirtualGuardImpl(device_.type()).getStreamFromGlobalPool(device_);
    }
}

SideStream::Entered::Entered(SideStream& side) {
    if (!side.stream_) {
        return;
    }
    const c10::impl::VirtualGuardImpl guard(side.device_.type());
    c10::Event sofar(side.device_.type());
    sofar.record(ownStream(side.device_));
    sofar.block(*side.stream_);
    before_ = guard.exchangeStream(*side.stream_);
}

SideStream::Entered::~Entered() {
    if (before_) {
        (void)c10::impl::VirtualGuardImpl(before_->device_type()).exchangeStream(*before_);
    }
}

SideStream::Mark SideStream::mark() const {
    Mark mark;
    if (stream_) {
        mark.event_.emplace(device_.type());
        mark.event_->record(*stream_);
    }
    return mark;
}

SideStream::Mark SideStream::Mark::here(c10::Device device) {
    Mark mark;
    if (!device.is_cpu()) {
        mark.event_.emplace(device.type());
        mark.event_->record(ownStream(device));
    }
    return mark;
}

void SideStream::Mark::holdBack() const {
    if (event_) {
        event_->block(ownStream(event_->device()));
    }
}

void SideStream::Mark::wait() const {
    if (event_) {
        event_->synchronize();
    }
}

void SideStream::borrow(const at::Tensor& tensor) const {
    if (stream_) {
        tensor.record_stream(*stream_);
    }
}

void SideStream::handOver(const at::Tensor& tensor) const {
    if (stream_) {
        tensor.record_stream(ownStream(device_));
    }
}

at::Tensor uploadBytes(const void* bytes, at::IntArrayRef shape, c10::Device device) {
    const bool gpu = device.is_cuda();
    // The allocator of pinned memory knows which copies still read from it, so the tensor may go at once.
    const auto host = at::empty(shape, at::TensorOptions().dtype(at::kByte).pinned_memory(gpu));
    std::memcpy(host.mutable_data_ptr(), bytes, host.nbytes());
    return host.to(device, /*non_blocking=*/gpu);
}

at::Tensor uploaded(const at::Tensor& host, c10::Device device) {
    return device.is_cuda() ? host.pin_memory().to(device, /*non_blocking=*/true) : host;
}

} // namespace body4d::nn
