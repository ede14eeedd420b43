// A stand-in for NVIDIA's management library: says what the file named by BODY4D_FAKE_NVML says, "used total
// load ours" in bytes, bytes, percent and bytes of the calling process (0: not told), read at every call.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

namespace {

struct Memory {
    unsigned long long total, free, used;
};
struct Utilization {
    unsigned gpu, memory;
};
struct Script {
    unsigned long long used = 0, total = 0;
    unsigned load = 0;
    unsigned long long ours = 0;
};
struct Process {
    unsigned pid;
    unsigned long long bytes;
    unsigned gpuInstance, computeInstance;
};

bool read(Script& script) {
    const char* path = std::getenv("BODY4D_FAKE_NVML");
    std::FILE* file = path != nullptr ? std::fopen(path, "r") : nullptr;
    if (file == nullptr) {
        return false;
    }
    const bool ok = std::fscanf(file, "%llu %llu %u %llu", &script.used, &script.total, &script.load, &script.ours) >= 3;
    std::fclose(file);
    return ok;
}

int copy(const char* text, char* out, unsigned size) {
    std::snprintf(out, size, "%s", text);
    return 0;
}

} // namespace

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT int nvmlInit_v2() {
    return 0;
}
EXPORT int nvmlShutdown() {
    return 0;
}
EXPORT int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** device) {
    static int only = 0;
    *device = &only;
    return index == 0 ? 0 : 2;
}
EXPORT int nvmlDeviceGetMemoryInfo(void*, Memory* memory) {
    Script script;
    if (!read(script)) {
        return 999;
    }
    *memory = {script.total, script.total - script.used, script.used};
    return 0;
}
EXPORT int nvmlDeviceGetUtilizationRates(void*, Utilization* use) {
    Script script;
    if (!read(script)) {
        return 999;
    }
    *use = {script.load, 0};
    return 0;
}
EXPORT int nvmlDeviceGetComputeRunningProcesses_v3(void*, unsigned* count, Process* processes) {
    Script script;
    if (!read(script)) {
        return 999;
    }
    if (*count < 2) {
        *count = 2;
        return 7;
    }
    processes[0] = {1, 77, 0, 0}; // somebody else
    processes[1] = {static_cast<unsigned>(::getpid()), script.ours, 0, 0};
    *count = script.ours > 0 ? 2 : 1;
    return 0;
}
EXPORT int nvmlDeviceGetName(void*, char* name, unsigned size) {
    return copy("Scripted GPU", name, size);
}
EXPORT int nvmlSystemGetDriverVersion(char* version, unsigned size) {
    return copy("123.45", version, size);
}
