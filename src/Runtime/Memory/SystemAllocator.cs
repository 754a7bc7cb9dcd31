namespace OrtDpo.Runtime.Memory;

/// <summary>Settings of the C library's allocator, which ONNX Runtime and <see cref="MemoryPool"/> take their blocks from.</summary>
static unsafe class SystemAllocator
{
    // glibc's M_MMAP_THRESHOLD, malloc.h.
    const int MmapThreshold = -3;
    const int OneMebibyte = 1 << 20;

    /// <summary>
    /// Has blocks of a mebibyte and more mapped by themselves, so that freeing one gives its pages back. glibc otherwise raises the
    /// threshold to 32 MiB as large blocks are freed, and keeps the holes between them: 130 MiB on a 100M-parameter model (measured).
    /// </summary>
    public static void ReturnLargeBlocks()
    {
        // Other C libraries have no such setting, and no such habit.
        if (CLibrary.Address("libc.so.6", "mallopt") is not 0 and var setting)
        {
            ((delegate* unmanaged<int, int, int>)setting)(MmapThreshold, OneMebibyte);
        }
    }

    /// <summary>Gives the pages of free blocks back, wherever they lie; glibc by itself gives back only the last.</summary>
    public static void ReturnFreeBlocks()
    {
        if (CLibrary.Address("libc.so.6", "malloc_trim") is not 0 and var trim)
        {
            ((delegate* unmanaged<nuint, int>)trim)(0);
        }
    }
}
