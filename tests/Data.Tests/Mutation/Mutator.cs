using OrtDpo.Batches;

namespace OrtDpo.Data.Tests.Mutation;

/// <summary>A kind of damage to a file: a pure function of its bytes and of what is drawn.</summary>
/// <param name="whole">The file; it stays as it is.</param>
/// <param name="random">What is drawn from.</param>
delegate byte[] Mutator(byte[] whole, ref SplitMix64 random);
