using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Families;

/// <summary>
/// Reads rotary positions in both spellings: <c>rope_theta</c> and <c>rope_scaling</c>, or, since version 5 of Transformers,
/// <c>rope_parameters</c> with both in one object, or one such object for each kind of layer.
/// </summary>
static class RotaryReader
{
    static readonly string[] Types = ["default", "linear", "dynamic", "llama3", "yarn", "longrope"];

    /// <summary>The positions of all layers, or of those of <paramref name="layerType"/> where each kind has its own.</summary>
    /// <param name="json">The configuration.</param>
    /// <param name="headDim">Features of a head.</param>
    /// <param name="theta">The base where none is named.</param>
    /// <param name="partly">Whether the family may rotate a part of a head.</param>
    /// <param name="layerType">full_attention or sliding_attention.</param>
    public static RotaryEmbedding Read(
        ConfigFile json, int headDim, double theta, bool partly = false, string layerType = "full_attention")
    {
        RequireOneSpelling(json);
        var section = json.Section("rope_parameters") ?? json.Section("rope_scaling");
        section = SectionOf(section, layerType);
        var rotary = new RotaryEmbedding(
            section?.Has("rope_theta") == true ? section.PositiveNumber("rope_theta") : json.PositiveNumber("rope_theta", absent: theta))
        {
            Share = Share(section?.Has("partial_rotary_factor") == true ? section : json, headDim, partly),
        };
        if (section is null)
        {
            return rotary;
        }

        // Both names are there in files that version 5 wrote; the new one counts.
        var type = section.Text("rope_type", absent: section.Text("type", absent: "default"));
        _ = section.Names("type");
        rotary = type switch
        {
            "default" => rotary,
            "linear" => rotary with { Scaling = new LinearScaling(section.PositiveNumber("factor")) },
            "dynamic" => Dynamic(rotary, json, section),
            "llama3" => rotary with { Scaling = Llama3(section) },
            // What Phi-3 called LongRoPE first.
            "yarn" or "su" when section.Has("short_factor") => rotary with { Scaling = LongRope(json, section, rotary.Width(headDim) / 2) },
            "yarn" => rotary with { Scaling = Yarn(json, section) },
            "longrope" or "su" => rotary with { Scaling = LongRope(json, section, rotary.Width(headDim) / 2) },
            _ => throw new NotSupportedException(
                $"{section.Path}: rope_type is '{type}'. Supported are {string.Join(", ", Types.SkipLast(1))} and {Types[^1]}."),
        };
        RequireKnown(section, type);
        return rotary;
    }

    // Where each kind of layer has its own, there is nothing else beside them.
    static ConfigFile? SectionOf(ConfigFile? section, string layerType)
    {
        if (section?.Section(layerType) is not { } own)
        {
            return section;
        }

        string[] types = ["full_attention", "sliding_attention"];
        return section.Unread.Except(types).FirstOrDefault() is { } unknown
            ? throw new NotSupportedException(
                $"{section.Path}: {unknown} is {section.Raw(unknown)}. Expected {string.Join(" and ", types)} alone, as one is there.")
            : own;
    }

    static double Share(ConfigFile json, int headDim, bool partly)
    {
        var share = json.PositiveNumber("partial_rotary_factor", absent: 1);
        if (share != 1 && !partly)
        {
            throw new NotSupportedException($"{json.Path}: partial_rotary_factor is {share}. Only 1 is supported.");
        }

        var width = (int)(headDim * share);
        return share == 1 || (share < 1 && width > 0 && width % 2 == 0)
            ? share
            : throw new InvalidDataException($"{json.Path}: partial_rotary_factor is {share}, of head_dim {headDim}. "
                + "Expected a share, 1 at most, that leaves an even number.");
    }

    // Exact within the original positions, where nothing is stretched yet.
    static RotaryEmbedding Dynamic(RotaryEmbedding rotary, ConfigFile json, ConfigFile section)
    {
        _ = section.PositiveNumber("factor");
        return rotary with { MaxPositions = Original(json, section) ?? json.Positive("max_position_embeddings") };
    }

