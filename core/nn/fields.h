#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace body4d::nn {

/// Walks over the tensors of a network under the checkpoint's names. A network is a plain struct of tensors
/// and of other such structs with one method that lists them; loading, counting and manifests all follow from
/// that list:
///
///     struct Attention {
///         Linear qkv, proj;
///         explicit Attention(std::int64_t dim) : qkv(dim, 3 * dim), proj(dim, dim) {}
///         void fields(Fields& f) { f("qkv", qkv); f("proj", proj); }
///         at::Tensor operator()(const at::Tensor& x) const;
///     };
///     struct Trunk {
///         std::vector<Block> blocks;
///         void fields(Fields& f) { f("blocks", blocks); } // keys blocks.0.attn.qkv.weight, ...
///     };
///
/// A new network holds tensors on the meta device, which have shape and dtype and no memory: `parameter()`
/// makes them. The strict loader puts values in their place.
class Fields {
public:
    virtual ~Fields() = default;

    /// An undefined tensor is no part of the network (a Linear without bias).
    void operator()(std::string_view name, at::Tensor& tensor) {
        if (tensor.defined()) {
            const Scope scope(*this, name);
            take(prefix_, tensor);
        }
    }
    template <typename Module>
    void operator()(std::string_view name, Module& module) {
        const Scope scope(*this, name);
        module.fields(*this);
    }
    template <typename Module>
    void operator()(std::string_view name, std::vector<Module>& modules) {
        const Scope scope(*this, name);
        for (std::size_t i = 0; i < modules.size(); ++i) {
            (*this)(std::to_string(i), modules[i]);
        }
    }
    template <typename Module>
    void operator()(std::string_view name, std::optional<Module>& module) {
        if (module) {
            (*this)(name, *module);
        }
    }

protected:
    /// @param key full name with dots
    virtual void take(const std::string& key, at::Tensor& tensor) = 0;

private:
    class Scope {
    public:
        Scope(Fields& fields, std::string_view name) : fields_(fields), length_(fields.prefix_.size()) {
            if (!name.empty()) {
                fields.prefix_.append(length_ == 0 ? "" : ".").append(name);
            }
        }
        ~Scope() { fields_.prefix_.resize(length_); }
        Scope(const Scope&) = delete;
        Scope& operator=(const Scope&) = delete;

    private:
        Fields& fields_;
        std::size_t length_;
    };
    std::string prefix_;
};

/// A tensor of the meta device that stands for a parameter to be loaded.
[[nodiscard]] at::Tensor parameter(at::IntArrayRef shape, at::ScalarType dtype = at::kFloat);

} // namespace body4d::nn
