using System.CommandLine;
using OrtDpo.Models.Quantized;

namespace OrtDpo.Cli.CommandLine;

/// <summary>The option <c>--base</c>, which says how the weights of a model's layers are held.</summary>
static class BaseOption
{
    /// <summary>The option of a verb.</summary>
    public static Option<string> Create() => new Option<string>(OptionNames.Of("Base"))
    {
        Description = "How the linear weights of the layers are held where they do not train: as-is (the default); nf4, int4 or int4-128 "
            + "(blocks of 128), quantised when the model is opened; or a file that precompute kept, or an ONNX model that has them in "
            + "int4.",
    }.NotEmpty();

    /// <summary>Reads the option.</summary>
    public static BaseWeights Bind(ParseResult parse, Option<string> option) =>
        parse.GetValue(option) is { } name ? new BaseWeights(name) : BaseWeights.AsStored;
}
