using OrtDpo.Adapters;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Families;
using OrtDpo.Models.Quantized;
using OrtDpo.Safetensors;

namespace OrtDpo.Models.Tests.Quantized;

/// <summary>A folder whose linear weights are quantised when it is opened.</summary>
public sealed class BaseWeightsTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public static TheoryData<string, string, string> Models => new(
        from family in (string[])["llama", "gpt2"]
        from type in (string[])["F32", "F16", "BF16"]
        from form in (string[])["nf4", "int4", "int4-128"]
        select (family, type, form));

    public static TheoryData<string, string> Forms => new(
        from family in (string[])["llama", "gpt2"]
        from form in (string[])["nf4", "int4", "int4-128"]
        select (family, form));

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Models))]
    public void Every_linear_weight_becomes_the_nearest_that_its_form_has(string family, string type, string form)
    {
        var stored = folder.WriteModel(family, type);
        using var model = Open(form);
        Assert.Equal(TinyFolder.LinearWeights(family), model.Quantized!.Weights.Keys);
        foreach (var (name, weight) in model.Quantized.Weights)
        {
            var (width, numbers) = ((int)model.Find(name)!.Shape[1], weight.Numbers());
            Assert.Equal(stored[name].Length, weight.Count);
            if (family == "gpt2")
            {
                // [in, out]: blocks run along the inputs.
                NaiveForm.AssertNearest(
                    form, TinyFolder.Transposed(stored[name], width), stored[name].Length / width, TinyFolder.Transposed(numbers, width));
            }
            else
            {
                NaiveForm.AssertNearest(form, stored[name], width, numbers);
            }
        }

        foreach (var name in model.Parameters.Except(TinyFolder.LinearWeights(family)))
        {
            Assert.Null(model.Quantized.Find(name));
            Assert.Equal(stored[name], model.Numbers(name));
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void The_model_s_identity_is_that_of_its_files(string family, string form)
    {
        folder.WriteModel(family, "BF16");
        using var stored = ModelFolder.Open(folder.Path);
        using var held = Open(form);
        Assert.Equal(ReferenceDigest.Compute(stored), ReferenceDigest.Compute(held));
        held.Quantized!.Prepare(threads: 2);
        using var prepared = Open(form);
        prepared.Quantized!.Prepare(threads: 1);
        Assert.Equal(ReferenceDigest.Compute(stored), ReferenceDigest.Compute(prepared));
        Assert.Equal(WeightType.BF16, held.StoredType);
    }

    /// <summary>Matrices of some 46,000 numbers: three ranges, which threads share.</summary>
    [Theory]
    [InlineData("llama", "nf4")]
    [InlineData("llama", "int4")]
    [InlineData("gpt2", "nf4")]
    [InlineData("gpt2", "int4-128")]
    public void Threads_do_not_change_a_byte(string family, string form)
    {
        folder.Write("config.json", family == "gpt2"
            ? """{"model_type":"gpt2","n_embd":120,"n_layer":1,"n_head":4,"vocab_size":8,"n_positions":8}"""
            : """
              {"model_type":"llama","hidden_size":160,"intermediate_size":290,"num_hidden_layers":1,"num_attention_heads":4,
               "num_key_value_heads":2,"vocab_size":8,"max_position_embeddings":8,"rms_norm_eps":1e-6,"head_dim":16}
              """);
        folder.WriteWeights(ModelFamilies.Read(folder.Path), "F16", seed: 3);
        Assert.Equal(Digest(threads: 1), Digest(threads: 4));

        string Digest(int threads)
        {
            using var model = Open(form);
            Assert.True(model.Quantized!.Weights.Values.Max(w => w.Count) > 2 * 16384);
            model.Quantized.Prepare(threads);
            return model.Quantized.Digest();
        }
    }

    [Theory]
    [InlineData("nf4", "format=nf4 block=64 scales=eight_bits quantizer=ortdpo-1", 4.5)]
    [InlineData("int4", "format=int4_nearer block=32 scales=eight_bits quantizer=ortdpo-1", null)]
    [InlineData("int4-128", "format=int4_nearer block=128 scales=eight_bits quantizer=ortdpo-1", null)]
    public void The_form_is_told_and_what_it_takes(string name, string form, double? bits)
    {
        folder.WriteModel(type: "F16");
        using var model = Open(name);
        Assert.Equal(form, model.Quantized!.Form);
        Assert.Equal($"in 4 bits ({form})", BaseWeights.Describe(form));
        Assert.Equal($"Pass `Base` {name}", BaseWeights.Advice(form));
        Assert.StartsWith(
            $"14 linear weights of its layers are held in 4 bits: {form}; with scales ", Assert.Single(model.Notes),
            StringComparison.Ordinal);

        var most = model.Quantized.Bytes;
        model.Quantized.Prepare(threads: 1);
        Assert.InRange(model.Quantized.Bytes, 1, most);
        Assert.Equal(model.Quantized.Bytes, model.Quantized.Weights.Values.Sum(w => w.Matrix.ByteCount));
        if (bits is { } exact)
        {
            // Every weight has a multiple of 64 numbers.
            Assert.Equal(exact * model.Quantized.Weights.Values.Sum(w => w.Count) / 8, model.Quantized.Bytes);
            Assert.EndsWith(
                FormattableString.Invariant($" {exact:0.00} bits a number in place of 16"), model.Notes[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void As_stored_is_as_without()
    {
        folder.WriteModel();
        using var model = Open("as-is");
        Assert.Null(model.Quantized);
        Assert.Empty(model.Notes);
        Assert.Equal(("as in its files", "Leave `Base` out"), (BaseWeights.Describe(null), BaseWeights.Advice(null)));
    }

    [Fact]
    public void Such_weights_do_not_train_themselves()
    {
        folder.WriteModel();
        var error = Assert.Throws<NotSupportedException>(
            () => ModelFolder.Open(folder.Path, adapter: null, WeightMapping.CopyOnWrite, new BaseWeights("nf4")));
        Assert.Equal(
            $"The weights of {folder.Path} are held in 4 bits (format=nf4 block=64 scales=eight_bits quantizer=ortdpo-1), and such weights "
            + "do not train. Train an adapter on them (`Lora`), or leave `Base` out.", error.Message);
    }

    [Fact]
    public void A_module_that_an_adapter_saves_whole_is_none_of_them()
    {
        folder.WriteModel();
        using var model = Open("int4");
        var config = new LoraConfig { TargetModules = new ModuleChoice.Names(["q_proj"]), ModulesToSave = ["norm", "v_proj"] };
        var error = Assert.Throws<NotSupportedException>(() => ModelAdapter.Begin(model, config, seed: 1));
        Assert.Equal(
            $"`ModulesToSave` saves 'model.layers.0.self_attn.v_proj.weight', whose numbers {folder.Path} holds in 4 bits, and such "
            + "weights do not train. Leave it out, or adapt it (`TargetModules`).", error.Message);
        Assert.Null(model.Adapter);

        ModelAdapter.Begin(model, config with { ModulesToSave = ["norm"] }, seed: 1);
        Assert.True(model.Trains("model.norm.weight"));
        Assert.False(model.Trains("model.layers.0.self_attn.v_proj.weight"));
    }

    [Theory]
    [InlineData("llama", "model.layers.1.mlp.down_proj.weight", 72)]
    [InlineData("gpt2", "transformer.h.1.mlp.c_fc.weight", 64)]
    public void A_weight_that_is_no_number_is_named_when_it_is_quantised(string family, string name, int width)
    {
        folder.WriteModel(family, "BF16", change: numbers => numbers[name][(9 * width) + 5] = float.NaN);
        foreach (var form in (string[])["nf4", "int4"])
        {
            using var model = Open(form);
            var error = Assert.Throws<InvalidDataException>(() => model.Quantized!.Prepare(threads: 2));
            Assert.Equal(
                $"{model.FileOf(name)}: Tensor '{name}' holds NaN at row 9, column 5 (index {(9 * width) + 5}). Only finite "
                + "weights can be quantized. Get the file again, or correct the model.", error.Message);
        }
    }

    [Theory]
    [InlineData("nf5")]
    [InlineData("NF4")]
    [InlineData("int4-64")]
    [InlineData("base.safetensors")]
    public void A_name_that_is_neither_a_form_nor_a_file_is_refused(string name)
    {
        folder.WriteModel();
        var error = Assert.Throws<FileNotFoundException>(() => Open(name));
        Assert.Equal(
            $"`Base` is '{name}', and there is no such file; expected as-is, nf4, int4, int4-128, a file that precompute kept, or an ONNX "
            + "model that has the weights in int4.", error.Message);
    }

    ModelFolder Open(string form) => ModelFolder.Open(folder.Path, adapter: null, WeightMapping.ReadOnly, new BaseWeights(form));
}
