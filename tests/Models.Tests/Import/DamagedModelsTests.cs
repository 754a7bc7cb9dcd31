using OrtDpo.Models.Import;

namespace OrtDpo.Models.Tests.Import;

/// <summary>A model file may come from anywhere: whatever its bytes, it is read or refused in a sentence.</summary>
public sealed class DamagedModelsTests : IDisposable
{
    const int Seed = 20;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Changed_bytes_are_refused_or_change_nothing_that_matters()
    {
        var whole = File.ReadAllBytes(Repository.Find("tests", "golden", "foreign-onnx", "gpt2-opset14", "model.onnx"));
        var random = new Random(Seed);
        for (var i = 0; i < 150; i++)
        {
            var damaged = (byte[])whole.Clone();
            // Most changes among the nodes, which the exporter writes before the weights.
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                damaged[random.Next(random.Next(4) == 0 ? damaged.Length : 40_000)] = (byte)random.Next(256);
            }

            if (i % 10 == 0)
            {
                damaged = damaged[..random.Next(damaged.Length)];
            }

            var path = folder.Write("model.onnx", damaged);
            var error = Record.Exception(() =>
            {
                using var file = OnnxFile.Open(path);
                ForeignModel.Read(file);
            });
            var expected = error is null or InvalidDataException or NotSupportedException or FileNotFoundException;
            Assert.True(expected, $"change {i} of seed {Seed}: {error}");
        }
    }
}
