using System.CommandLine;
using OrtDpo.Cli.CommandLine;

namespace OrtDpo.Cli.Configuration;

/// <summary>The form of an option's values in a recipe, which follows from the option alone.</summary>
/// <param name="Kind">What one value is.</param>
/// <param name="IsMany">Whether there may be several.</param>
/// <param name="IsOptional">Whether the option may be given without one, as a switch is.</param>
/// <param name="NeedsWord">Whether it is a switch that is given with true or false behind it, and means something with either.</param>
/// <param name="Choices">The only words it takes; null: it takes others.</param>
/// <param name="Facts">What else is known of it.</param>
sealed record ValueForm(ValueKind Kind, bool IsMany, bool IsOptional, bool NeedsWord, IReadOnlyList<string>? Choices, OptionFacts Facts)
{
    /// <summary>Of an option or an argument.</summary>
    public static ValueForm Of(Symbol symbol)
    {
        var (type, arity) = symbol is Option option ? (option.ValueType, option.Arity)
            : (((Argument)symbol).ValueType, ((Argument)symbol).Arity);
        var facts = symbol is Option known ? OptionFacts.Of(known) : new OptionFacts();
        var one = type.IsArray ? type.GetElementType()! : Nullable.GetUnderlyingType(type) ?? type;
        var kind = KindOf(one);
        return new ValueForm(
            kind,
            arity.MaximumNumberOfValues > 1,
            symbol is Option && kind != ValueKind.Switch && arity.MinimumNumberOfValues == 0,
            kind == ValueKind.Switch && arity.MinimumNumberOfValues > 0,
            facts.Choices ?? (one.IsEnum ? [.. Enum.GetNames(one).Select(name => name.ToLowerInvariant())] : null),
            facts);
    }

    static ValueKind KindOf(Type type) => Type.GetTypeCode(type) switch
    {
        _ when type.IsEnum => ValueKind.Text,
        TypeCode.Boolean => ValueKind.Switch,
        TypeCode.SByte or TypeCode.Byte or TypeCode.Int16 or TypeCode.UInt16 or TypeCode.Int32 or TypeCode.UInt32 or TypeCode.Int64
            or TypeCode.UInt64 => ValueKind.WholeNumber,
        TypeCode.Single or TypeCode.Double or TypeCode.Decimal => ValueKind.Number,
        _ => ValueKind.Text,
    };
}
