using System.Globalization;

namespace OrtDpo.GpuCheck.Reports;

/// <summary>A figure in words.</summary>
static class FigureText
{
    /// <summary>Name, number and limit.</summary>
    public static string Of(Figure figure) =>
        $"{figure.Name}: {Value(figure)}{(Limit(figure) is { Length: > 0 } limit ? $", {limit}" : "")}";

    /// <summary>The number, its unit, and what stands beside it.</summary>
    public static string Value(Figure figure) => string.Join(
        ' ', new[] { Number(figure.Value), figure.Unit, figure.Text }.Where(part => part.Length > 0));

    /// <summary>Its limits; empty where there are none.</summary>
    public static string Limit(Figure figure) => (figure.AtLeast, figure.AtMost) switch
    {
        (null, null) => figure is { Value: null, IsComputed: true, Text: Figure.Yes or Figure.No } ? $"expected {Figure.Yes}" : "",
        ({ } least, null) => $"at least {Number(least)}",
        (null, { } most) => $"at most {Number(most)}",
        ({ } least, { } most) when least == most => $"expected {Number(most)}",
        ({ } least, { } most) => $"{Number(least)} to {Number(most)}",
    };

    static string Number(double? value) => value switch
    {
        null => "",
        0 => "0",
        { } x when Math.Abs(x) is >= 1e-3 and < 1e7 => x.ToString(Math.Abs(x) >= 1000 ? "#,0.##" : "0.####", CultureInfo.InvariantCulture),
        { } x => x.ToString("0.##e0", CultureInfo.InvariantCulture),
    };
}
