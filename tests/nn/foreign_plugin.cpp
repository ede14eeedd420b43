// A plug-in that was built with other headers. It must not be called.
#include <cstdlib>

extern "C" __attribute__((visibility("default"))) const char body4dTorchInterface[] = "0000";

extern "C" __attribute__((visibility("default"))) void* body4dTorchPlugin(const void*) {
    std::abort();
}
