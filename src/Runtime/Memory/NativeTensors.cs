namespace OrtDpo.Runtime.Memory;

public static class NativeTensors
{
    /// <summary>Gives back every tensor of a session's inputs or outputs.</summary>
    public static void DisposeAll(this IReadOnlyDictionary<string, NativeTensor> tensors)
    {
        foreach (var tensor in tensors.Values)
        {
            tensor.Dispose();
        }
    }
}
