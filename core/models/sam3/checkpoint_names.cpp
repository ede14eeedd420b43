#include "models/sam3/checkpoint_names.h"

#include <string>

namespace body4d::sam3 {

nn::NameTable officialNames() {
    nn::NameTable table;
    table.unused = {
        // the detector that text prompts need
        "detector.backbone.language_backbone.**",
        "detector.backbone.vision_backbone.convs.**",
        "detector.transformer.**",
        "detector.segmentation_head.**",
        "detector.geometry_encoder.**",
        "detector.dot_prod_scoring.**",
        // tables that follow from sizes
        "detector.backbone.vision_backbone.trunk.blocks.*.attn.freqs_cis",
        // computed and dropped, or never read, by the official tracker
        "detector.backbone.vision_backbone.sam2_convs.3.**",
        "tracker.no_mem_pos_enc",
    };
    return table;
}

bool isTransformersFile(const Checkpoint& file) {
    return file.contains("tracker_neck.fpn_layers.0.proj1.weight");
}

std::vector<nn::Rename> transformersTrackerRenames(const std::string& theirs, const TrackerPlaces& ours) {
    const std::string decoder = ours.root + "sam_mask_decoder.", prompts = ours.root + "sam_prompt_encoder.",
                      attention = ours.root + ours.attention, memory = ours.root + ours.memory;
    std::vector<nn::Rename> renames = {
        {theirs + "prompt_encoder.point_embed.weight", prompts + "point_embeddings.[*].weight"},
        {theirs + "prompt_encoder.shared_embedding.positional_embedding",
         prompts + "pe_layer.positional_encoding_gaussian_matrix"},
        {theirs + "prompt_encoder.mask_embed.conv1.*", prompts + "mask_downscaling.0.$1"},
        {theirs + "prompt_encoder.mask_embed.layer_norm1.*", prompts + "mask_downscaling.1.$1"},
        {theirs + "prompt_encoder.mask_embed.conv2.*", prompts + "mask_downscaling.3.$1"},
        {theirs + "prompt_encoder.mask_embed.layer_norm2.*", prompts + "mask_downscaling.4.$1"},
        {theirs + "prompt_encoder.mask_embed.conv3.*", prompts + "mask_downscaling.6.$1"},
        {theirs + "prompt_encoder.**", prompts + "$1"},

        {theirs + "mask_decoder.upscale_conv1.*", decoder + "output_upscaling.0.$1"},
        {theirs + "mask_decoder.upscale_layer_norm.*", decoder + "output_upscaling.1.$1"},
        {theirs + "mask_decoder.upscale_conv2.*", decoder + "output_upscaling.3.$1"},
        {theirs + "mask_decoder.transformer.layer_norm_final_attn.*",
         decoder + "transformer.norm_final_attn.$1"},
        {theirs + "mask_decoder.transformer.layers.*.mlp.proj_in.*",
         decoder + "transformer.layers.$1.mlp.lin1.$2"},
        {theirs + "mask_decoder.transformer.layers.*.mlp.proj_out.*",
         decoder + "transformer.layers.$1.mlp.lin2.$2"},
        {theirs + "mask_decoder.transformer.layers.*.layer_norm*.*",
         decoder + "transformer.layers.$1.norm$2.$3"},
        {theirs + "mask_decoder.transformer.**.o_proj.*", decoder + "transformer.$1.out_proj.$2"},
        {theirs + "mask_decoder.**.proj_in.*", decoder + "$1.layers.0.$2"},
        {theirs + "mask_decoder.**.proj_out.*", decoder + "$1.layers.2.$2"},
        {theirs + "mask_decoder.*.layers.0.*", decoder + "$1.layers.1.$2"}, // of heads with three layers
        {theirs + "mask_decoder.output_hypernetworks_mlps.*.layers.0.*",
         decoder + "output_hypernetworks_mlps.$1.layers.1.$2"},
        {theirs + "mask_decoder.**", decoder + "$1"},

        {theirs + "memory_attention.layer_norm.*", attention + "norm.$1"},
        {theirs + "memory_attention.layers.*.layer_norm*.*", attention + "layers.$1.norm$2.$3"},
        {theirs + "memory_attention.layers.*.*.o_proj.*", attention + "layers.$1.$2.out_proj.$3"},
        {theirs + "memory_attention.layers.*.mlp.up_proj.*", attention + "layers.$1.linear1.$2"},
        {theirs + "memory_attention.layers.*.mlp.down_proj.*", attention + "layers.$1.linear2.$2"},
        {theirs + "memory_attention.**", attention + "$1"},

        {theirs + "memory_encoder.feature_projection.*", memory + "pix_feat_proj.$1"},
        {theirs + "memory_encoder.projection.*", memory + "out_proj.$1"},
        {theirs + "memory_encoder.mask_downsampler.final_conv.*",
         memory + "mask_downsampler.encoder.12.$1"},
        {theirs + "memory_encoder.memory_fuser.layers.*.depthwise_conv.*",
         memory + "fuser.layers.$1.dwconv.$2"},
        {theirs + "memory_encoder.memory_fuser.layers.*.layer_norm.*",
         memory + "fuser.layers.$1.norm.$2"},
        {theirs + "memory_encoder.memory_fuser.layers.*.pointwise_conv*.*",
         memory + "fuser.layers.$1.pwconv$2.$3"},
        {theirs + "memory_encoder.memory_fuser.layers.*.scale", memory + "fuser.layers.$1.gamma"},

        {theirs + "object_pointer_proj.proj_in.*", ours.root + "obj_ptr_proj.layers.0.$1"},
        {theirs + "object_pointer_proj.layers.0.*", ours.root + "obj_ptr_proj.layers.1.$1"},
        {theirs + "object_pointer_proj.proj_out.*", ours.root + "obj_ptr_proj.layers.2.$1"},
        {theirs + "temporal_positional_encoding_projection_layer.*", ours.root + "obj_ptr_tpos_proj.$1"},
        {theirs + "memory_temporal_positional_encoding", ours.root + "maskmem_tpos_enc"},
        {theirs + "no_memory_embedding", ours.root + "no_mem_embed"},
        {theirs + "no_object_pointer", ours.root + "no_obj_ptr"},
        {theirs + "occlusion_spatial_embedding_parameter", ours.root + "no_obj_embed_spatial"},
        {theirs + "mask_downsample.*", ours.root + "mask_downsample.$1"},
    };
    // Convolutions of the mask's way down and the norms behind them take turns with activations.
    for (int i = 0; i < 4; ++i) {
        const auto at = theirs + "memory_encoder.mask_downsampler.layers." + std::to_string(i);
        const auto to = memory + "mask_downsampler.encoder.";
        renames.push_back({at + ".conv.*", to + std::to_string(3 * i) + ".$1"});
        renames.push_back({at + ".layer_norm.*", to + std::to_string(3 * i + 1) + ".$1"});
    }
    return renames;
}

nn::NameTable transformersNames() {
    nn::NameTable table;
    table.unused = {// the detector that text prompts need
                    "detector_model.detr_**", "detector_model.dot_product_scoring.**",
                    "detector_model.geometry_encoder.**", "detector_model.mask_decoder.**",
                    "detector_model.text_**", "detector_model.vision_encoder.neck.**",
                    // computed and dropped, never read, or stored twice
                    "tracker_neck.fpn_layers.3.**", "tracker_model.no_memory_positional_encoding",
                    "tracker_model.shared_image_embedding.positional_embedding"};
    const std::string trunk = "detector.backbone.vision_backbone.trunk.",
                      stored = "detector_model.vision_encoder.backbone.", block = stored + "layers.*.",
                      ours = trunk + "blocks.$1.", neck = "detector.backbone.vision_backbone.sam2_convs.";
    table.renames = {
        {stored + "embeddings.position_embeddings", trunk + "pos_embed"},
        {stored + "embeddings.patch_embeddings.projection.weight", trunk + "patch_embed.proj.weight"},
        {stored + "layer_norm.*", trunk + "ln_pre.$1"},
        {block + "layer_norm1.*", ours + "norm1.$2"},
        {block + "layer_norm2.*", ours + "norm2.$2"},
        {block + "attention.q_proj.*", ours + "attn.qkv.$2#0"},
        {block + "attention.k_proj.*", ours + "attn.qkv.$2#1"},
        {block + "attention.v_proj.*", ours + "attn.qkv.$2#2"},
        {block + "attention.o_proj.*", ours + "attn.proj.$2"},
        {block + "mlp.*.*", ours + "mlp.$2.$3"},

        {"tracker_neck.fpn_layers.0.scale_layers.0.*", neck + "0.dconv_2x2_0.$1"},
        {"tracker_neck.fpn_layers.0.scale_layers.2.*", neck + "0.dconv_2x2_1.$1"},
        {"tracker_neck.fpn_layers.1.scale_layers.0.*", neck + "1.dconv_2x2.$1"},
        {"tracker_neck.fpn_layers.*.proj1.*", neck + "$1.conv_1x1.$2"},
        {"tracker_neck.fpn_layers.*.proj2.*", neck + "$1.conv_3x3.$2"},
    };
    const auto tracker = transformersTrackerRenames("tracker_model.", {"tracker.", "transformer.encoder.", "maskmem_backbone."});
    table.renames.insert(table.renames.end(), tracker.begin(), tracker.end());
    return table;
}

} // namespace body4d::sam3
