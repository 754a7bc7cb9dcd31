using FsCheck;
using FsCheck.Fluent;
using OrtDpo.Autodiff.Building;

namespace OrtDpo.Autodiff.Tests.Building;

public sealed class DimTests
{
    static readonly Arbitrary<Dim> Dims = Gen.Choose(1, 12).SelectMany(_ => Gen.Elements("B", "S", "M").ArrayOf(), (number, symbols) =>
        symbols.Aggregate((Dim)number, (dim, symbol) => dim * symbol)).ToArbitrary();

    static readonly Dictionary<string, long> Sizes = new() { ["B"] = 2, ["S"] = 3, ["M"] = 5 };

    [Fact]
    public void Dividing_undoes_multiplying() =>
        Prop.ForAll(Dims, Dims, (a, b) => (a * b).DividedBy(b) == a).QuickCheckThrowOnFailure();

    [Fact]
    public void Products_do_not_depend_on_the_order() =>
        Prop.ForAll(Dims, Dims, (a, b) => a * b == b * a && (a * b).GetHashCode() == (b * a).GetHashCode()).QuickCheckThrowOnFailure();

    [Fact]
    public void The_size_of_a_product_is_the_product_of_sizes() =>
        Prop.ForAll(Dims, Dims, (a, b) => (a * b).Evaluate(Sizes) == a.Evaluate(Sizes) * b.Evaluate(Sizes)).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(6, 4)]
    [InlineData(6, 0)]
    public void Quotients_that_are_not_whole_do_not_exist(long a, long b) => Assert.Null(((Dim)a).DividedBy(b));

    [Fact]
    public void A_symbol_that_is_not_in_the_dividend_does_not_divide_it() => Assert.Null((2 * (Dim)"B").DividedBy("S"));

    [Fact]
    public void Products_read_as_written() => Assert.Equal("2*B*S", ((Dim)"S" * 2 * "B").ToString());
}
