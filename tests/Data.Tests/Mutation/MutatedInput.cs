using OrtDpo.Batches;

namespace OrtDpo.Data.Tests.Mutation;

/// <summary>A damaged file, the same for the same kind and seed.</summary>
/// <param name="Kind">What it was.</param>
/// <param name="Seed">What it was drawn by.</param>
/// <param name="Mutation">What was done to it, for messages.</param>
/// <param name="Bytes">What is left.</param>
sealed record MutatedInput(FileKind Kind, ulong Seed, string Mutation, byte[] Bytes)
{
    public static MutatedInput Of(FileKind kind, ulong seed)
    {
        var random = new SplitMix64(seed);
        var original = random.Next(kind.Originals.Count);
        var bytes = kind.Originals[original];
        var names = new List<string>();
        // One damage most often; a second one reaches what the first one's refusal would hide.
        for (var left = random.Next(4) == 0 ? 2 : 1; left > 0 && bytes.Length > 0; left--)
        {
            var (name, apply) = Mutators.All[random.Next(Mutators.All.Count)];
            bytes = apply(bytes, ref random);
            names.Add(name);
        }

        return new(kind, seed, $"original {original}, {string.Join(", then ", names)}", bytes);
    }

    public override string ToString() => $"{Kind.Name}, seed {Seed}, {Mutation}";
}
