#pragma once

#include <cstddef>
#include <string>

namespace body4d::nn {

/// The functions of NVIDIA's driver that this program calls itself. They come from a library that is opened
/// when somebody asks: no header of CUDA's is needed to build the program, and no library of CUDA's to start
/// it. Each returns 0 where it succeeds.
struct CudaDriver {
    using Handle = void*;
    int (*deviceGet)(int* device, int ordinal) = nullptr;
    int (*deviceGetName)(char* name, int size, int device) = nullptr;
    int (*deviceGetAttribute)(int* value, int attribute, int device) = nullptr;
    int (*primaryContextRetain)(Handle* context, int device) = nullptr;
    int (*contextGetCurrent)(Handle* context) = nullptr;
    int (*contextSetCurrent)(Handle context) = nullptr;
    int (*moduleLoadData)(Handle* module, const void* image) = nullptr;
    int (*moduleGetFunction)(Handle* function, Handle module, const char* name) = nullptr;
    int (*launchKernel)(Handle function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX,
                        unsigned blockY, unsigned blockZ, unsigned sharedBytes, Handle stream,
                        void** arguments, void** extra) = nullptr;
    int (*getErrorString)(int error, const char** text) = nullptr;

    /// @returns the driver's functions, or null where there is no such library or it lacks one of them; the
    /// library stays open
    [[nodiscard]] static const CudaDriver* open();
    /// Of a given library. @returns false where there is none or it lacks a function
    [[nodiscard]] bool openFrom(const char* library);

    /// What the driver calls a device; empty where it does not tell.
    [[nodiscard]] std::string nameOf(int ordinal) const;
    /// 89 for compute capability 8.9; 0 where the driver does not tell.
    [[nodiscard]] int computeCapabilityOf(int ordinal) const;
    /// What an error code means.
    [[nodiscard]] std::string describe(int error) const;
};

} // namespace body4d::nn
