// Stands in for libcuda.so.1: its one GPU is the processor, which runs the kernel's own text.
#include "host_kernel.h"

#include <cstring>

namespace {

int contexts = 0, launches = 0;
int context = 0, module = 0, function = 0; // addresses stand for handles
bool entered = false;

} // namespace

#define BODY4D_FAKE extern "C" __attribute__((visibility("default")))

BODY4D_FAKE int cuDeviceGet(int* device, int ordinal) {
    *device = ordinal;
    return ordinal == 0 ? 0 : 101;
}
BODY4D_FAKE int cuDeviceGetName(char* name, int size, int) {
    std::strncpy(name, "Fake GPU", static_cast<std::size_t>(size));
    return 0;
}
BODY4D_FAKE int cuDeviceGetAttribute(int* value, int attribute, int) {
    *value = attribute == 75 ? 8 : 9;
    return 0;
}
BODY4D_FAKE int cuDevicePrimaryCtxRetain(void** out, int) {
    ++contexts;
    *out = &context;
    return 0;
}
BODY4D_FAKE int cuCtxGetCurrent(void** out) {
    *out = entered ? &context : nullptr;
    return 0;
}
BODY4D_FAKE int cuCtxSetCurrent(void* given) {
    entered = given == &context;
    return entered ? 0 : 201;
}
/// Takes what a driver takes: the program's compiled kernel, code for one GPU (ELF) or text.
BODY4D_FAKE int cuModuleLoadData(void** out, const void* image) {
    const auto* bytes = static_cast<const unsigned char*>(image);
    const bool fat = bytes[0] == 0x50 && bytes[1] == 0xED && bytes[2] == 0x55 && bytes[3] == 0xBA;
    const bool elf = bytes[0] == 0x7F && bytes[1] == 'E';
    *out = &module;
    return entered && (fat || elf || bytes[0] == '/') ? 0 : 200;
}
BODY4D_FAKE int cuModuleGetFunction(void** out, void* of, const char* name) {
    *out = &function;
    return of == &module && std::strcmp(name, "body4dCutCrops") == 0 ? 0 : 500;
}
BODY4D_FAKE int cuLaunchKernel(void* what, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX,
                               unsigned blockY, unsigned blockZ, unsigned, void* stream, void** arguments,
                               void**) {
    if (what != &function || stream == nullptr || blockX * blockY * blockZ > 1024) {
        return 1;
    }
    ++launches;
    body4d::sam3d_body::testing::runCropKernel({gridX, gridY, gridZ}, {blockX, blockY, blockZ}, arguments);
    return 0;
}
BODY4D_FAKE int cuGetErrorString(int error, const char** text) {
    *text = error == 1 ? "invalid argument" : "another error";
    return 0;
}
BODY4D_FAKE int body4dFakeLaunches() {
    return launches;
}
BODY4D_FAKE int body4dFakeContexts() {
    return contexts;
}
