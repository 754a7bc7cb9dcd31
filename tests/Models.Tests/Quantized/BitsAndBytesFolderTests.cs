using System.Text;
using OrtDpo.Models.Quantized;
using OrtDpo.Safetensors;

namespace OrtDpo.Models.Tests.Quantized;

/// <summary>Folders whose linear weights bitsandbytes put into nf4.</summary>
public sealed class BitsAndBytesFolderTests : IDisposable
{
    const string Up = "model.layers.1.mlp.up_proj.weight";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Numbers_are_those_of_the_definition(bool nested, bool sharded)
    {
        var checkpoint = Written(nested, sharded);
        using var model = Open();
        Assert.Null(model.Quantized!.Form);
        Assert.Equal(TinyFolder.LinearWeights("llama").Order(), model.Quantized.Weights.Keys.Order());
        foreach (var (name, weight) in model.Quantized.Weights)
        {
            Assert.Equal(checkpoint.Numbers[name], weight.Numbers());
            Assert.Equal(weight.Matrix.Codes.Length, weight.MappedBytes);
        }

        Assert.Equal([17L, 15L], model.Find(Up)!.Shape);
        Assert.Equal(WeightType.BF16, model.StoredType);
        Assert.Equal(
            "14 linear weights of its layers are nf4 of bitsandbytes; they are computed with as float32, not rounded to the dtype of its "
            + "config.json as bitsandbytes does", Assert.Single(model.Notes));
    }

    [Fact]
    public void Its_weights_are_not_pointed_at()
    {
        Written();
        using var model = Open();
        Assert.Equal(
            $"'{Up}' is in 4 bits in {folder.File("model.safetensors")}, and has no numbers to point at. Read it as Quantized has it.",
            Assert.Throws<InvalidOperationException>(() => model.Address(Up)).Message);
    }

    [Fact]
    public void The_digest_is_of_codes_and_scales_wherever_they_lie()
    {
        var checkpoint = Written();
        var digests = new HashSet<string> { Digest() };
        File.Delete(folder.File("model.safetensors"));
        checkpoint.WriteShards();
        Assert.False(digests.Add(Digest()));
        foreach (var part in (string[])[Up, $"{Up}.absmax", "model.norm.weight"])
        {
            checkpoint.File[part].Bytes[4] ^= 1;
            checkpoint.Write();
            Assert.True(digests.Add(Digest()), part);
        }

        // bitsandbytes' notes of what it computes in are no numbers.
        var state = checkpoint.File[Up + BitsAndBytesFolder.State];
        var other = Encoding.UTF8.GetString(state.Bytes).Replace("bfloat16", "float32", StringComparison.Ordinal);
        checkpoint.File[state.Name] = state with { Bytes = Encoding.UTF8.GetBytes(other), Shape = [other.Length] };
        checkpoint.Write();
        Assert.False(digests.Add(Digest()));
    }

    [Fact]
    public void Scales_that_are_quantized_themselves_count_by_what_they_stand_for()
    {
        var checkpoint = Written(nested: true);
        var nested = Digest();
        checkpoint.Unnest();
        checkpoint.Write();
        Assert.Equal(nested, Digest());
    }

