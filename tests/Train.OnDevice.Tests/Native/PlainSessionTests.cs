using OrtDpo.Autodiff.Building;
using OrtDpo.Autodiff.Onnx;
using OrtDpo.Testing.OnDevice;
using OrtDpo.Train.OnDevice.Native;

namespace OrtDpo.Train.OnDevice.Tests.Native;

/// <summary>The bindings over the real 1.19.2, as far as it goes without training.</summary>
public sealed class PlainSessionTests : IDisposable
{
    // The newest that 1.19.2 knows.
    const int Opset = 21;

    readonly TemporaryFolder folder = new();
    readonly OrtEnvironment environment = new(OrtLibrary.Load(StubRuntime.Plain()), threads: 1);

    public void Dispose()
    {
        environment.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Integers_go_in_where_they_lie_and_floats_come_back_in_their_shape()
    {
        using var session = new PlainSession(environment, Model(DataType.Int64, DataType.Float32));
        using var feed = FeedTensor.Of(environment, [1L, -2, 3, 4, 5, 1L << 40], 2, 3);
        var output = session.Run("x", feed, "y");
        Assert.Equal([2, 3], output.Shape);
        Assert.Equal([1f, -2, 3, 4, 5, 1L << 40], output.Values);
    }

    [Fact]
    public void A_scalar_is_one_number()
    {
        using var session = new PlainSession(environment, Model(DataType.Int64, DataType.Float32, []));
        using var feed = FeedTensor.Of(environment, [5L]);
        var output = session.Run("x", feed, "y");
        Assert.Empty(output.Shape);
        Assert.Equal([5f], output.Values);
    }

    [Fact]
    public void An_output_of_another_type_is_refused_and_not_read_as_floats()
    {
        using var session = new PlainSession(environment, Model(DataType.Float32, DataType.Int64));
        using var feed = FeedTensor.Of(environment, [1f, 2], 1, 2);
        Assert.Equal(
            "The output 'y' is of type Int64; expected Float32.",
            Assert.Throws<InvalidDataException>(() => session.Run("x", feed, "y")).Message);
    }

    [Fact]
    public void What_the_library_says_of_a_fault_is_said()
    {
        var model = folder.Write("model.onnx", "no model");
        var fault = Assert.Throws<InvalidDataException>(() => new PlainSession(environment, model)).Message;
        Assert.StartsWith($"ONNX Runtime 1.19.2 could not load {model}: ", fault, StringComparison.Ordinal);
        Assert.Contains("Protobuf parsing failed", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_type_of_an_input_is_said_by_its_name()
    {
        using var session = new PlainSession(environment, Model(DataType.Int64, DataType.Float32));
        using var feed = FeedTensor.Of(environment, [1f], 1, 1);
        Assert.Contains(
            "Unexpected input data type", Assert.Throws<InvalidDataException>(() => session.Run("x", feed, "y")).Message,
            StringComparison.Ordinal);
    }

    string Model(DataType from, DataType to, Dim[]? shape = null)
    {
        var builder = new GraphBuilder("cast");
        var cast = builder.Cast(builder.Input("x", from, new Shape(shape ?? ["N", "M"])), to);
        var path = folder.File("cast.onnx");
        File.WriteAllBytes(path, OnnxModelWriter.ToBytes(builder.Build([("y", cast)]), Opset));
        return path;
    }
}
