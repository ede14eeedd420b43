#pragma once

#include "models/sam3/features.h"
#include "models/sam3/mask_decoder.h"
#include "models/sam3/memory.h"
#include "models/sam3/prompt_encoder.h"

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "nn/graph_cache.h"

namespace body4d::sam3 {

/// Which number types run where. Norms, softmax and residuals are float32 in any case.
struct Precision {
    at::ScalarType encoder = at::kFloat;   ///< the image encoder
    at::ScalarType attention = at::kFloat; ///< memory attention
    /// float32 on a CPU; bfloat16 products on a GPU, where they are several times faster.
    [[nodiscard]] static Precision forDevice(c10::Device device);
};

/// A network that finds objects again from frame to frame: an image encoder, and the prompt encoder, mask
/// decoder, memory encoder and memory attention that all networks of this family share. Plain members; their
/// keys are the derived network's business.
struct VideoNetwork {
    explicit VideoNetwork(const TrackerConfig& sizes);
    virtual ~VideoNetwork() = default;
    virtual void fields(nn::Fields& f) = 0;
    /// Moves the parameters (float32, on the CPU) to the device, folds what can be folded and builds the
    /// tables.
    virtual void prepare(c10::Device where, const Precision& precision) = 0;
    /// @param images [B, 3, imageSize, imageSize], normalised with pixelScale and pixelOffset
    [[nodiscard]] Features encode(const at::Tensor& images) const;
    /// What is kept of a map. @param map [B, memoryWidth, grid, grid]  @returns [B, M, memoryWidth]
    [[nodiscard]] virtual at::Tensor condensed(const at::Tensor& map) const;
    /// Memory that encoding one frame takes beside its features at the widest place, about.
    [[nodiscard]] virtual std::int64_t encodeBytes() const = 0;
    /// Bytes of all parameters where they lie now.
    [[nodiscard]] std::int64_t parameterBytes();

    TrackerConfig config;
    PromptEncoder sam_prompt_encoder;
    MaskDecoder sam_mask_decoder;
    MemoryEncoder memoryEncoder;
    MemoryAttention memoryAttention;
    nn::Conv2d mask_downsample; ///< 4x4, stride 4: a person's mask to the size of logits
    nn::Mlp3 obj_ptr_proj;
    nn::Linear obj_ptr_tpos_proj;    ///< empty unless pointers are timed
    at::Tensor maskmem_tpos_enc;     ///< [7, 1, 1, memoryWidth]; row 6 is that of conditioning frames
    at::Tensor no_mem_embed;         ///< [1, 1, width]
    at::Tensor no_obj_ptr;           ///< [1, width]
    at::Tensor no_obj_embed_spatial; ///< [1, memoryWidth]; undefined unless absence is marked

    c10::Device device{c10::kCPU};
    at::ScalarType inputType = at::kFloat; ///< of images
    at::Tensor pixelScale, pixelOffset; ///< float32 [3, 1, 1]: from 0..255 to what the encoder was trained on
    /// Of this network's weights; records where it lies on a GPU. Never null.
    std::shared_ptr<nn::GraphCache> graphs = std::make_shared<nn::GraphCache>(nullptr);
    at::Tensor memoryPositions;         ///< [7, M, memoryWidth]: place of a token plus temporal row, in the
                                        ///< attention's dtype

protected:
    [[nodiscard]] virtual Features computeFeatures(const at::Tensor& images) const = 0; ///< see encode()
    VideoNetwork(const VideoNetwork&) = default;
    VideoNetwork(VideoNetwork&&) = default;
    VideoNetwork& operator=(const VideoNetwork&) = default;
    VideoNetwork& operator=(VideoNetwork&&) = default;

    /// Where parts stand in the keys: their matrices change their type.
    struct KeyPrefixes {
        std::string encoder, attention;
        std::vector<std::string> float32; ///< ends of keys that stay in float32 all the same
    };
    /// Moves all parameters and builds the tables of the shared parts.
    void prepareShared(c10::Device where, const Precision& precision, const KeyPrefixes& keys);
    /// @param mean, deviation of a channel, of values 0..1
    void normaliseWith(const std::array<float, 3>& mean, const std::array<float, 3>& deviation);
};

} // namespace body4d::sam3
