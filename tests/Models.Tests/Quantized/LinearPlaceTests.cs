using OrtDpo.Models.Quantized;

namespace OrtDpo.Models.Tests.Quantized;

/// <summary>Names that tools give to nodes and initializers, and the places that they tell.</summary>
public sealed class LinearPlaceTests
{
    [Theory]
    [InlineData("model.layers.0.self_attn.q_proj.weight", 0, "q_proj")]
    [InlineData("/model/layers.31/attn/qkv_proj/MatMul_Q4", 31, "qkv_proj")]
    [InlineData("/model/layers.2/attn/o_proj/MatMulNBits", 2, "o_proj")]
    [InlineData("model.layers.2.attn.v_proj.MatMulNBits.qweight", 2, "v_proj")]
    [InlineData("model.layers.7.mlp.gate_up_proj.MatMul.weight_Q4G32", 7, "gate_up_proj")]
    [InlineData("/model/layers.7/mlp/down_proj/MatMul_Quant", 7, "down_proj")]
    [InlineData("model_layers_12_mlp_up_proj_MatMul_weight_quant", 12, "up_proj")]
    [InlineData("/model/layers.3/self_attn/k_proj/MatMul_Q4", 3, "k_proj")]
    public void A_name_tells_the_layer_and_the_module(string name, int layer, string module) =>
        Assert.Equal(new LinearPlace(layer, module), LinearPlace.Of(name));

    [Theory]
    [InlineData("")]
    [InlineData("/lm_head/MatMul_Q4")]
    [InlineData("onnx::MatMul_1234_Q4")]
    [InlineData("/model/layers.0/mlp/shared_expert/gate_proj/MatMul_Q4")]
    [InlineData("/model/layers.0/linear_attn/out_proj/MatMul_Q4")]
    [InlineData("/model/layers.0/attn/q_projection/MatMul")]
    [InlineData("transformer.h.0.attn.c_attn.weight")]
    public void A_name_without_both_tells_nothing(string name) => Assert.Null(LinearPlace.Of(name));
}
