#pragma once

#include "models/sam3/encoder.h"
#include "models/sam3/mask_decoder.h"
#include "models/sam3/memory.h"
#include "models/sam3/prompt_encoder.h"

namespace body4d::sam3 {

/// Which number types run where. Norms, softmax and the residuals of the trunk are float32 in any case.
struct Precision {
    at::ScalarType trunk = at::kFloat;     ///< trunk and neck
    at::ScalarType attention = at::kFloat; ///< memory attention
    /// float32 on a CPU; bfloat16 products on a GPU, where they are several times faster.
    [[nodiscard]] static Precision forDevice(c10::Device device);
};

/// All parts with parameters, under the names of the official checkpoint: 714 tensors at full size.
struct Network {
    Config config;
    Trunk trunk;
    Neck neck;
    PromptEncoder sam_prompt_encoder;
    MaskDecoder sam_mask_decoder;
    MemoryEncoder maskmem_backbone;
    MemoryAttention memoryAttention; ///< stored as transformer.encoder
    nn::Conv2d mask_downsample;      ///< 4x4, stride 4: a person's mask to the size of logits
    nn::Mlp3 obj_ptr_proj;
    nn::Linear obj_ptr_tpos_proj;
    at::Tensor maskmem_tpos_enc;     ///< [7, 1, 1, memoryWidth]; row 6 is that of conditioning frames
    at::Tensor no_mem_embed;         ///< [1, 1, width]
    at::Tensor no_obj_ptr;           ///< [1, width]
    at::Tensor no_obj_embed_spatial; ///< [1, memoryWidth]

    /// On the meta device, to be filled by the loader.
    explicit Network(const Config& sizes = {});
    void fields(nn::Fields& f);
    /// Moves the parameters (float32, on the CPU) to the device, folds what can be folded and builds the
    /// tables.
    void prepare(c10::Device where, const Precision& precision);

    /// @param images [B, 3, imageSize, imageSize] in -1..1
    [[nodiscard]] Features encode(const at::Tensor& images) const;

    c10::Device device{c10::kCPU};
    at::Tensor memoryPositions; ///< [7, N, memoryWidth]: place of a token plus temporal row, in the
                                ///< attention's dtype
};

} // namespace body4d::sam3
