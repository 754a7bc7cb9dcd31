namespace OrtDpo.Pipeline.Tests;

public sealed partial class BadInputTests
{
    [Fact]
    public void A_prompt_that_the_model_cannot_continue()
    {
        string[] Generate(string model, string prompt) => ["generate", "--model", model, "--prompt", prompt, "--max-new-tokens", "2"];

        // 256 digits and the token that begins every text.
        Refused(
            1,
            "The prompt has 257 tokens, and the model has 256 positions. Give a shorter prompt.",
            Generate(made.Model, new string('7', 256)));

        var model = TinyModel.Write(folder.File("model"));
        File.Copy(
            Repository.Find("tests", "golden", "text", "tiny", "byte-level.json"),
            Path.Combine(model, "tokenizer.json"),
            overwrite: true);
        Refused(
            1,
            "The prompt is empty, and the tokenizer puts no token before it: nothing predicts the first token. Give a prompt with text.",
            Generate(model, ""));
        Refused(
            1,
            "The prompt has token 563 ('<|end|>'), and the model's vocabulary has 311. The tokenizer beside the weights is not theirs.",
            Generate(model, "Hello<|end|>"));
    }

    [Fact]
    public void A_text_ends_where_the_model_s_positions_do() =>
        TinyPipeline.Succeed("generate", "--model", made.Model, "--prompt", new string('7', 253), "--max-new-tokens", "100");
}
