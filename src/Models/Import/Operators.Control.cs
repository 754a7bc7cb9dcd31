using OrtDpo.Autodiff.Building;

namespace OrtDpo.Models.Import;

static partial class Operators
{
    static Operand[] Constant(ImportContext c)
    {
        var attribute = c.Attributes.All.FirstOrDefault() ?? throw c.Damaged("it has no value");
        return attribute.Name switch
        {
            "value" => [c.Import.Constant(attribute.T ?? throw c.Damaged("its value is no tensor"))],
            "value_int" => [Known.Of(DataType.Int64, [], new[] { attribute.I })!],
            "value_ints" => [Vector(c, DataType.Int64, attribute.Ints.ToArray())],
            "value_float" => [Known.Of(DataType.Float32, [], new[] { attribute.F })!],
            "value_floats" => [Vector(c, DataType.Float32, attribute.Floats.ToArray())],
            var other => throw c.Refused(
                $"its value is given as '{other}'; supported are value, value_int, value_ints, value_float and value_floats"),
        };
    }

    static Operand Vector(ImportContext c, DataType type, Array data) =>
        Known.Of(type, [data.Length], data) is { } known ? known : c.B.Constant(data, type, new Shape(data.Length));

    // A branch that shapes decide takes the place of the node.
    static Operand[] If(ImportContext c)
    {
        var condition = c.K(0)?.Data as bool[]
            ?? throw c.Refused("its condition is computed from values; only a condition that shapes or constants decide is supported");
        var decided = condition is [var one] ? one : throw c.Damaged($"its condition has {condition.Length} elements; expected one");
        var branch = c.Attributes.Find(decided ? "then_branch" : "else_branch")?.G ?? throw c.Damaged("a branch is missing");
        return c.Import.Inline(branch);
    }
}
