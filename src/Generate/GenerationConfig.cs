using System.Globalization;
using System.Text.Json;
using OrtDpo.Linked;
using OrtDpo.Runtime.Generation;
using OrtDpo.Tokenizers;

namespace OrtDpo.Generate;

/// <summary>
/// What a model's <c>generation_config.json</c> says of sampling; null where it says nothing. Tokens that end a text are the tokenizer's.
/// </summary>
/// <param name="Path">The file.</param>
public sealed record GenerationConfig(string Path)
{
    // Values of Hugging Face's other fields that change no text; a field that is not named here has none.
    static readonly Dictionary<string, double> Neutral = new(StringComparer.Ordinal)
    {
        ["diversity_penalty"] = 0, ["encoder_no_repeat_ngram_size"] = 0, ["encoder_repetition_penalty"] = 1, ["epsilon_cutoff"] = 0,
        ["eta_cutoff"] = 0, ["guidance_scale"] = 1, ["min_length"] = 0, ["no_repeat_ngram_size"] = 0, ["num_beam_groups"] = 1,
        ["num_beams"] = 1, ["penalty_alpha"] = 0, ["typical_p"] = 1,
    };

    // Further fields that change the text and whose absence alone is neutral.
    static readonly string[] Lists =
    [
        "bad_words_ids", "begin_suppress_tokens", "exponential_decay_length_penalty", "force_words_ids", "forced_bos_token_id",
        "forced_eos_token_id", "min_new_tokens", "sequence_bias", "stop_strings", "suppress_tokens", "top_h", "watermarking_config",
    ];

    /// <summary>What logits are divided by, above 0.</summary>
    public double? Temperature { get; private init; }

    /// <summary>How many of the likeliest tokens stay.</summary>
    public int? TopK { get; private init; }

    /// <summary>Up to which sum the likeliest tokens stay.</summary>
    public double? TopP { get; private init; }

    /// <summary>How likely tokens are that stay, measured by the likeliest.</summary>
    public double? MinP { get; private init; }

    /// <summary>What divides the logits of tokens that were there.</summary>
    public double? RepetitionPenalty { get; private init; }

    /// <summary>Fields that change what Hugging Face generates, and nothing here.</summary>
    public IReadOnlyList<string> NotApplied { get; private init; } = [];

    /// <summary>How it says that tokens are drawn.</summary>
    public Sampling Sampling => new() { Temperature = Temperature ?? 1, TopK = TopK, TopP = TopP ?? 1, MinP = MinP ?? 0 };

    /// <summary>Reads a folder's file; null where it has none.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or a number is outside its range.</exception>
    public static GenerationConfig? Read(string folder)
    {
        var path = System.IO.Path.Combine(folder, TokenizerFiles.GenerationConfig);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using var json = JsonBytes.ReadFile(path);
            return Of(path, json.RootElement);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is not valid JSON: {e.Message}", e);
        }
    }

    static GenerationConfig Of(string path, JsonElement fields)
    {
        if (fields.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"{path} is {fields.ValueKind}; expected an object of settings.");
        }

        var topK = Number("top_k", value => value >= 0 && value == Math.Floor(value) && value <= int.MaxValue, "a whole number, 0 or more");
        return new GenerationConfig(path)
        {
            Temperature = Number("temperature", value => value > 0, "a number above 0"),
            // As Hugging Face has it, 0 is none.
            TopK = topK is > 0 ? (int)topK : null,
            TopP = Number("top_p", value => value is >= 0 and <= 1, "a number between 0 and 1"),
            MinP = Number("min_p", value => value is >= 0 and <= 1, "a number between 0 and 1"),
            RepetitionPenalty = Number("repetition_penalty", value => value > 0, "a number above 0"),
            NotApplied = [.. fields.EnumerateObject().Where(IsNotApplied).Select(field => field.Name)],
        };

        double? Number(string name, Func<double, bool> fits, string expected)
        {
            if (!fields.TryGetProperty(name, out var field) || field.ValueKind == JsonValueKind.Null)
            {
                return null;
            }

            return field.ValueKind == JsonValueKind.Number && field.TryGetDouble(out var value) && double.IsFinite(value) && fits(value)
                ? value
                : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                    $"{path}: '{name}' is {field.GetRawText()}; expected {expected}. Correct the file, or leave the field out of it."));
        }
    }

    static bool IsNotApplied(JsonProperty field) => field.Value.ValueKind switch
    {
        JsonValueKind.Null => false,
        JsonValueKind.Number when Neutral.TryGetValue(field.Name, out var neutral) => field.Value.GetDouble() != neutral,
        _ => Lists.Contains(field.Name),
    };
}
