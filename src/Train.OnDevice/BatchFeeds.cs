using OrtDpo.Artifacts.Graphs;
using OrtDpo.Autodiff.Fragments;
using OrtDpo.Batches;
using OrtDpo.Train.OnDevice.Native;

namespace OrtDpo.Train.OnDevice;

/// <summary>A packed batch as the inputs of a model, by their names.</summary>
sealed class BatchFeeds : IDisposable
{
    readonly List<FeedTensor> tensors = [];

    /// <param name="environment">Where the tensors belong to.</param>
    /// <param name="names">The model's inputs, in their order.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="slopes">
    /// For <see cref="ArtifactPorts.Slopes"/>, <c>float32 [R, T]</c>: the loss's derivatives by the log-probabilities; null: there are
    /// none.
    /// </param>
    /// <exception cref="InvalidDataException">The model has an input that is none of a batch.</exception>
    public BatchFeeds(OrtEnvironment environment, IReadOnlyList<string> names, PackedBatch batch, float[]? slopes)
    {
        try
        {
            foreach (var name in names)
            {
                tensors.Add(name switch
                {
                    FragmentPorts.InputIds => Rows(batch.InputIds),
                    FragmentPorts.PositionIds => Rows(batch.PositionIds),
                    FragmentPorts.SegmentIds => Rows(batch.SegmentIds),
                    FragmentPorts.AttentionMask => Rows(Array.ConvertAll(batch.SegmentIds, segment => segment >= 0 ? 1L : 0L)),
                    FragmentPorts.CompletionIndex => Completions(batch.CompletionIndex),
                    FragmentPorts.CompletionIds => Completions(batch.CompletionIds),
                    FragmentPorts.CompletionMask => Completions(batch.CompletionMask),
                    ArtifactPorts.Slopes when slopes is not null => Completions(slopes),
                    _ => throw new InvalidDataException(
                        $"The model has an input '{name}', which no batch has. Expected artifacts that this program made for this engine."),
                });
            }
        }
        catch
        {
            Dispose();
            throw;
        }

        FeedTensor Rows(long[] values) => FeedTensor.Of(environment, values, batch.Rows, batch.Width);

        FeedTensor Completions<T>(T[] values)
            where T : unmanaged => FeedTensor.Of(environment, values, batch.Completions, batch.CompletionWidth);
    }

    /// <summary>In the order of the names.</summary>
    public IReadOnlyList<FeedTensor> Tensors => tensors;

    public void Dispose() => tensors.ForEach(tensor => tensor.Dispose());
}
