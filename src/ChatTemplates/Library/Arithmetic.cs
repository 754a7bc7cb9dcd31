using OrtDpo.ChatTemplates.Values;

namespace OrtDpo.ChatTemplates.Library;

/// <summary>Python's operators on numbers, text and lists. Division and remainder of whole numbers round down.</summary>
static class Arithmetic
{
    public static object? Binary(string sign, object? left, object? right, Place place)
    {
        _ = (PythonValue.Defined(left, place), PythonValue.Defined(right, place));
        try
        {
            return (sign, left, right) switch
            {
                ("+", string a, string b) => a + b,
                ("+", Markup a, Markup or string) => new Markup(a.Text + Markup.Escape(right)),
                ("+", string, Markup b) => new Markup(Markup.Escape(left) + b.Text),
                ("+", List<object?> a, List<object?> b) => (List<object?>)[.. a, .. b],
                ("+", object?[] a, object?[] b) => (object?[])[.. a, .. b],
                ("*", string a, long b) => Repeat(a, b, place),
                ("*", long a, string b) => Repeat(b, a, place),
                ("*", List<object?> a, long b) => Enumerable.Repeat(a, (int)Math.Max(0, b)).SelectMany(i => i).ToList(),
                ("%", string, _) => throw place.Lacks("'%' on text"),
                _ when Whole(left) is { } a && Whole(right) is { } b => OfWhole(sign, a, b, place),
                _ when Number(left) is { } a && Number(right) is { } b => (object)OfNumbers(sign, a, b, place),
                _ => throw place.Wrong($"'{sign}' is given {PythonType.Name(left)} and {PythonType.Name(right)}, which it does not take."),
            };
        }
        catch (OverflowException)
        {
            throw place.Lacks("a whole number of more than 64 bits");
        }
    }

    public static object? Sign(bool isMinus, object? value, Place place) => PythonValue.Defined(value, place) switch
    {
        double number => isMinus ? -number : number,
        _ when Whole(value) is { } number => (object)(isMinus ? -number : number),
        _ => throw place.Wrong($"a sign stands before a value of type {PythonType.Name(value)}; expected a number."),
    };

    static object OfWhole(string sign, long a, long b, Place place) => sign switch
    {
        // An object, or C# would make all arms floats.
        "+" => (object)checked(a + b),
        "-" => checked(a - b),
        "*" => checked(a * b),
        "/" or "//" or "%" when b == 0 => throw DividesByZero(place),
        "/" => (double)a / b,
        "//" => FloorDivide(a, b),
        "%" => checked(a - (b * FloorDivide(a, b))),
        _ => b >= 0 ? (object)Power(a, b) : Math.Pow(a, b),
    };

    static double OfNumbers(string sign, double a, double b, Place place) => sign switch
    {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" or "//" or "%" when b == 0 => throw DividesByZero(place),
        "/" => a / b,
        "//" => Math.Floor(a / b),
        "%" => a - (b * Math.Floor(a / b)),
        _ => Math.Pow(a, b),
    };

    static long FloorDivide(long a, long b)
    {
        var (quotient, remainder) = Math.DivRem(a, b);
        return remainder != 0 && (remainder < 0) != (b < 0) ? quotient - 1 : quotient;
    }

    static long Power(long a, long b)
    {
        var power = 1L;
        for (; b > 0; b >>= 1)
        {
            power = (b & 1) == 1 ? checked(power * a) : power;
            a = b > 1 ? checked(a * a) : a;
        }

        return power;
    }

    static string Repeat(string text, long times, Place place) => times * text.Length > 1 << 24
        ? throw place.Lacks("text of more than 16 million characters")
        : string.Concat(Enumerable.Repeat(text, (int)Math.Max(0, times)));

    static InvalidDataException DividesByZero(Place place) => place.Wrong("a number is divided by 0.");

    static long? Whole(object? value) => value switch { long number => number, bool flag => flag ? 1 : 0, _ => null };

    static double? Number(object? value) => value is double number ? number : Whole(value);
}
