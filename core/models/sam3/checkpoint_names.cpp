#include "models/sam3/checkpoint_names.h"

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

} // namespace body4d::sam3
