using System.Runtime.InteropServices;

namespace OrtDpo.Runtime.Sessions;

/// <summary>
/// While it is held, numbers below float32's least normal one count as zero on the calling thread. Every graph is loaded and run so, and
/// ONNX Runtime's own threads are told the same: a masked key weighs e^−88 in its softmax, which is no normal number, and processors of
/// Intel take far longer over each of these (docs/decisions/0012). Managed code keeps IEEE 754's numbers: the state before is put back.
/// </summary>
readonly unsafe ref struct DenormalsAsZero : IDisposable
{
    // glibc's fenv_t on x86-64 is 28 bytes of the x87 unit's and then MXCSR (bits/fenv.h).
    const int StateSize = 32;
    const int ControlOffset = 28;

    // FTZ for results, DAZ for operands.
    const uint Flags = 0x8000 | 0x0040;

    static readonly delegate* unmanaged<byte*, int> GetState = Function("fegetenv");
    static readonly delegate* unmanaged<byte*, int> SetState = Function("fesetenv");

    readonly uint before;

    DenormalsAsZero(uint before) => this.before = before;

    /// <summary>
    /// Whether it does anything: on Linux on x86-64. Elsewhere ONNX Runtime's threads are left as they are, too, so that all agree.
    /// </summary>
    internal static bool IsSupported => GetState is not null && SetState is not null;

    /// <summary>Begins; disposing ends it, on the same thread.</summary>
    internal static DenormalsAsZero Enter() => new(Exchange(Flags));

    /// <summary>Puts the state back that was found.</summary>
    public void Dispose() => Exchange(before);

    static uint Exchange(uint flags)
    {
        if (!IsSupported)
        {
            return 0;
        }

        var state = stackalloc byte[StateSize];
        var control = (uint*)(state + ControlOffset);
        if (GetState(state) != 0)
        {
            throw new InvalidOperationException("The C library's fegetenv failed; expected the thread's floating-point state.");
        }

        var found = *control & Flags;
        *control = (*control & ~Flags) | flags;
        return SetState(state) == 0
            ? found
            : throw new InvalidOperationException(
                "The C library's fesetenv failed; expected it to take the thread's floating-point state.");
    }

    // The state lies otherwise on other processors.
    static delegate* unmanaged<byte*, int> Function(string name) => RuntimeInformation.ProcessArchitecture == Architecture.X64
        ? (delegate* unmanaged<byte*, int>)CLibrary.Address("libm.so.6", name)
        : null;
}
