namespace OrtDpo.Autodiff.Building;

static partial class ShapeInference
{
    // MatMul, and FusedMatMul with transA and transB: batch dimensions broadcast.
    static TensorType[] MatMul(ShapeContext c)
    {
        if (c.Attributes.Int("transBatchA", 0) != 0 || c.Attributes.Int("transBatchB", 0) != 0)
        {
            throw new NotSupportedException(
                $"Node '{c.Node}' ({c.Op}): transBatchA and transBatchB are not supported. Write a Transpose before it.");
        }

        var a = Matrix(c, 0, c.Attributes.Int("transA", 0) != 0);
        var b = Matrix(c, 1, c.Attributes.Int("transB", 0) != 0);
        if (a.Columns != b.Rows)
        {
            throw c.Wrong($"the inner dimensions {a.Columns} and {b.Rows} differ");
        }

        var batch = Shape.Broadcast(a.Batch, b.Batch) ?? throw c.Wrong($"the batch dimensions {a.Batch} and {b.Batch} do not broadcast");
        return [new(c.I(0).Type, new Shape([.. batch, a.Rows, b.Columns]))];
    }

    static TensorType[] Gemm(ShapeContext c)
    {
        var a = Matrix(c, 0, c.Attributes.Int("transA", 0) != 0);
        var b = Matrix(c, 1, c.Attributes.Int("transB", 0) != 0);
        if (c.Shape(0).Rank != 2 || c.Shape(1).Rank != 2 || a.Columns != b.Rows)
        {
            throw c.Wrong($"matrices [{a.Rows}, {a.Columns}] and [{b.Rows}, {b.Columns}] do not multiply");
        }

        var product = new Shape(a.Rows, b.Columns);
        return !c.Has(2) || product.Equals(Shape.Broadcast(product, c.Shape(2)))
            ? [new(c.I(0).Type, product)]
            : throw c.Wrong($"C of shape {c.Shape(2)} does not broadcast to {product}");
    }

    static (Shape Batch, Dim Rows, Dim Columns) Matrix(ShapeContext c, int input, bool transposed)
    {
        var shape = c.Shape(input);
        if (shape.Rank < 2)
        {
            throw c.Wrong($"input {input} must have at least two dimensions");
        }

        if (c.I(input).Type != c.I(0).Type)
        {
            throw c.Wrong($"operands have types {c.I(0).Type} and {c.I(input).Type}; both must be the same");
        }

        var batch = new Shape(shape.Take(shape.Rank - 2));
        return transposed ? (batch, shape[^1], shape[^2]) : (batch, shape[^2], shape[^1]);
    }
}
