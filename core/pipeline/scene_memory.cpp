#include "pipeline/scene_memory.h"

#include "base/error.h"

#include <algorithm>
#include <malloc.h>
#include <new>

namespace body4d::detail {

std::string smallerSceneAdvice(int resolution, const std::string& variant, std::size_t points) {
    std::string advice;
    const auto add = [&advice](const std::string& what) { advice += (advice.empty() ? "" : ", ") + what; };
    constexpr int kFirst = 448, kSecond = 392, kStep = 56;
    if (resolution > kFirst) {
        add("--process-res 448 or 392");
    } else if (resolution > kSecond) {
        add("--process-res 392");
    } else if (resolution > 2 * kStep) {
        add("--process-res " + std::to_string(resolution - kStep));
    }
    if (variant.find("giant") != std::string::npos) {
        add("a smaller model (--model-dir da3-large, da3-base or da3-small)");
    } else if (variant.starts_with("vggt")) {
        add("a smaller model (--engine da3 --model-dir da3-base or da3-small)");
    } else if (variant.find("large") != std::string::npos) {
        add("a smaller model (--model-dir da3-base or da3-small)");
    } else if (variant.find("base") != std::string::npos) {
        add("a smaller model (--model-dir da3-small)");
    }
    constexpr std::size_t kFew = 1000;
    if (points > kFew) {
        add("fewer points (--num-max-points " + std::to_string(points / 2) + ")");
    }
    return advice.empty() ? "a larger --budget" : "in this order: " + advice;
}

std::string smallerSceneRemedy(int resolution, const std::string& variant, std::size_t points) {
    const auto advice = smallerSceneAdvice(resolution, variant, points);
    return advice.starts_with("in this order") ? "It takes less with, " + advice + "."
                                               : "It takes " + advice + ", or other programs closed.";
}

void giveBackFreedMemory() {
#ifdef __GLIBC__
    ::malloc_trim(0);
#endif
}

bool runSmaller(const MemoryBudget& budget, const std::function<std::int64_t()>& bytes,
                const std::function<void()>& work, const std::function<bool()>& shrink) {
    for (;;) {
        try {
            budget.require(bytes());
            work();
            return true;
        } catch (const OutOfMemoryError&) {
        } catch (const std::bad_alloc&) {
        }
        if (!shrink()) {
            return false;
        }
    }
}

} // namespace body4d::detail
