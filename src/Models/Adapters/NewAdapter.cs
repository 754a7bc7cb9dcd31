using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Batches;
using OrtDpo.Models.Decoders;
using OrtDpo.Safetensors;

namespace OrtDpo.Models.Adapters;

/// <summary>
/// An adapter before its first step, as LoRA begins (arXiv:2106.09685, §4.1) and PEFT makes it: A from Kaiming's uniform distribution with
/// a = √5, which is ±1/√in (arXiv:1502.01852), and B zero, so that the model is its base bit for bit.
/// </summary>
public static unsafe class NewAdapter
{
    // What lies in no file has no path.
    const string Nowhere = "";

    /// <summary>Puts a new adapter on a model, to be trained.</summary>
    /// <param name="folder">A model that is mapped to be read.</param>
    /// <param name="terms">Terms by the names of their weights.</param>
    /// <param name="saved">Parameters of the model that train whole.</param>
    /// <param name="seed">Of A's numbers; those of each term depend on it and on the term's name alone.</param>
    public static void Attach(
        ModelFolder folder, IReadOnlyDictionary<string, LowRankTerm> terms, IReadOnlySet<string> saved, ulong seed)
    {
        var model = new AdaptedModel(folder.Model, terms, saved);
        var block = NativeBlock.Allocate(model.TermParameters.Sum(Bytes));
        var tensors = new List<(string, string, nint, TensorEntry)>();
        var at = block.Address;
        var downs = terms.Keys.Select(LowRankTerm.A).ToHashSet(StringComparer.Ordinal);
        foreach (var parameter in model.TermParameters)
        {
            var numbers = new Span<float>((void*)at, checked((int)(Bytes(parameter) / sizeof(float))));
            if (downs.Contains(parameter.Name))
            {
                Fill(numbers, 1 / Math.Sqrt(parameter.Shape[1]), seed, parameter.Name);
            }
            else
            {
                numbers.Clear();
            }

            tensors.Add((parameter.Name, Nowhere, at, new(parameter.Name, WeightType.F32, parameter.Shape, Offset: 0, Bytes(parameter))));
            at += (nint)Bytes(parameter);
        }

        folder.Attach(model, tensors, block, trains: true);
    }

    static long Bytes(ModelParameter parameter) => parameter.Shape[0] * parameter.Shape[1] * sizeof(float);

    static void Fill(Span<float> numbers, double bound, ulong seed, string name)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(name));
        var random = new SplitMix64(SplitMix64.Mix(seed) ^ BinaryPrimitives.ReadUInt64LittleEndian(hash));
        foreach (ref var number in numbers)
        {
            // 53 bits in [0, 1).
            number = (float)(bound * ((2 * ((random.Next() >> 11) * (1.0 / (1UL << 53)))) - 1));
        }
    }
}
