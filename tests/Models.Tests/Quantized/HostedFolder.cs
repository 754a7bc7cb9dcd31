using OrtDpo.Models.Decoders;
using OrtDpo.Models.Families;
using OrtDpo.Models.Import;

namespace OrtDpo.Models.Tests.Quantized;

/// <summary>
/// Tiny models whose sizes are no multiples of a block of 32: 80 and 72 inputs are three blocks, the last with 16 and 24 codes too many.
/// Attention's output has 64 inputs, two whole blocks.
/// </summary>
static class HostedFolder
{
    public const int Hidden = 80;
    public const int Inner = 72;
    public const int Queries = 64;
    public const int Keys = 32;
    public const int Vocabulary = 40;

    /// <summary>The model of a family, with two layers.</summary>
    public static DecoderModel Model(this TemporaryFolder folder, string family = "llama")
    {
        folder.Write("config.json", family == "gpt2"
            ? "{\"model_type\":\"gpt2\",\"n_embd\":16,\"n_layer\":2,\"n_head\":4,\"vocab_size\":40,\"n_positions\":64}"
            : $"{{\"model_type\":\"{family}\",\"hidden_size\":{Hidden},\"intermediate_size\":{Inner},\"num_hidden_layers\":2,"
                + "\"num_attention_heads\":4,\"num_key_value_heads\":2,\"vocab_size\":40,\"max_position_embeddings\":64,"
                + "\"rms_norm_eps\":1e-6,\"head_dim\":16}");
        return ModelFamilies.Read(folder.Path);
    }

    /// <summary>An export of it with a matrix of bytes without a pattern for every product.</summary>
    /// <param name="fused">Whether queries, keys and values are one matrix.</param>
    /// <param name="zeroPoints">Whether blocks have zero points.</param>
    /// <param name="scales">Element type of scales.</param>
    /// <param name="flat">Whether tensors have fewer dimensions, as in older files.</param>
    public static HostExport Export(
        bool fused = true, bool zeroPoints = false, ElementType scales = ElementType.Float, bool flat = false)
    {
        var export = new HostExport { ScaleType = scales, IsFlat = flat };
        foreach (var (module, rows, columns) in Modules(fused))
        {
            for (var layer = 0; layer < 2; layer++)
            {
                var name = $"/model/layers.{layer}/{module}/MatMul";
                export.Add(name, HostMatrix.Random(rows, columns, block: 32, zeroPoints, seed: export.Matrices.Count));
            }
        }

        return export;
    }

    static IEnumerable<(string Module, int Rows, int Columns)> Modules(bool fused) =>
    [
        .. fused
            ? new[] { ("attn/qkv_proj", Queries + (2 * Keys), Hidden) }
            : [("attn/q_proj", Queries, Hidden), ("attn/k_proj", Keys, Hidden), ("attn/v_proj", Keys, Hidden)],
        ("attn/o_proj", Hidden, Queries), ("mlp/gate_proj", Inner, Hidden), ("mlp/up_proj", Inner, Hidden),
        ("mlp/down_proj", Hidden, Inner),
    ];
}
