#pragma once

#include "models/sam3d_body/backbone.h"
#include "models/sam3d_body/condition.h"
#include "models/sam3d_body/crops.h"
#include "models/sam3d_body/decoder.h"
#include "models/sam3d_body/pose_head.h"

#include <functional>
#include <memory>
#include <string>

#include "nn/graph_cache.h"
#include "nn/strict_loader.h"

namespace body4d::sam3d_body {

/// A decoder with everything that the checkpoint stores for it; there is one for bodies and one for right
/// hands, whose keys end in _hand.
struct Branch {
    bool isHand;
    Decoder decoder;
    PoseHead head_pose;
    CameraHead head_camera;
    nn::Embedding init_pose, init_camera, keypoint_embedding, keypoint3d_embedding;
    nn::Linear init_to_token_mhr, prev_to_token_mhr, keypoint_feat_linear;
    Mlp2 keypoint_posemb_linear, keypoint3d_posemb_linear;
    RayEncoder ray_cond_emb;
    Branch(const Config& config, bool hand);
    void fields(nn::Fields& f);

    /// All tokens but the first, and what is added to tokens as their place.
    struct Beginning {
        at::Tensor rest;    ///< [B, T - 1, decoderWidth]
        at::Tensor lead;    ///< [B, T - 2 * 70, decoderWidth]: places that stay
        at::Tensor augment; ///< [B, T, decoderWidth]: at first
    };
    Beginning plain;       ///< without a prompt and an earlier pass; one row
    at::Tensor start;      ///< [1, 522]: the estimate that all begin with
    nn::Linear firstToken; ///< init_to_token_mhr with `start` folded in: from a crop's condition
};

/// One body or hand for each row, with the two boxes in which the decoder sees hands.
struct Decoded {
    PosedBody body;
    at::Tensor handBoxes; ///< [B, 2, 4]: left, right; centre x, y, width, height in 0..1 of the crop
};

/// What tests look at: the name of a stage and its tensor.
using Inspector = std::function<void(const std::string&, const at::Tensor&)>;

/// SAM 3D Body under the names of the official checkpoint: 1127 tensors at full size.
struct Network {
    Config config;
    Backbone backbone; ///< stored as backbone.encoder
    PromptEncoder prompt_encoder;
    nn::Linear prompt_to_token, hand_cls_embed;
    nn::Embedding hand_box_embedding;
    nn::Mlp3 bbox_embed;
    at::Tensor handGaussian; ///< hand_pe_layer
    Branch body, hand;

    /// On the meta device, to be filled by the loader.
    explicit Network(const Config& sizes = {});
    void fields(nn::Fields& f);
    /// Folds what can be folded, moves the parameters (float32, on the CPU) to the device and builds the
    /// tables.
    /// @param backboneType of the backbone's matrices; everything else stays float32
    void prepare(at::Device where, at::ScalarType backboneType, const Mhr& mhr);

    /// @param images float32 [B, 3, imageSize, imageSize] in 0..1
    /// @param masks float32 [B, 1, imageSize, imageSize], 0..255, or undefined
    /// @param masked bool [B]: which rows have one; undefined: all
    /// @returns [B, grid * grid, width]: what both branches look at
    [[nodiscard]] at::Tensor encode(const at::Tensor& images, const at::Tensor& masks = {},
                                    const at::Tensor& masked = {}, const Inspector& inspect = {}) const;

    /// What a decoder can do more than once with the same crops.
    struct Scene {
        at::Tensor context; ///< [B, grid * grid, width]
        DecoderMemory memory;
        CropGeometry crops;
        [[nodiscard]] Scene select(const at::Tensor& rows) const;
    };
    [[nodiscard]] Scene look(const Branch& branch, const at::Tensor& features,
                             const CropGeometry& crops) const;
    /// @param prompts [B, P, 3], see PromptEncoder; undefined: none
    /// @param previous [B, 522]: pose and camera of an earlier pass; undefined: none
    /// @param wholeMesh all vertices of the last estimate come out
    [[nodiscard]] Decoded decode(const Branch& branch, const Scene& scene, const Mhr& mhr,
                                 const at::Tensor& prompts = {}, const at::Tensor& previous = {},
                                 bool wholeMesh = true, const Inspector& inspect = {}) const;
    /// What a body's own crop says, without prompts and without the whole mesh.
    struct Glance {
        Scene scene; ///< where it was asked for
        Decoded first;
    };
    /// encode(), look() and decode() of the body's branch; on a GPU one launch once its shapes came often.
    [[nodiscard]] Glance glance(const CropBatch& crops, const Mhr& mhr, bool withScene) const;
    /// An estimate as the next pass takes it.
    [[nodiscard]] static at::Tensor previousOf(const PosedBody& body);

    at::Device device{at::kCPU};
    std::shared_ptr<nn::GraphCache> graphs; ///< of glance(); made by prepare()

private:
    [[nodiscard]] Branch::Beginning beginning(const Branch& branch, const at::Tensor& prompts,
                                              const at::Tensor& previous, std::int64_t batch) const;
    at::Tensor mean_, deviation_; ///< [1, 3, 1, 1]
    at::Tensor fromPelvis_;       ///< [70, 70]: from keypoints to where they are from the pelvis
};

/// Which tensors of the official model.ckpt are left alone; all others have the port's names.
[[nodiscard]] nn::NameTable officialNames();

} // namespace body4d::sam3d_body
