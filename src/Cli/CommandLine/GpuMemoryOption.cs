using System.CommandLine;
using System.Globalization;

namespace OrtDpo.Cli.CommandLine;

/// <summary>The option <c>--gpu-memory</c>: a GPU that is somewhere else.</summary>
static class GpuMemoryOption
{
    static readonly (string Unit, long Bytes)[] Units = [("GiB", 1L << 30), ("MiB", 1L << 20), ("GB", 1_000_000_000), ("MB", 1_000_000)];

    /// <summary>The option.</summary>
    public static Option<string> Create()
    {
        var option = new Option<string>(OptionNames.Of("GpuMemory"))
        {
            HelpName = "size",
            Description = "Plan for a GPU of so much free memory, such as 8GB or 7.5GiB, which need not be in this machine; "
                + "with --device cuda. Nothing runs.",
        };
        return option.Where(text => Parse(text) > 0, "it must be a size such as 8GB, 7.5GiB or 900MB");
    }

    /// <summary>Bytes that a size says; 0 where it is none.</summary>
    public static long Parse(string text)
    {
        foreach (var (unit, bytes) in Units)
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
                && double.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
                && count * bytes < long.MaxValue)
            {
                return (long)(count * bytes);
            }
        }

        return 0;
    }
}
