namespace OrtDpo.Runtime.Memory;

public static class DeviceTensors
{
    /// <summary>Gives back every tensor of a session's inputs or outputs.</summary>
    public static void DisposeAll(this IReadOnlyDictionary<string, DeviceTensor> tensors)
    {
        foreach (var tensor in tensors.Values)
        {
            tensor.Dispose();
        }
    }
}
