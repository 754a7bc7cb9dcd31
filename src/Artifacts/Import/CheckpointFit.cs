using System.Globalization;
using OrtDpo.Artifacts.Checkpoints;
using OrtDpo.Artifacts.Graphs;
using OrtDpo.Models;
using OrtDpo.Safetensors;

namespace OrtDpo.Artifacts.Import;

/// <summary>Whether a checkpoint holds what its artifacts have: all of it, nothing else, and numbers.</summary>
static unsafe class CheckpointFit
{
    /// <summary>Checks names, types, shapes, and that every trained number is finite.</summary>
    /// <exception cref="InvalidDataException">The first fault; the message names the parameter.</exception>
    public static void Require(MappedCheckpoint mapped, ArtifactManifest manifest)
    {
        var (path, contents) = (mapped.Path, mapped.Contents);
        if (contents.IsNominal)
        {
            throw new InvalidDataException($"{path} has names and no numbers: it is nominal. Have the device save one after it has loaded "
                + "its parameters.");
        }

        Require(path, contents.Trainable, manifest, trains: true);
        Require(path, contents.Frozen, manifest, trains: false);
        foreach (var tensor in contents.Trainable)
        {
            if (FirstNotFinite(tensor) is { } at)
            {
                throw new InvalidDataException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{path}: number {at} of '{tensor.Name}' is {((float*)tensor.Address)[at]}. The training diverged: give an earlier "
                    + $"checkpoint, or train again with a lower rate."));
            }
        }
    }

    /// <summary>Checks that what did not train is still the model's, bit for bit.</summary>
    /// <exception cref="InvalidDataException">It is not; the message names the parameter.</exception>
    public static void RequireFrozen(MappedCheckpoint mapped, ModelFolder folder)
    {
        if (mapped.Contents.Frozen.Count == 0)
        {
            return;
        }

        using var weights = new WeightStore(folder);
        foreach (var tensor in mapped.Contents.Frozen)
        {
            if (!AreEqual((byte*)tensor.Address, (byte*)weights[tensor.Name].Address, tensor.ByteCount))
            {
                throw new InvalidDataException($"{mapped.Path}: '{tensor.Name}' does not train, and has other numbers than in "
                    + $"{folder.Path}. Give the checkpoint that was trained from these artifacts.");
            }
        }
    }

    static void Require(string path, IReadOnlyList<TensorSource> tensors, ArtifactManifest manifest, bool trains)
    {
        var word = trains ? "trains" : "does not train";
        var expected = manifest.Parameters.Where(p => p.Trains == trains).ToDictionary(p => p.Name, StringComparer.Ordinal);
        foreach (var tensor in tensors)
        {
            if (!expected.Remove(tensor.Name, out var parameter))
            {
                throw new InvalidDataException($"{path} holds '{tensor.Name}', which {word} there and not in its artifacts. "
                    + "Give the checkpoint that was trained from these artifacts.");
            }

            if (tensor.Type != WeightType.F32 || !tensor.Shape.SequenceEqual(parameter.Shape))
            {
                throw new InvalidDataException($"{path}: '{tensor.Name}' is {tensor.Type} {TensorEntry.Describe(tensor.Shape)}; expected "
                    + $"F32 {TensorEntry.Describe(parameter.Shape)}, as in its artifacts. Give the checkpoint trained from these.");
            }
        }

        if (expected.Keys.FirstOrDefault() is { } missing)
        {
            throw new InvalidDataException($"{path} lacks '{missing}', which {word} in its artifacts. "
                + "Give the checkpoint that was trained from these.");
        }
    }

    static bool AreEqual(byte* left, byte* right, long count)
    {
        const int Part = 1 << 30;
        for (var at = 0L; at < count; at += Part)
        {
            var length = (int)Math.Min(Part, count - at);
            if (!new ReadOnlySpan<byte>(left + at, length).SequenceEqual(new ReadOnlySpan<byte>(right + at, length)))
            {
                return false;
            }
        }

        return true;
    }

    static long? FirstNotFinite(TensorSource tensor)
    {
        var numbers = (float*)tensor.Address;
        for (var i = 0L; i < tensor.ByteCount / sizeof(float); i++)
        {
            // The difference of what is no number, or infinite, from itself is no number.
            if (numbers[i] - numbers[i] != 0)
            {
                return i;
            }
        }

        return null;
    }
}
