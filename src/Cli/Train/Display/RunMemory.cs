using OrtDpo.Runtime.Memory;
using OrtDpo.Train;

namespace OrtDpo.Cli.Train.Display;

/// <summary>What a run takes of memory now, beside what was planned.</summary>
sealed class RunMemory(EngineMemory planned)
{
    // Asked for by the loop's thread alone: a device belongs to it.
    long? onDevice;

    /// <summary>Asks the device, which takes a call of its driver.</summary>
    public void Refresh()
    {
        if (planned.Budget.Device.FreeBytes() is { } free)
        {
            onDevice = Math.Max(0, planned.Budget.Free - free);
        }
    }

    /// <summary>As in "212 MB", "163 MB planned"; on a GPU its own memory first.</summary>
    public IEnumerable<string> Parts()
    {
        var device = planned.Budget.Device;
        if (!device.IsHost && onDevice is { } taken)
        {
            yield return $"{MemoryText.Of(taken)} on {device.Name}";
            yield return $"{MemoryText.Of(planned.Use.Own)} planned";
            yield return $"{MemoryText.Of(Environment.WorkingSet)} beside it";
        }
        else
        {
            yield return MemoryText.Of(Environment.WorkingSet);
            yield return $"{MemoryText.Of(planned.Use.Own)} planned";
        }
    }
}
