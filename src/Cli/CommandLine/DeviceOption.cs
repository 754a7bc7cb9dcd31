using System.CommandLine;
using OrtDpo.Runtime.Devices;

namespace OrtDpo.Cli.CommandLine;

/// <summary>The option <c>--device</c>, the same in every command that runs a model.</summary>
static class DeviceOption
{
    /// <summary>The option of a verb, which refuses what is no device.</summary>
    /// <param name="what">What runs there, as in "the model".</param>
    public static Option<string> Create(string what)
    {
        var option = new Option<string>(OptionNames.Of("Device"))
        {
            HelpName = "cpu|cuda[:n]|auto",
            Description = $"Where {what} runs: cpu, cuda (which is cuda:0), cuda:n, or auto, which is cuda:0 where that works, "
                + "else cpu, and says why [default: cpu].",
        };
        return option.Where(name => DeviceChoice.TryParse(name, out _), $"it must be {DeviceChoice.Names}")
            .Knowing(facts => facts with { Pattern = "^(cpu|auto|cuda(:[0-9]+)?)$" });
    }

    /// <summary>Reads the option.</summary>
    public static DeviceChoice Bind(ParseResult parse, Option<string> option) =>
        parse.GetValue(option) is { } name ? DeviceChoice.Parse(name) : DeviceChoice.Cpu;
}
