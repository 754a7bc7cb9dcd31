using OrtDpo.Runtime.Devices;
using OrtDpo.Runtime.Memory;

namespace OrtDpo.Cli.CommandLine;

/// <summary>What a stage runs on, in its first lines.</summary>
static class DeviceLines
{
    /// <summary>The device and its memory, or why it is the processor; nothing where nobody asked for another than that.</summary>
    public static IEnumerable<string> Of(ChosenDevice chosen)
    {
        if (chosen.WhyNot is { } reason)
        {
            yield return $"device: {chosen.Device.Name}, since {OptionNames.In(reason)}";
        }
        else if (chosen.Device.FreeBytes() is { } free)
        {
            yield return $"device: {chosen.Device.Description}, {MemoryText.Of(free)} free (--device)";
        }
    }

    /// <summary>Writes them.</summary>
    public static void Tell(ChosenDevice chosen, ProgramOutput output)
    {
        foreach (var line in Of(chosen))
        {
            output.WriteLine(line);
        }
    }
}
