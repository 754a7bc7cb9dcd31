using System.Globalization;

namespace OrtDpo.ChatTemplates.Values;

/// <summary>
/// Python's <c>repr</c> of a float: the shortest digits that give the number back, with an exponent below 1e-4 and from 1e16.
/// </summary>
static class PythonFloat
{
    public static string Text(double number)
    {
        if (!double.IsFinite(number))
        {
            return double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        }

        var scientific = number.ToString("E16", CultureInfo.InvariantCulture);
        for (var precision = 0; precision < 16; precision++)
        {
            var shorter = number.ToString($"E{precision}", CultureInfo.InvariantCulture);
            if (double.Parse(shorter, CultureInfo.InvariantCulture).Equals(number))
            {
                scientific = shorter;
                break;
            }
        }

        var sign = scientific[0] == '-' ? "-" : "";
        var mantissa = scientific[sign.Length..scientific.IndexOf('E', StringComparison.Ordinal)];
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        var exponent = int.Parse(scientific[(scientific.IndexOf('E', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture);
        return sign + exponent switch
        {
            < -4 or >= 16 => $"{mantissa}e{(exponent < 0 ? "-" : "+")}{Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture)}",
            < 0 => $"0.{new string('0', -exponent - 1)}{digits}",
            _ when digits.Length <= exponent + 1 => $"{digits.PadRight(exponent + 1, '0')}.0",
            _ => $"{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}",
        };
    }
}
