namespace OrtDpo.Runtime.Memory;

/// <summary>What loading leaves behind in a process.</summary>
public static class LoadedMemory
{
    /// <summary>
    /// Gives the system back what nobody uses any more: reading a tokenizer of 150,000 tokens leaves 70 MB of garbage, in which a process
    /// that then works in native memory would lie for hours. Takes under 0.1 s; for once in a run, before it takes its native memory.
    /// </summary>
    public static void Trim()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        SystemAllocator.ReturnFreeBlocks();
    }
}
