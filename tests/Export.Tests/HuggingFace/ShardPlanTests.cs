using System.Text.Json.Nodes;
using OrtDpo.Export.HuggingFace;
using OrtDpo.Models;
using OrtDpo.Safetensors;

namespace OrtDpo.Export.Tests.HuggingFace;

public sealed class ShardPlanTests
{
    [Fact]
    public void What_fits_into_one_file_is_called_as_hosts_look_for_it()
    {
        var plan = ShardPlan.Of([Tensor("a", 10), Tensor("b", 20)], largest: 60);
        var (name, tensors) = Assert.Single(plan.Files);
        Assert.Equal(("model.safetensors", 60), (name, plan.TotalBytes));
        Assert.Equal(["a", "b"], tensors.Select(tensor => tensor.Name));
    }

    [Fact]
    public void Files_are_filled_in_order_and_a_tensor_that_is_larger_has_its_own()
    {
        // Of 2 bytes an element: 20, 20, 22, 100, 20.
        var plan = ShardPlan.Of([Tensor("a", 10), Tensor("b", 10), Tensor("c", 11), Tensor("d", 50), Tensor("e", 10)], largest: 42);
        Assert.Equal(
            [
                ("model-00001-of-00004.safetensors", "a b"), ("model-00002-of-00004.safetensors", "c"),
                ("model-00003-of-00004.safetensors", "d"), ("model-00004-of-00004.safetensors", "e"),
            ],
            plan.Files.Select(file => (file.Name, string.Join(' ', file.Tensors.Select(tensor => tensor.Name)))));
        Assert.Equal(182, plan.TotalBytes);
    }

    [Fact]
    public void Shards_and_their_index_are_read_as_one_model()
    {
        using var folder = new TemporaryFolder();
        RandomFamily.Write("llama", folder);
        using var whole = ModelFolder.Open(folder.Path);
        List<TensorSource> tensors =
        [
            .. whole.Parameters.Select(name => whole.Find(name)!)
                .Select(entry => new TensorSource(entry.Name, entry.Type, entry.Shape, whole.Address(entry.Name))),
        ];
        var plan = ShardPlan.Of(tensors, tensors.Sum(tensor => tensor.ByteCount) / 3);
        Assert.InRange(plan.Files.Count, 3, 5);
        var to = Directory.CreateDirectory(folder.File("sharded")).FullName;
        File.Copy(folder.File("config.json"), Path.Combine(to, "config.json"));
        HfExport.WriteWeights(plan, to);
        var index = JsonNode.Parse(File.ReadAllText(Path.Combine(to, "model.safetensors.index.json")))!;
        Assert.Equal(plan.TotalBytes, (long)index["metadata"]!["total_size"]!);
        Assert.Equal(
            whole.Parameters.Order(StringComparer.Ordinal), index["weight_map"]!.AsObject().Select(entry => entry.Key));
        Assert.False(File.Exists(Path.Combine(to, "model.safetensors")));
        using var back = ModelFolder.Open(to);
        Assert.Equal(ReferenceDigest.Compute(whole), ReferenceDigest.Compute(back));
    }

    static TensorSource Tensor(string name, long elements) => new(name, WeightType.BF16, [elements], 0);
}
