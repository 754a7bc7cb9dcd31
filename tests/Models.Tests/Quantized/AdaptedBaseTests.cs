using System.Text.Json;
using OrtDpo.Models.Adapters;
using OrtDpo.Models.Quantized;
using OrtDpo.Safetensors;

namespace OrtDpo.Models.Tests.Quantized;

/// <summary>Adapters on a base whose linear weights are held in 4 bits.</summary>
public sealed class AdaptedBaseTests : IDisposable
{
    const int Rank = 2;
    const double Alpha = 6;

    const string Nf4 = "format=nf4 block=64 scales=eight_bits quantizer=ortdpo-1";
    const string Int4 = "format=int4_nearer block=32 scales=eight_bits quantizer=ortdpo-1";

    readonly TemporaryFolder folder = new();
    readonly TemporaryFolder adapter = new();

    public void Dispose()
    {
        folder.Dispose();
        adapter.Dispose();
    }

    [Theory]
    [InlineData("llama", "nf4")]
    [InlineData("llama", "int4")]
    [InlineData("gpt2", "nf4")]
    [InlineData("gpt2", "int4-128")]
    [InlineData("bitsandbytes", "as-is")]
    public void Merged_weights_are_the_dequantised_and_the_product(string kind, string form)
    {
        Write(kind);
        var terms = WriteAdapter(kind);
        using var model = Open(form);
        var held = model.Quantized!.Weights.ToDictionary(w => w.Key, w => w.Value.Numbers());
        var rest = model.BaseParameters.Except(held.Keys).ToDictionary(name => name, model.Numbers);
        MergedAdapter.Into(model);

        Assert.Null(model.Quantized);
        Assert.Null(model.Adapter);
        foreach (var (name, numbers) in held)
        {
            Assert.Equal(WeightType.F32, model.Find(name)!.Type);
            if (!terms.TryGetValue(name, out var term))
            {
                Assert.Equal(numbers, model.Numbers(name));
                continue;
            }

            var width = (int)model.Find(name)!.Shape[1];
            var expected = numbers.Select((number, i) => number + (kind == "gpt2"
                ? term.Added(output: i % width, input: i / width)
                : term.Added(output: i / width, input: i % width)));
            AssertClose([.. expected], model.Numbers(name), absolute: Tolerances.Float32, what: name);
        }

        Assert.All(rest, parameter => Assert.Equal(parameter.Value, model.Numbers(parameter.Key)));
    }

    [Fact]
    public void A_merged_model_has_the_identity_of_its_numbers()
    {
        var stored = folder.WriteModel();
        WriteAdapter("llama");
        using var merged = Open("nf4");
        var before = ReferenceDigest.Both(merged);
        Assert.NotEqual(before.Base, before.Whole);
        MergedAdapter.Into(merged);

        using var other = new TemporaryFolder();
        other.WriteModel(change: numbers =>
        {
            foreach (var name in stored.Keys)
            {
                numbers[name] = merged.Numbers(name);
            }
        });
        using var written = ModelFolder.Open(other.Path);
        Assert.Equal(ReferenceDigest.Compute(written), ReferenceDigest.Compute(merged));
        Assert.NotEqual(before.Base, ReferenceDigest.Compute(merged));
    }

    [Theory]
    [InlineData(Nf4, "as-is", $"in 4 bits ({Nf4})", "as in its files", "Pass `Base` nf4.")]
    [InlineData(null, "nf4", "as in its files", $"in 4 bits ({Nf4})", "Leave `Base` out.")]
    [InlineData(Int4, "nf4", $"in 4 bits ({Int4})", $"in 4 bits ({Nf4})", "Pass `Base` int4.")]
    [InlineData(Nf4, "int4", $"in 4 bits ({Nf4})", $"in 4 bits ({Int4})", "Pass `Base` nf4.")]
    [InlineData(
        "format=int4 quantizer=onnx digest=0123456789abcdef", "as-is", "in 4 bits (format=int4 quantizer=onnx digest=0123456789abcdef)",
        "as in its files", "Pass `Base` with the file that its weights were read from.")]
    public void A_base_that_is_held_otherwise_than_in_training_is_refused(
        string? trained, string now, string was, string held, string advice)
    {
        folder.WriteModel();
        WriteAdapter("llama");
        WriteBase(trained);
        foreach (var mapping in Enum.GetValues<WeightMapping>())
        {
            Assert.Equal(
                $"{adapter.Path} was trained on a base whose weights were held {was}, and those of {folder.Path} are held {held}. {advice}",
                Assert.Throws<InvalidDataException>(() => Open(now, mapping)).Message);
        }
    }

    [Theory]
    [InlineData("llama", "as-is", null)]
    [InlineData("llama", "nf4", Nf4)]
    [InlineData("gpt2", "int4", Int4)]
    [InlineData("bitsandbytes", "as-is", null)]
    public void One_that_is_held_alike_is_taken(string kind, string name, string? form)
    {
        Write(kind);
        WriteAdapter(kind);
        WriteBase(form);
        using var model = Open(name, WeightMapping.CopyOnWrite);
        Assert.NotNull(model.Adapter);
        Assert.Equal(form, model.Quantized?.Form);
        Assert.DoesNotContain(model.BaseParameters, model.Trains);
    }

    /// <summary>A folder of an adapter stands for its base with it.</summary>
    [Fact]
    public void The_base_that_an_adapter_names_is_held_as_asked_for()
    {
        folder.WriteModel();
        WriteAdapter("llama", named: folder.Path);
        using var model = ModelFolder.Open(adapter.Path, adapter: null, WeightMapping.CopyOnWrite, new BaseWeights("nf4"));
        Assert.Equal(Nf4, model.Quantized!.Form);
        Assert.NotNull(model.Adapter);
    }

