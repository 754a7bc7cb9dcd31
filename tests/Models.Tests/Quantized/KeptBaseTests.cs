using System.Runtime.InteropServices;
using System.Text;
using OrtDpo.Models.Quantized;
using OrtDpo.Quantization;
using OrtDpo.Safetensors;

namespace OrtDpo.Models.Tests.Quantized;

/// <summary>A base in 4 bits that is kept in a file is what it was made of, or refused.</summary>
public sealed class KeptBaseTests : IDisposable
{
    const string Up = "model.layers.1.mlp.up_proj.weight";

    readonly TemporaryFolder folder = new();
    readonly TemporaryFolder kept = new();

    public static TheoryData<string, string> Forms => BaseWeightsTests.Forms;

    public void Dispose()
    {
        folder.Dispose();
        kept.Dispose();
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void What_is_read_is_what_was_written_and_lies_in_the_file(string family, string form)
    {
        folder.WriteModel(family, "BF16");
        using var model = Open(form);
        using var read = Open(Keep(form));
        Assert.Equal(model.Quantized!.Form, read.Quantized!.Form);
        Assert.Equal(model.Quantized.Digest(), read.Quantized.Digest());
        Assert.Equal(ReferenceDigest.Compute(model), ReferenceDigest.Compute(read));
        Assert.Equal(model.Quantized.Weights.Keys, read.Quantized.Weights.Keys);
        foreach (var (name, weight) in read.Quantized.Weights)
        {
            var expected = model.Quantized.Find(name)!;
            Assert.Equal((expected.Rows, expected.Count), (weight.Rows, weight.Count));
            Assert.Equal(expected.Numbers(), weight.Numbers());
            Assert.Equal(weight.Matrix.ByteCount, weight.MappedBytes);
            Assert.True(MemoryMarshal.TryGetMemoryManager<byte, ViewedBytes>(weight.Matrix.Codes, out _));
            Assert.True(MemoryMarshal.TryGetMemoryManager<byte, ViewedBytes>(weight.Matrix.ScaleBytes, out _));
        }

        Assert.All(model.Quantized.Weights.Values, weight => Assert.Equal(0, weight.MappedBytes));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Whoever_writes_it_writes_the_same_bytes(string family, string form)
    {
        folder.WriteModel(family, "F16");
        var first = Bytes(form, threads: 1);
        Assert.Equal(first, Bytes(form, threads: 4));
        Assert.Equal(first, Bytes(kept.Write("base.safetensors", first), threads: 1));

        // Another folder, another bound on a sequence.
        using var copy = new TemporaryFolder();
        File.Copy(folder.File("config.json"), copy.File("config.json"));
        File.Copy(folder.File("model.safetensors"), copy.File("model.safetensors"));
        using var model = ModelFolder.Open(copy.Path, adapter: null, WeightMapping.ReadOnly, new BaseWeights(form));
        model.FixMaxLength(5);
        Assert.Equal(first, Written(model));
    }

    [Fact]
    public void Its_name_tells_the_form_and_the_model()
    {
        folder.WriteModel();
        var names = new HashSet<string>();
        foreach (var form in (string[])["nf4", "int4", "int4-128"])
        {
            using var model = Open(form);
            var name = KeptBase.NameOf(model);
            Assert.Matches($"^base-{form}-[0-9a-f]{{12}}\\.safetensors$", name);
            Assert.True(names.Add(name));
            using var read = Open(Keep(form));
            Assert.Equal(name, KeptBase.NameOf(read));
        }

        folder.WriteModel(seed: 2);
        using var other = Open("nf4");
        Assert.True(names.Add(KeptBase.NameOf(other)));
    }

    /// <summary>Others can read it: names, types and shapes of tensors, and a text of what they mean for each weight.</summary>
    [Fact]
    public void The_file_says_what_it_holds()
    {
        folder.WriteModel();
        var file = TensorFile.Read(Keep("nf4"));
        Assert.Equal(2 * 14, file.Tensors.Count);
        Assert.Equal(14 + 4, file.Metadata.Count);
        Assert.Equal("format=nf4 block=64 scales=eight_bits quantizer=ortdpo-1", file.Metadata["ortdpo_base_form"]);
        Assert.Equal("format=nf4 block=64 scales=eight_bits quantizer=ortdpo-1 shape=72x80", file.Metadata[Up]);
        // 72 · 80 numbers, two to a byte, 64 to a scale.
        Assert.Equal(("U8", 2880L), (file[$"{Up}.codes"].Type, Assert.Single(file[$"{Up}.codes"].Shape)));
        Assert.Equal(("F32", 90L), (file[$"{Up}.scales"].Type, Assert.Single(file[$"{Up}.scales"].Shape)));
    }

    [Fact]
    public void What_is_not_quantised_is_not_kept()
    {
        folder.WriteModel();
        using var model = ModelFolder.Open(folder.Path);
        var sentence = $"{folder.Path} is held as its files have it: there is nothing to keep.";
        Assert.Equal(sentence, Assert.Throws<InvalidOperationException>(() => Written(model)).Message);
        Assert.Equal(sentence, Assert.Throws<InvalidOperationException>(() => KeptBase.NameOf(model)).Message);
    }

    [Fact]
    public void Another_model_is_refused()
    {
        // Cut to bfloat16, so that both types have the same numbers.
        var numbers = folder.WriteModel(type: "BF16");
        var path = Keep("int4");
        folder.WriteModel(type: "F32", change: all => Restore(all, numbers));
        var dtype = Refusal(path);
        Assert.Matches($"^{path} was made of a model with the digest [0-9a-f]{{12}}…, and {folder.Path} has [0-9a-f]{{12}}…: ", dtype);
        Assert.EndsWith(
            "another model, other numbers or another dtype. Give the model that it was made of (`Model`), or keep it again with "
            + "precompute.", dtype, StringComparison.Ordinal);

        folder.WriteModel(type: "BF16", change: all => Restore(all, numbers));
        Open(path).Dispose();
        // A norm, which is not even in the file.
        folder.WriteModel(type: "BF16", change: all =>
        {
            Restore(all, numbers);
            all["model.norm.weight"][3] += 1;
        });
        Assert.StartsWith($"{path} was made of a model with the digest ", Refusal(path), StringComparison.Ordinal);
        // Of another family.
        folder.WriteModel("gpt2");
        Assert.StartsWith($"{path} was made of a model with the digest ", Refusal(path), StringComparison.Ordinal);

        static void Restore(Dictionary<string, float[]> all, Dictionary<string, float[]> numbers)
        {
            foreach (var (name, stored) in numbers)
            {
                all[name] = [.. stored];
            }
        }
    }

    [Fact]
    public void A_file_that_ends_early_is_refused()
    {
        folder.WriteModel();
        var whole = File.ReadAllBytes(Keep("int4"));
        foreach (var length in (int[])[0, 7, 8, 9, 1000, whole.Length / 2, whole.Length - 4, whole.Length - 1])
        {
            Refusal(kept.Write("cut.safetensors", whole[..length]));
        }

        Refusal(kept.Write("long.safetensors", [.. whole, 0]));
    }

    [Theory]
    [InlineData("nf4", "codes", 17, " is damaged: form and tensors have the digest ")]
    [InlineData("int4", "codes", 17, " is damaged: form and tensors have the digest ")]
    [InlineData("int4", "zero_points", 1, " is damaged: form and tensors have the digest ")]
    // The upper half of a float32, which holds all eight bits of a scale; the lower.
    [InlineData("nf4", "scales", 6, " is damaged: form and tensors have the digest ")]
    [InlineData("int4", "scales", 4, $": Tensor '{Up}.scales' has ")]
    public void A_changed_byte_is_told(string form, string part, int index, string message)
    {
        // All weights above 0, so that int4 has zero points.
        folder.WriteModel(change: all => all[Up] = [.. all[Up].Select(MathF.Abs)]);
        var path = Change(form, file =>
        {
            var bytes = file[$"{Up}.{part}"].Bytes;
            bytes[index] ^= 1;
        });
        Assert.StartsWith(path + message, Refusal(path), StringComparison.Ordinal);
    }

    [Fact]
    public void So_is_a_form_that_its_weights_do_not_have()
    {
        folder.WriteModel();
        var path = Change("nf4", file => file.Metadata["ortdpo_base_form"] = new BaseWeights("int4").Form!.ToString());
        Assert.StartsWith($"{path} is damaged: form and tensors have the digest ", Refusal(path), StringComparison.Ordinal);
    }

    /// <summary>Whichever bit of it changes, the file is refused, or the weights and their form are what they were.</summary>
    [Fact]
    public void No_changed_bit_changes_the_weights_unnoticed()
    {
        folder.WriteModel("gpt2");
        var whole = File.ReadAllBytes(Keep("nf4"));
        using var model = Open("nf4");
        var (form, digest) = (model.Quantized!.Form, model.Quantized.Digest());
        var (header, random) = (BitConverter.ToInt32(whole) + 8, new Random(5));
        var places = Enumerable.Range(0, 20).Select(_ => random.Next(header))
            .Concat(Enumerable.Range(0, 20).Select(_ => random.Next(header, whole.Length)))
            .Concat(((string[])["form", "source", "digest"]).SelectMany(key =>
            {
                var start = whole.AsSpan().IndexOf(Encoding.UTF8.GetBytes($"ortdpo_base_{key}"));
                return Enumerable.Range(0, 20).Select(_ => start + random.Next(85));
            }));
        foreach (var place in places)
        {
            var bit = (byte)(1 << random.Next(8));
            whole[place] ^= bit;
            var path = kept.Write("changed.safetensors", whole);
            whole[place] ^= bit;
            try
            {
                using var read = Open(path);
                Assert.True(
                    (read.Quantized!.Form, read.Quantized.Digest()) == (form, digest), $"bit {bit} of byte {place} changes what is read");
            }
            catch (InvalidDataException e)
            {
                Assert.Contains(path, e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_part_that_is_missing_or_too_many_is_named()
    {
        folder.WriteModel();
        var missing = Change("nf4", file => file.Remove($"{Up}.scales"));
        Assert.StartsWith(
            $"{missing}: Weight '{Up}' has the parts '{Up}.codes'; expected '{Up}.scales' once among them. ", Refusal(missing),
            StringComparison.Ordinal);
        var more = Change("nf4", file => file.Add($"{Up}.zero_points", "U8", [1], [0]));
        Assert.StartsWith($"{more}: Weight '{Up}' has a part '{Up}.zero_points'; ", Refusal(more), StringComparison.Ordinal);
        var stray = Change("nf4", file => file.Add("lm_head.weight.codes", "U8", [1], [0]));
        Assert.Equal(
            $"{stray}: tensor 'lm_head.weight.codes' is of no weight of {folder.Path}. "
            + "Keep it again with precompute, or leave the file out and have it quantised.", Refusal(stray));
        var shape = Change("nf4", file => file.Metadata[Up] = file.Metadata[Up].Replace("72x80", "80x72", StringComparison.Ordinal));
        Assert.StartsWith(
            $"{shape}: weight '{Up}' is [80, 72]; {folder.Path} has [72, 80]. ", Refusal(shape), StringComparison.Ordinal);
        Refusal(Change("nf4", file => file.Metadata[Up] = file.Metadata[Up].Replace("72x80", "72000x800000", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("ortdpo_base_form")]
    [InlineData("ortdpo_base_source")]
    [InlineData("ortdpo_base_digest")]
    [InlineData(Up)]
    public void What_its_metadata_lacks_is_named(string key)
    {
        folder.WriteModel();
        var path = Change("nf4", file => Assert.True(file.Metadata.Remove(key)));
        Assert.Equal(
            $"{path} has no '{key}' in its metadata; a base in 4 bits that was kept has. "
            + "Keep it again with precompute, or leave the file out and have it quantised.", Refusal(path));
    }

    [Fact]
    public void A_file_of_weights_is_no_kept_base()
    {
        folder.WriteModel();
        var path = folder.File("model.safetensors");
        Assert.StartsWith($"{path} has no 'ortdpo_base_form' in its metadata; ", Refusal(path), StringComparison.Ordinal);
    }

    string Keep(string form)
    {
        using var model = Open(form);
        return kept.Write(KeptBase.NameOf(model), Written(model));
    }

    string Change(string form, Action<TensorFile> change)
    {
        var file = TensorFile.Read(Keep(form));
        change(file);
        return kept.Write("changed.safetensors", file.ToBytes());
    }

    byte[] Bytes(string form, int threads)
    {
        using var model = Open(form);
        model.Quantized!.Prepare(threads);
        return Written(model);
    }

    static byte[] Written(ModelFolder model)
    {
        using var file = new MemoryStream();
        KeptBase.Write(file, model);
        return file.ToArray();
    }

    /// <summary>One sentence or two that name the file.</summary>
    string Refusal(string path)
    {
        var error = Assert.Throws<InvalidDataException>(() => Open(path)).Message;
        Assert.StartsWith(path, error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
        return error;
    }

    ModelFolder Open(string form) => ModelFolder.Open(folder.Path, adapter: null, WeightMapping.ReadOnly, new BaseWeights(form));
}
