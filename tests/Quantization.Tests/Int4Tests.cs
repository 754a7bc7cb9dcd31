namespace OrtDpo.Quantization.Tests;

public sealed class Int4Tests
{
    /// <summary>−4 is farthest from 0: the scale is 1/2, and 3.5 is 7 of it. 0.25 is half a step and goes to the even one, 0.</summary>
    [Fact]
    public void Symmetric_by_hand()
    {
        using var weights = new TestMatrix([-4, 3.5f, 0.25f, 0.75f, 1], 1, 5);
        var matrix = Int4.Quantise(weights.Source, QuantizedFormat.Int4Symmetric);
        Assert.Equal([0.5f], matrix.Scales.ToArray());

        // Codes 0 15 8 10 10, low nibble first; the rest of the block stands for 0.
        Assert.Equal([0xF0, 0xA8, 0x8A, .. Enumerable.Repeat(0x88, 13)], matrix.Codes.ToArray().Select(code => (int)code));
        Assert.Equal([-4, 3.5f, 0, 1, 1], QuantiserTests.Dequantised(matrix));
    }

    [Fact]
    public void Where_the_farthest_value_is_positive_the_scale_is_negative()
    {
        using var weights = new TestMatrix([4, -3.5f, 1], 1, 3);
        var matrix = Int4.Quantise(weights.Source, QuantizedFormat.Int4Symmetric);
        Assert.Equal([-0.5f], matrix.Scales.ToArray());
        Assert.Equal([4, -3.5f, 1], QuantiserTests.Dequantised(matrix));
    }

    /// <summary>From −1 to 6.5 is 15 steps of 1/2, of which two lie below 0.</summary>
    [Fact]
    public void With_zero_points_by_hand()
    {
        using var weights = new TestMatrix([-1, 6.5f, 0, 3], 1, 4);
        var matrix = Int4.Quantise(weights.Source, QuantizedFormat.Int4ZeroPoints);
        Assert.Equal([0.5f], matrix.Scales.ToArray());
        Assert.Equal([0x02], matrix.ZeroPoints.ToArray());
        Assert.Equal([0xF0, 0x82, .. Enumerable.Repeat(0x22, 14)], matrix.Codes.ToArray().Select(code => (int)code));
        Assert.Equal([-1, 6.5f, 0, 3], QuantiserTests.Dequantised(matrix));
    }

    [Fact]
    public void The_range_of_values_of_one_sign_reaches_to_0()
    {
        using var weights = new TestMatrix([15, 14, 3], 1, 3);
        var matrix = Int4.Quantise(weights.Source, QuantizedFormat.Int4ZeroPoints);
        Assert.Equal([0x00], matrix.ZeroPoints.ToArray());
        Assert.Equal([15, 14, 3], QuantiserTests.Dequantised(matrix));
    }

    /// <summary>Values of one sign use half the symmetric codes, and all with zero points; values around 0 may be nearer without.</summary>
    [Fact]
    public void The_nearer_kind_is_chosen_and_both_errors_are_told()
    {
        using var around = TestMatrix.Normal(20, 64, seed: 1);
        using var above = new TestMatrix([.. around.Values.Select(MathF.Abs)], 20, 64);
        var choice = Int4.QuantiseNearer(above.Source);
        Assert.Equal(QuantizedFormat.Int4ZeroPoints, choice.Matrix.Form.Format);
        Assert.True(choice.ZeroPointError < choice.SymmetricError / 2);
        AssertChosen(above, choice);

        // 15 steps from −8 to 7 as they are.
        using var steps = new TestMatrix([.. Enumerable.Range(0, 64).Select(i => (i % 16) - 8f)], 1, 64);
        choice = Int4.QuantiseNearer(steps.Source);
        Assert.Equal((QuantizedFormat.Int4Symmetric, 0, 0), (choice.Matrix.Form.Format, choice.SymmetricError, choice.ZeroPointError));
        AssertChosen(around, Int4.QuantiseNearer(around.Source, block: 128, threads: 2));
    }

    static void AssertChosen(TestMatrix weights, Int4Choice choice)
    {
        var found = QuantiserTests.Dequantised(choice.Matrix);
        var error = weights.Values.Zip(found, (w, f) => Math.Pow((double)f - w, 2)).Sum();
        AssertClose(error, Math.Min(choice.SymmetricError, choice.ZeroPointError), relative: Tolerances.Float64);
    }
}