    [Fact]
    public void A_kept_base_is_held_as_what_it_was_kept_of()
    {
        folder.WriteModel();
        WriteAdapter("llama");
        WriteBase(Nf4);
        using var kept = new TemporaryFolder();
        var path = kept.File("base.safetensors");
        using (var quantised = ModelFolder.Open(folder.Path, adapter: null, WeightMapping.ReadOnly, new BaseWeights("nf4")))
        using (var file = File.Create(path))
        {
            KeptBase.Write(file, quantised);
        }

        using var model = Open(path, WeightMapping.CopyOnWrite);
        Assert.Equal(Nf4, model.Quantized!.Form);
    }

    [Fact]
    public void What_it_was_trained_on_without_a_note_of_the_form_was_held_as_in_its_files()
    {
        folder.WriteModel();
        WriteAdapter("llama");
        adapter.Write(AdapterBase.FileName, AdapterBase.ToJson(Digest(), maxLength: 64, form: null));
        Assert.DoesNotContain("base_form", File.ReadAllText(adapter.File(AdapterBase.FileName)), StringComparison.Ordinal);
        Open("as-is").Dispose();
        adapter.Write(AdapterBase.FileName, AdapterBase.ToJson(Digest(), maxLength: 64, Nf4));
        Open("nf4").Dispose();
        adapter.Write(AdapterBase.FileName, $$"""{"reference_digest": "{{Digest()}}", "max_length": 64, "base_form": 4}""");
        Assert.StartsWith(
            $"{adapter.File(AdapterBase.FileName)} is damaged: ", Assert.Throws<InvalidDataException>(() => Open("nf4")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_weight_in_4_bits_that_an_adapter_s_file_saves_whole_is_refused()
    {
        folder.WriteModel();
        WriteAdapter("llama", saved: "model.layers.0.self_attn.v_proj");
        Open("as-is").Dispose();
        Assert.StartsWith(
            "`ModulesToSave` saves 'model.layers.0.self_attn.v_proj.weight', whose numbers ",
            Assert.Throws<NotSupportedException>(() => Open("nf4")).Message, StringComparison.Ordinal);
    }

    void Write(string kind)
    {
        if (kind == "bitsandbytes")
        {
            new BitsAndBytesFolder(folder).Write();
            return;
        }

        folder.WriteModel(kind, "BF16");
    }

    /// <summary>An adapter of two kinds of modules, as PEFT saves it; by the names of the weights.</summary>
    Dictionary<string, Term> WriteAdapter(string kind, string? saved = null, string? named = null)
    {
        var (modules, random) = (kind == "gpt2" ? (string[])["c_attn", "c_proj"] : ["q_proj", "down_proj"], new Random(4));
        adapter.Write("adapter_config.json", JsonSerializer.Serialize(new Dictionary<string, object?>
        {
            ["peft_type"] = "LORA", ["task_type"] = "CAUSAL_LM", ["r"] = Rank, ["lora_alpha"] = Alpha, ["target_modules"] = modules,
            ["base_model_name_or_path"] = named, ["modules_to_save"] = saved is null ? null : new[] { saved },
        }));
        var (file, terms) = (new TensorFile(), new Dictionary<string, Term>());
        using var model = ModelFolder.Open(folder.Path);
        foreach (var name in TinyFolder.LinearWeights(kind).Where(name => modules.Contains(name.Split('.')[^2])))
        {
            var shape = model.Find(name)!.Shape;
            var (outputs, inputs) = kind == "gpt2" ? (shape[1], shape[0]) : (shape[0], shape[1]);
            var term = new Term(TinyFolder.Normal(random, Rank * inputs), TinyFolder.Normal(random, outputs * Rank));
            var stem = $"base_model.model.{name[..^".weight".Length]}";
            file.Add($"{stem}.lora_A.weight", "F32", [Rank, inputs], TinyFolder.Narrowed(term.A, "F32"));
            file.Add($"{stem}.lora_B.weight", "F32", [outputs, Rank], TinyFolder.Narrowed(term.B, "F32"));
            terms.Add(name, term);
        }

        if (saved is not null)
        {
            var shape = model.Find($"{saved}.weight")!.Shape;
            file.Add($"base_model.model.{saved}.weight", "F32", shape, new byte[shape[0] * shape[1] * sizeof(float)]);
        }

        adapter.Write("adapter_model.safetensors", file.ToBytes());
        return terms;
    }

    void WriteBase(string? form) => adapter.Write("ortdpo_base.json", JsonSerializer.Serialize(form is null
        ? new Dictionary<string, object> { ["reference_digest"] = Digest(), ["max_length"] = 16 }
        : new() { ["reference_digest"] = Digest(), ["max_length"] = 16, ["base_form"] = form }));

    string Digest()
    {
        using var model = ModelFolder.Open(folder.Path);
        return ReferenceDigest.Compute(model);
    }

    ModelFolder Open(string form, WeightMapping mapping = WeightMapping.ReadOnly) =>
        ModelFolder.Open(folder.Path, adapter.Path, mapping, new BaseWeights(form));

    /// <summary>A is [rank, in], B [out, rank].</summary>
    sealed record Term(float[] A, float[] B)
    {
        /// <summary>(alpha / rank) · Σ B[output, r] · A[r, input].</summary>
        public double Added(int output, int input) => Alpha / Rank * Enumerable.Range(0, Rank).Sum(
            r => (double)B[(output * Rank) + r] * A[(r * (A.Length / Rank)) + input]);
    }
}
