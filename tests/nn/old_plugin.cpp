// A plug-in that does not say what it was built with. It must not be called.
#include <cstdlib>

extern "C" __attribute__((visibility("default"))) void* body4dTorchPlugin(int, const void*) {
    std::abort();
}
