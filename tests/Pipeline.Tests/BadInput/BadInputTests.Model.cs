namespace OrtDpo.Pipeline.Tests;

public sealed partial class BadInputTests
{
    const string Weight = "model.layers.1.mlp.up_proj.weight";

    string Weights => folder.File(Path.Combine("model", "model.safetensors"));

    [Theory]
    [InlineData("precompute")]
    [InlineData("train")]
    [InlineData("generate")]
    public void A_model_folder_that_is_not_there(string verb)
    {
        var model = folder.File("model");
        var (give, arguments) = verb switch
        {
            "precompute" =>
                ("a folder with config.json, safetensors files and a tokenizer, or with an ONNX model.", Precompute(model, made.Data)),
            "train" => ("a folder with config.json, safetensors files and a tokenizer, or with an ONNX model.", Train(model, made.Cache)),
            _ => ("a folder that export wrote, or a Hugging Face folder.", ["generate", "--model", model, "--prompt", "Hello"]),
        };
        Refused(1, $"The model folder {model} does not exist. Give {give}", arguments);
    }

    [Fact]
    public void A_weight_that_is_missing()
    {
        var model = TinyModel.Write(folder.File("model"), weights: w => w.Name == Weight ? null : w);
        Refused(
            1,
            $"{model}: tensor '{Weight}' is missing from the safetensors. Expected [24, 16] by config.json. Fetch the model again.",
            Precompute(model, made.Data));
    }

    [Fact]
    public void A_weight_of_another_shape()
    {
        var model = TinyModel.Write(folder.File("model"), weights: w => w.Name == Weight ? w with { Shape = [16, 24] } : w);
        Refused(
            1,
            $"{Weights}: tensor '{Weight}' is [16, 24]. Expected [24, 16] by config.json. Fetch the model again.",
            Train(model, made.Cache));
    }

    [Fact]
    public void A_weight_that_is_not_a_number()
    {
        var model = TinyModel.Write(
            folder.File("model"), weights: w => w.Name == Weight ? w with { Values = [float.NaN, .. w.Values[1..]] } : w);
        GivenUp(
            "The reference scores fixed token ids as not finite. The model's weights or its configuration are wrong.",
            Precompute(model, made.Data));
    }

    [Fact]
    public void A_safetensors_file_that_is_cut_short()
    {
        var model = TinyModel.Write(folder.File("model"));
        var header = BitConverter.ToInt64(File.ReadAllBytes(Weights), 0);
        Truncate(Weights, length => length - 100);
        Refused(
            1,
            $"{Weights}: tensor 'model.layers.1.mlp.down_proj.weight' lies at bytes 33984 to 35520, "
            + "but the file holds 35484 bytes of tensors. Fetch the file again.",
            Precompute(model, made.Data));
        Truncate(Weights, _ => 1000);
        Refused(
            1,
            $"{Weights}: the header claims {header} bytes, but 992 bytes follow its length (at most 100000000 are read). "
            + "Fetch the file again.",
            Precompute(model, made.Data));
        Truncate(Weights, _ => 5);
        Refused(
            1,
            $"{Weights}: the file has 5 bytes; a safetensors file begins with 8 bytes of header length. Fetch the file again.",
            Precompute(model, made.Data));
    }

    [Fact]
    public void A_model_of_another_type()
    {
        var model = TinyModel.Write(folder.File("model"), modelType: "mamba");
        var sentence = $"{Path.Combine(model, "config.json")}: model_type is 'mamba'. "
            + "Supported are gemma2, gemma3_text, gpt2, granite, llama, mistral, olmo2, phi3, qwen2, qwen3 and smollm3.";
        Refused(1, sentence, Precompute(model, made.Data));
    }

    [Fact]
    public void A_model_without_a_tokenizer()
    {
        var model = TinyModel.Write(folder.File("model"));
        File.Delete(Path.Combine(model, "tokenizer.json"));
        Refused(
            1,
            $"'{model}' has no tokenizer. It needs tokenizer.json, or tokenizer.model, or vocab.json with merges.txt.",
            Precompute(model, made.Data));
    }
}