    static Llama3Scaling Llama3(ConfigFile section)
    {
        var scaling = new Llama3Scaling(
            section.PositiveNumber("factor"),
            section.PositiveNumber("low_freq_factor"),
            section.PositiveNumber("high_freq_factor"),
            section.Positive("original_max_position_embeddings"));
        return scaling.LowFrequencyFactor < scaling.HighFrequencyFactor
            ? scaling
            : throw new InvalidDataException(
                $"{section.Path}: low_freq_factor is {scaling.LowFrequencyFactor}. "
                + $"Expected less than high_freq_factor, which is {scaling.HighFrequencyFactor}.");
    }

    // The factor counts where it is named, as in Transformers 5; earlier versions took the ratio of positions instead.
    static YarnScaling Yarn(ConfigFile json, ConfigFile section)
    {
        var positions = json.Positive("max_position_embeddings");
        var original = Original(json, section) ?? positions;
        var factor = section.PositiveNumber("factor", absent: (double)positions / original);
        var (mscale, all) = (Number("mscale"), Number("mscale_all_dim"));
        var temperature = mscale > 0 && all > 0
            ? YarnScaling.Temperature(factor, mscale) / YarnScaling.Temperature(factor, all)
            : YarnScaling.Temperature(factor);
        var yarn = new YarnScaling(
            factor,
            original,
            section.PositiveNumber("beta_fast", absent: 32),
            section.PositiveNumber("beta_slow", absent: 1),
            section.Flag("truncate", absent: true),
            section.PositiveNumber("attention_factor", absent: temperature));
        return yarn.BetaFast > yarn.BetaSlow
            ? yarn
            : throw new InvalidDataException($"{section.Path}: beta_fast is {yarn.BetaFast}. "
                + $"Expected more than beta_slow, which is {yarn.BetaSlow}.");

        // 0 switches it off.
        double Number(string field) => section.NotNegativeNumber(field, absent: 0);
    }

    static LongRopeScaling LongRope(ConfigFile json, ConfigFile section, int pairs)
    {
        var positions = json.Positive("max_position_embeddings");
        var original = Original(json, section) ?? positions;
        var factor = section.PositiveNumber("factor", absent: (double)positions / original);
        return new LongRopeScaling(
            Factors("short_factor"),
            Factors("long_factor"),
            original,
            section.PositiveNumber("attention_factor", absent: LongRopeScaling.Temperature(factor, original)),
            positions > original);

        double[] Factors(string field) => section.PositiveNumbers(field) is var factors && factors.Length == pairs
            ? factors
            : throw new InvalidDataException(
                $"{section.Path}: {field} has {factors.Length} entries. Expected {pairs}, one for each rotary pair.");
    }

    static int? Original(ConfigFile json, ConfigFile section) =>
        section.Has("original_max_position_embeddings") ? section.Positive("original_max_position_embeddings")
        : json.Has("original_max_position_embeddings") ? json.Positive("original_max_position_embeddings")
        : null;

    static void RequireOneSpelling(ConfigFile json)
    {
        if (json.Has("rope_parameters") && json.Has("rope_scaling") && json.Raw("rope_parameters") != json.Raw("rope_scaling"))
        {
            throw new InvalidDataException($"{json.Path}: rope_parameters and rope_scaling are there, and differ. "
                + "Expected one of them: remove the one that the model was not trained with.");
        }
    }

    static void RequireKnown(ConfigFile section, string type)
    {
        // The first is a remark of some of the first YaRN models; the others may stand in the object of any type, and were or are read.
        string[] harmless = ["finetuned", "rope_theta", "partial_rotary_factor", "original_max_position_embeddings"];
        if (section.Unread.Except(harmless).FirstOrDefault() is { } unknown)
        {
            throw new NotSupportedException(
                $"{section.Path}: {unknown} is {section.Raw(unknown)}. A rope_type of {type} is built without it.");
        }
    }
}
