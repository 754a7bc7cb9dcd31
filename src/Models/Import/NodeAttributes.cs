using System.Globalization;
using OrtDpo.Autodiff.Onnx;

namespace OrtDpo.Models.Import;

/// <summary>The attributes of a foreign node.</summary>
sealed class NodeAttributes(NodeProto node)
{
    readonly Dictionary<string, AttributeProto> attributes =
        node.Attribute.DistinctBy(a => a.Name, StringComparer.Ordinal).ToDictionary(a => a.Name, StringComparer.Ordinal);

    /// <summary>A name that several attributes have, which no ONNX model may; null where there is none.</summary>
    public string? Repeated => node.Attribute.GroupBy(a => a.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1)?.Key;

    public IEnumerable<AttributeProto> All => attributes.Values;

    public long Int(string name, long absent) => attributes.TryGetValue(name, out var a) ? a.I : absent;

    /// <summary>As the decimal number that it was written from: 1e-5 is closer to what was meant than the nearest float.</summary>
    public double Real(string name, double absent) => attributes.TryGetValue(name, out var a) ? Decimal(a.F) : absent;

    public string Text(string name, string absent) => attributes.TryGetValue(name, out var a) ? a.S.ToStringUtf8() : absent;

    public long[]? Ints(string name) => attributes.TryGetValue(name, out var a) ? [.. a.Ints] : null;

    public AttributeProto? Find(string name) => attributes.GetValueOrDefault(name);

    static double Decimal(float value) => double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
