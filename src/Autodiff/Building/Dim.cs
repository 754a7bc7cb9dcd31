using System.Collections.Immutable;
using System.Globalization;

namespace OrtDpo.Autodiff.Building;

/// <summary>
/// One dimension: a coefficient times symbols, such as <c>64</c>, <c>S</c> or <c>2·B·S</c>. Products are what reshapes make of symbols.
/// </summary>
public readonly struct Dim : IEquatable<Dim>
{
    readonly long coefficient;
    readonly ImmutableArray<string> symbols;

    Dim(long coefficient, ImmutableArray<string> symbols)
    {
        this.coefficient = coefficient;
        this.symbols = coefficient == 0 ? [] : symbols;
    }

    ImmutableArray<string> Symbols => symbols.IsDefault ? [] : symbols;

    public static Dim One { get; } = new(1, []);

    /// <summary>The number, where no symbol is involved.</summary>
    public long? Value => Symbols.IsEmpty ? coefficient : null;

    /// <summary>The symbol, where the dimension is nothing but one.</summary>
    public string? Symbol => coefficient == 1 && Symbols.Length == 1 ? Symbols[0] : null;

    public bool IsOne => Value == 1;

    /// <summary>The number that the symbols are multiplied by.</summary>
    public long Coefficient => coefficient;

    /// <summary>The symbols whose product, times <see cref="Coefficient"/>, is the dimension, in ordinal order.</summary>
    public IReadOnlyList<string> Factors => Symbols;

    public static implicit operator Dim(long value) => new(value, []);

    public static implicit operator Dim(string symbol) => new(1, [symbol]);

    public static Dim operator *(Dim a, Dim b) =>
        new(a.coefficient * b.coefficient, [.. a.Symbols.Concat(b.Symbols).Order(StringComparer.Ordinal)]);

    public static Dim Multiply(Dim left, Dim right) => left * right;

    public static bool operator ==(Dim a, Dim b) => a.Equals(b);

    public static bool operator !=(Dim a, Dim b) => !a.Equals(b);

    /// <summary>The exact quotient, or null where it is no product of a whole number and symbols.</summary>
    public Dim? DividedBy(Dim divisor)
    {
        if (divisor.coefficient == 0 || coefficient % divisor.coefficient != 0)
        {
            return null;
        }

        var left = Symbols.ToList();
        foreach (var symbol in divisor.Symbols)
        {
            if (!left.Remove(symbol))
            {
                return null;
            }
        }

        return new Dim(coefficient / divisor.coefficient, [.. left]);
    }

    /// <summary>The size, once the symbols are known.</summary>
    /// <exception cref="ArgumentException">A symbol has no size.</exception>
    public long Evaluate(IReadOnlyDictionary<string, long> sizes)
    {
        var size = coefficient;
        foreach (var symbol in Symbols)
        {
            size *= sizes.TryGetValue(symbol, out var value)
                ? value
                : throw new ArgumentException(
                    $"Dimension '{symbol}' has no size; known are {string.Join(", ", sizes.Keys)}.", nameof(sizes));
        }

        return size;
    }

    public bool Equals(Dim other) => coefficient == other.coefficient && Symbols.SequenceEqual(other.Symbols);

    public override bool Equals(object? obj) => obj is Dim other && Equals(other);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(coefficient);
        foreach (var symbol in Symbols)
        {
            hash.Add(symbol, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }

    public override string ToString() => (coefficient, Symbols.IsEmpty) switch
    {
        (_, true) => coefficient.ToString(CultureInfo.InvariantCulture),
        (1, _) => string.Join('*', Symbols),
        _ => string.Create(CultureInfo.InvariantCulture, $"{coefficient}*{string.Join('*', Symbols)}"),
    };
}
