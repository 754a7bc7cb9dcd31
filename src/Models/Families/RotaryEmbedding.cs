using System.Globalization;
using OrtDpo.Models.Decoders;

namespace OrtDpo.Models.Families;

/// <summary>Rotary positions (arXiv:2104.09864): the base and the ways that Llama models stretch it to longer texts.</summary>
/// <param name="Theta">The base of the frequencies.</param>
/// <param name="Scaling">How the frequencies are stretched.</param>
/// <param name="Factor">By how much; 1 where nothing is stretched.</param>
/// <param name="LowFrequencyFactor">Llama 3: wavelengths above original positions / this are stretched in full.</param>
/// <param name="HighFrequencyFactor">Llama 3: wavelengths below original positions / this are left alone.</param>
/// <param name="OriginalMaxPositions">Llama 3: the positions before stretching.</param>
public sealed record RotaryEmbedding(
    double Theta,
    RotaryScaling Scaling = RotaryScaling.None,
    double Factor = 1,
    double LowFrequencyFactor = 1,
    double HighFrequencyFactor = 1,
    int OriginalMaxPositions = 1)
{
    /// <summary>
    /// <c>[headDim / 2]</c>, radians per position of each rotary pair, as Hugging Face computes them before rounding to float32.
    /// </summary>
    public double[] InverseFrequencies(int headDim)
    {
        var frequencies = new double[headDim / 2];
        for (var i = 0; i < frequencies.Length; i++)
        {
            frequencies[i] = Stretch(Math.Pow(Theta, -2.0 * i / headDim));
        }

        return frequencies;
    }

    internal static RotaryEmbedding Read(ConfigFile json)
    {
        // Since version 5, Hugging Face writes the base and the scaling into one object.
        var section = json.Section("rope_parameters") ?? json.Section("rope_scaling");
        var theta = section?.Has("rope_theta") == true
            ? section.PositiveNumber("rope_theta")
            : json.PositiveNumber("rope_theta", absent: 10_000);
        RequireAllFeatures(json);
        if (section is null)
        {
            return new RotaryEmbedding(theta);
        }

        RequireAllFeatures(section);

        var type = section.Text("rope_type", absent: section.Text("type", absent: "default"));
        return type switch
        {
            "default" => new RotaryEmbedding(theta),
            "linear" => new RotaryEmbedding(theta, RotaryScaling.Linear, section.PositiveNumber("factor")),
            "llama3" => ReadLlama3(theta, section),
            _ => throw new NotSupportedException($"{section.Path}: rope_type is '{type}'. Supported are default, linear and llama3."),
        };
    }

    static void RequireAllFeatures(ConfigFile section)
    {
        if (section.PositiveNumber("partial_rotary_factor", absent: 1) is not 1 and var share)
        {
            throw new NotSupportedException($"{section.Path}: partial_rotary_factor is {share}. Only 1 is supported.");
        }
    }

    internal string Canonical() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Scaling},{Theta},{Factor},{LowFrequencyFactor},{HighFrequencyFactor},{OriginalMaxPositions}");

    static RotaryEmbedding ReadLlama3(double theta, ConfigFile section)
    {
        var rotary = new RotaryEmbedding(
            theta,
            RotaryScaling.Llama3,
            section.PositiveNumber("factor"),
            section.PositiveNumber("low_freq_factor"),
            section.PositiveNumber("high_freq_factor"),
            section.Positive("original_max_position_embeddings"));
        return rotary.LowFrequencyFactor < rotary.HighFrequencyFactor
            ? rotary
            : throw new InvalidDataException(
                $"{section.Path}: low_freq_factor is {rotary.LowFrequencyFactor}. "
                + $"Expected less than high_freq_factor, which is {rotary.HighFrequencyFactor}.");
    }

    double Stretch(double frequency)
    {
        if (Scaling != RotaryScaling.Llama3)
        {
            return frequency / Factor;
        }

        // The share that is left alone grows linearly with the turns that the pair makes within the original positions.
        var turns = OriginalMaxPositions * frequency / (2 * Math.PI);
        var kept = Math.Clamp((turns - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor), 0, 1);
        return ((1 - kept) * frequency / Factor) + (kept * frequency);
    }
}

/// <summary>How rotary frequencies are stretched; <c>rope_type</c> in <c>config.json</c>.</summary>
public enum RotaryScaling
{
    None,

    /// <summary>Every frequency divided by the factor (arXiv:2306.15595).</summary>
    Linear,

    /// <summary>Only long wavelengths divided by the factor, with a linear passage between.</summary>
    Llama3,
}