    [Theory]
    [InlineData("\"nf4\"", "\"fp4\"", "bnb_4bit_quant_type is 'fp4'. Of 4-bit weights nf4 and int4 are read: ")]
    // What bitsandbytes takes where nothing is said.
    [InlineData("\"bnb_4bit_quant_type\":\"nf4\",", "", "bnb_4bit_quant_type is 'fp4'. Of 4-bit weights nf4 and int4 are read: ")]
    [InlineData("\"load_in_8bit\":false", "\"load_in_8bit\":true", "load_in_8bit is true: the weights have 8 bits. Of 4-bit ")]
    public void A_configuration_of_other_weights_is_refused(string stated, string instead, string message)
    {
        Written().WriteConfig(BitsAndBytesFolder.Quantization.Replace(stated, instead, StringComparison.Ordinal));
        var error = Refusal<NotSupportedException>();
        Assert.StartsWith($"{folder.File("config.json")}, quantization_config: {message}", error, StringComparison.Ordinal);
        Assert.EndsWith("give the model that they were made from.", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gptq")]
    [InlineData("awq")]
    [InlineData("fp8")]
    [InlineData("compressed-tensors")]
    public void Another_quantiser_is_refused_by_its_name(string method)
    {
        Written().WriteConfig($"{{\"quant_method\":\"{method}\",\"bits\":4}}");
        Assert.Equal(
            $"{folder.File("config.json")}: by quantization_config the weights are quantized ({method}). Weights may be F32, F16 or BF16, "
            + "or nf4 of bitsandbytes: give the model that they were made from.", Refusal<NotSupportedException>());
    }

    [Fact]
    public void Tensors_of_another_format_than_the_configuration_s_are_refused()
    {
        var checkpoint = Written();
        var name = $"{Up}.quant_state.bitsandbytes__fp4";
        checkpoint.File[Up + BitsAndBytesFolder.State] = checkpoint.File[Up + BitsAndBytesFolder.State] with { Name = name };
        checkpoint.Write();
        Assert.Equal(
            $"{folder.File("model.safetensors")}: '{name}' is of another format than nf4. Of 4-bit weights nf4 and int4 are read: give the "
            + "model that they were made from.", Refusal<NotSupportedException>());
    }

    /// <summary>FSDP shards codes as numbers of the type that the others have.</summary>
    [Fact]
    public void Codes_that_are_stored_as_another_type_are_refused()
    {
        var checkpoint = Written();
        var codes = checkpoint.File[Up];
        checkpoint.File[Up] = codes with { Type = "BF16", Shape = [codes.Bytes.Length / 2, 1] };
        checkpoint.Write();
        Assert.Equal(
            $"{folder.File("model.safetensors")}: tensor '{Up}' keeps its codes as BF16; expected U8 (bnb_4bit_quant_storage uint8). "
            + "Quantize it again with that, or give the model that it was made from.", Refusal<NotSupportedException>());
    }

    [Theory]
    [InlineData("lm_head.weight", false)]
    [InlineData("lm_head.weight", true)]
    [InlineData("model.embed_tokens.weight", false)]
    [InlineData("model.embed_tokens.weight", true)]
    public void A_matrix_outside_the_layers_in_4_bits_is_refused(string name, bool tied)
    {
        foreach (var type in (string[])["BF16", "F32"])
        {
            var checkpoint = new BitsAndBytesFolder(folder, tied: tied);
            var embedding = checkpoint.File["model.embed_tokens.weight"];
            checkpoint.File[embedding.Name] = new(
                embedding.Name, type, embedding.Shape, type == "F32" ? new byte[12 * 15 * 4] : embedding.Bytes);
            checkpoint.Quantize(name, rows: 12, columns: 15);
            checkpoint.Write();
            Assert.Equal(
                $"{folder.File("model.safetensors")}: tensor '{name}' is in 4 bits, and is no linear weight of a layer of the llama model "
                + "that can be. Give the model that it was made from.", Refusal<NotSupportedException>());
        }
    }

    [Theory]
    [InlineData("", false)]
    [InlineData(".absmax", false)]
    [InlineData(".quant_map", false)]
    [InlineData(".absmax", true)]
    public void A_part_that_is_missing_is_named(string part, bool nested)
    {
        var checkpoint = Written(nested);
        checkpoint.File.Remove(Up + part);
        checkpoint.Write();
        Assert.Equal(
            $"{folder.File("model.safetensors")}: tensor '{Up}{part}' is missing from the safetensors; bitsandbytes writes it beside "
            + $"'{Up}{BitsAndBytesFolder.State}'. Fetch the model again.", Refusal<InvalidDataException>());
    }

    [Theory]
    [InlineData(".nested_absmax", " has 0 bytes; expected ")]
    [InlineData(".nested_quant_map", " has 0 bytes; expected 1024, ")]
    public void So_is_a_part_of_quantized_scales(string part, string message)
    {
        var checkpoint = Written(nested: true);
        checkpoint.File.Remove(Up + part);
        checkpoint.Write();
        Assert.StartsWith(
            $"{folder.File("model.safetensors")}: Tensor '{Up}{part}'{message}", Refusal<InvalidDataException>(), StringComparison.Ordinal);
    }

    /// <summary>Without its state a matrix is a tensor of bytes, of another shape than the model's.</summary>
    [Fact]
    public void A_matrix_without_its_state_is_none()
    {
        var checkpoint = Written();
        checkpoint.File.Remove(Up + BitsAndBytesFolder.State);
        checkpoint.Write();
        Assert.StartsWith(
            $"{folder.File("model.safetensors")}: tensor '{Up}' is [128, 1]. Expected [17, 15] by config.json.",
            Refusal<InvalidDataException>(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_matrix_of_another_shape_is_refused()
    {
        var checkpoint = Written();
        var state = checkpoint.File[Up + BitsAndBytesFolder.State];
        checkpoint.File[state.Name] = state with
        {
            Bytes = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(state.Bytes).Replace("[17, 15]", "[15, 17]", StringComparison.Ordinal)),
        };
        checkpoint.Write();
        Assert.StartsWith(
            $"{folder.File("model.safetensors")}: tensor '{Up}' is [15, 17]. Expected [17, 15] by config.json.",
            Refusal<InvalidDataException>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nf4")]
    [InlineData("elsewhere.onnx")]
    public void Nothing_is_asked_for_on_top(string name)
    {
        Written();
        Assert.Equal(
            $"{folder.Path} has its weights in 4 bits already, and `Base` asks for {name}. Leave `Base` out, or give the model that they "
            + "were made from.", Refusal<NotSupportedException>(weights: new BaseWeights(name)));
        ModelFolder.Open(folder.Path, adapter: null, WeightMapping.ReadOnly, BaseWeights.AsStored).Dispose();
    }

    [Fact]
    public void Such_weights_do_not_train_themselves()
    {
        Written();
        Assert.Equal(
            $"The weights of {folder.Path} are held as in its files, and such weights do not train. Train an adapter on them (`Lora`), or "
            + "give the model that they were made from.", Refusal<NotSupportedException>(WeightMapping.CopyOnWrite));
    }

    BitsAndBytesFolder Written(bool nested = false, bool sharded = false)
    {
        var checkpoint = new BitsAndBytesFolder(folder, nested);
        if (sharded)
        {
            checkpoint.WriteShards();
        }
        else
        {
            checkpoint.Write();
        }

        return checkpoint;
    }

    ModelFolder Open() => ModelFolder.Open(folder.Path);

    string Digest()
    {
        using var model = Open();
        return ReferenceDigest.Compute(model);
    }

    string Refusal<T>(WeightMapping mapping = WeightMapping.ReadOnly, BaseWeights? weights = null)
        where T : Exception => Assert.Throws<T>(() => ModelFolder.Open(folder.Path, adapter: null, mapping, weights)).Message;
}
