using OrtDpo.Graph.Building;

namespace OrtDpo.Graph.Gradients;

static partial class GradientRules
{
    // Y = rows of X: dX has the rows of dY at their indices, those of equal index added.
    static void Gather(GradientContext c)
    {
        var (data, indices) = (c.I(0).Shape, c.I(1));
        if (data.Axis(c.Attributes.Int("axis", 0)) != 0)
        {
            throw c.Unsupported("its gradient is known for axis 0; transpose that axis to the front");
        }

        var count = indices.Shape.Elements;
        c.AddRows(0, c.B.Reshape(indices, new Shape(count)), c.B.Reshape(c.GO(), new Shape([count, .. data.Skip(1)])));
    }

    // Y = X at one index in each line along the axis: dX = dY at these indices, zeros elsewhere.
    static void GatherElements(GradientContext c)
    {
        var axis = c.I(0).Shape.Axis(c.Attributes.Int("axis", 0));
        if (!c.I(1).Shape[axis].IsOne)
        {
            throw c.Unsupported(
                $"it takes {c.I(1).Shape[axis]} indices from each line of axis {axis}, which may repeat; one index in each line has a gradient");
        }

        c.Add(0, c.B.Add("ScatterElements", [c.B.ZerosLike(c.I(0)), c.I(1), c.GO()], Attributes.None.With("axis", (long)axis)));
    }
}
