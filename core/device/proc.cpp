#include "device/proc.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace body4d::detail {
namespace {

/// Value of "Key:   123 kB" in bytes; 0 when absent.
std::int64_t kilobytesOf(const char* file, const std::string& key) {
    std::ifstream in(file);
    std::string line;
    while (std::getline(in, line)) {
        if (line.starts_with(key + ":")) {
            return std::stoll(line.substr(key.size() + 1)) * 1024;
        }
    }
    return 0;
}

/// A number in a file; negative when absent or "max".
std::int64_t numberIn(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::int64_t value = -1;
    return in >> value ? value : -1;
}

} // namespace

ProcessUse processUse() {
    ProcessUse use;
    long long pages = 0, resident = 0;
    if (std::ifstream in("/proc/self/statm"); in >> pages >> resident) {
        use.residentBytes = resident * ::sysconf(_SC_PAGESIZE);
    }
    std::ifstream in("/proc/self/stat");
    std::string text((std::istreambuf_iterator<char>(in)), {});
    // The command name, in parentheses, may hold spaces: fields are counted after it.
    if (const auto close = text.rfind(')'); close != std::string::npos) {
        std::istringstream fields(text.substr(close + 1));
        std::string skipped;
        for (int field = 3; field < 14; ++field) {
            fields >> skipped;
        }
        double user = 0, system = 0;
        if (fields >> user >> system) {
            use.cpuSeconds = (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
        }
    }
    return use;
}

SystemMemory systemMemory() {
    SystemMemory memory{kilobytesOf("/proc/meminfo", "MemTotal"),
                        kilobytesOf("/proc/meminfo", "MemAvailable")};
    const auto limitBy = [&memory](std::int64_t limit, std::int64_t used) {
        if (limit > 0 && limit < memory.totalBytes) {
            memory.totalBytes = limit;
            memory.availableBytes = std::min(
                memory.availableBytes, std::max<std::int64_t>(0, limit - std::max<std::int64_t>(0, used)));
        }
    };
    const GroupMemory group = groupMemory("/proc/self/cgroup", "/sys/fs/cgroup");
    limitBy(group.limitBytes, group.usedBytes);
    limitBy(numberIn("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
            numberIn("/sys/fs/cgroup/memory/memory.usage_in_bytes"));
    return memory;
}

GroupMemory groupMemory(const std::filesystem::path& membership, const std::filesystem::path& mount) {
    std::ifstream in(membership);
    std::filesystem::path group;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("0::/")) {
            group = line.substr(4);
        }
    }
    // The groups that this process sees reach up to the mount; a container's own one lies there.
    GroupMemory lowest;
    for (;; group = group.parent_path()) {
        const auto limit = numberIn(mount / group / "memory.max");
        if (limit > 0 && (lowest.limitBytes == 0 || limit < lowest.limitBytes)) {
            lowest = {limit, std::max<std::int64_t>(0, numberIn(mount / group / "memory.current"))};
        }
        if (group.empty()) {
            return lowest;
        }
    }
}

std::string cpuModel() {
    std::ifstream in("/proc/cpuinfo");
    std::string line;
    while (std::getline(in, line)) {
        if (line.starts_with("model name")) {
            const auto at = line.find(':');
            return at == std::string::npos ? line : line.substr(std::min(line.size(), at + 2));
        }
    }
    return "unknown processor";
}

bool resetPeakResident() {
    std::ofstream out("/proc/self/clear_refs");
    return static_cast<bool>(out << "5" << std::flush);
}

std::int64_t peakResidentBytes() {
    return kilobytesOf("/proc/self/status", "VmHWM");
}

} // namespace body4d::detail
