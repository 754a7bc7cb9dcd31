using System.ComponentModel;
using System.Globalization;
using OrtDpo.GpuCheck.Running;

namespace OrtDpo.GpuCheck.Devices;

/// <summary>What <c>nvidia-smi</c>, which comes with the driver, says of the first GPU.</summary>
static class NvidiaSmi
{
    static readonly TimeSpan Time = TimeSpan.FromSeconds(20);

    /// <summary>A field, such as <c>driver_version</c>; null: the program is not there, or does not know.</summary>
    public static string? Ask(string field)
    {
        try
        {
            var told = SelfProcess.Run("nvidia-smi", Time, [$"--query-gpu={field}", "--format=csv,noheader,nounits", "--id=0"]);
            return told.ExitCode == 0 && !told.IsTimedOut ? told.Output.Trim() : null;
        }
        catch (Win32Exception)
        {
            // There is no such program.
            return null;
        }
    }

    /// <summary>Bytes of its memory that all processes use; null: unknown.</summary>
    public static long? UsedBytes() =>
        long.TryParse(Ask("memory.used"), NumberStyles.None, CultureInfo.InvariantCulture, out var mebibytes) ? mebibytes << 20 : null;
}
