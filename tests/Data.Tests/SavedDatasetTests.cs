namespace OrtDpo.Data.Tests;

/// <summary>Folders that save_to_disk of Hugging Face's datasets writes, and what else lies in folders of data.</summary>
public sealed class SavedDatasetTests : IDisposable
{
    static readonly string[] Names = ["prompt", "chosen", "rejected"];

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Its_shards_are_read_in_the_order_of_its_state_and_its_descriptions_are_passed_over()
    {
        folder.Write("data-00000-of-00002.arrow", ArrowTable.Stream([ArrowTable.Texts(Names, ["p1", "c", "r"])]));
        folder.Write("data-00001-of-00002.arrow", ArrowTable.Stream([ArrowTable.Texts(Names, ["p2", "c", "r"])]));
        folder.Write("cache-3f9c.arrow", ArrowTable.Stream([ArrowTable.Texts(Names, ["p3", "c", "r"])]));
        folder.Write("dataset_info.json", """{"features": {}}""");
        folder.Write("state.json", State("data-00001-of-00002.arrow", "data-00000-of-00002.arrow"));
        var passedOver = new List<string>();

        var files = DataPaths.Expand([folder.Path], passedOver.Add);

        Assert.Equal(["p2", "p1"], files.SelectMany(file => PairFile.Read(file, "a")).Select(row => row.Prompt));
        Assert.Equal(["cache-3f9c.arrow", "dataset_info.json", "state.json"], passedOver.Select(Path.GetFileName));
    }

    [Fact]
    public void Of_several_splits_their_names_are_told_and_what_to_give()
    {
        folder.Write("dataset_dict.json", """{"splits": ["train", "test"]}""");

        var error = Assert.Throws<InvalidDataException>(() => DataPaths.Expand([folder.Path]));

        Assert.Contains("train, test", error.Message, StringComparison.Ordinal);
        Assert.Contains($"as `Files`, such as {folder.File("train")}, and that of one to hold out as `EvalFiles`", error.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data-00000-of-00001.arrow", "does not exist, and")]
    [InlineData("../data.arrow", "Expected the name of a file in the same folder")]
    public void A_state_that_names_other_files_than_its_folder_has_is_refused(string shard, string expected)
    {
        folder.Write("dataset_info.json", "{}");
        folder.Write("state.json", State(shard));

        var error = Assert.ThrowsAny<Exception>(() => DataPaths.Expand([folder.Path]));

        Assert.True(error is FileNotFoundException or InvalidDataException);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_that_an_old_list_of_indices_chooses_are_refused()
    {
        folder.Write("dataset_info.json", "{}");
        folder.Write("state.json", """{"_data_files": [], "_indices_data_files": [{"filename": "indices.arrow"}]}""");

        Assert.Contains("flatten_indices", Assert.Throws<NotSupportedException>(() => DataPaths.Expand([folder.Path])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_called_state_beside_no_such_description_is_data()
    {
        folder.Write("state.json", """[{"prompt": "p", "chosen": "c", "rejected": "r"}]""");

        Assert.Equal(["state.json"], DataPaths.Expand([folder.Path]).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("dataset_info.json")]
    [InlineData("state.json")]
    [InlineData("dataset_infos.json")]
    public void A_description_alone_is_no_data(string name)
    {
        folder.Write("dataset_info.json", "{}");
        folder.Write(name, "{}");

        var error = Assert.Throws<InvalidDataException>(() => DataPaths.Expand([folder.File(name)]));

        Assert.StartsWith(folder.File(name), error.Message, StringComparison.Ordinal);
        Assert.Contains("Give the folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_of_a_folder_that_are_not_read_are_listed()
    {
        foreach (var name in "a.jsonl b.ndjson c.csv.gz d.tsv e.json.zst README.md train.txt dataset_infos.json".Split(' '))
        {
            folder.Write(name, "{}");
        }

        var passedOver = new List<string>();

        Assert.Equal(
            ["a.jsonl", "b.ndjson", "c.csv.gz", "d.tsv", "e.json.zst"],
            DataPaths.Expand([folder.Path], passedOver.Add).Select(Path.GetFileName));
        Assert.Equal(["README.md", "dataset_infos.json", "train.txt"], passedOver.Select(Path.GetFileName));
        Assert.Equal(["a.jsonl", "e.json.zst"], DataPaths.Expand([folder.File("*.json*")]).Select(Path.GetFileName));
    }

    [Fact]
    public void A_folder_of_folders_says_which_it_has()
    {
        Directory.CreateDirectory(folder.File("train"));
        Directory.CreateDirectory(folder.File("test"));

        var error = Assert.Throws<FileNotFoundException>(() => DataPaths.Expand([folder.Path]));

        Assert.Contains("It has the folders test, train: give one of them", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trl-lib/ultrafeedback_binarized", "`hf download trl-lib/ultrafeedback_binarized --repo-type dataset --local-dir ")]
    [InlineData("hf://datasets/Anthropic/hh-rlhf", "`hf download Anthropic/hh-rlhf --repo-type dataset --local-dir hh-rlhf`")]
    [InlineData("https://hub.example/datasets/Anthropic/hh-rlhf", "`hf download Anthropic/hh-rlhf --repo-type dataset")]
    public void A_name_on_a_hub_says_that_nothing_is_downloaded_and_what_to_do(string name, string command)
    {
        var error = Assert.Throws<FileNotFoundException>(() => DataPaths.Expand([name]));

        Assert.Contains("nothing is downloaded", error.Message, StringComparison.Ordinal);
        Assert.Contains(command, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data/pairs.jsonl")]
    [InlineData("./trl-lib/pairs")]
    [InlineData("missing")]
    public void A_path_is_no_name_on_a_hub(string path) => Assert.Equal([path], DataPaths.Expand([path]));

    static string State(params string[] shards) =>
        $$"""{"_data_files": [{{string.Join(", ", shards.Select(shard => $"{{\"filename\": \"{shard}\"}}"))}}], "_split": null}""";
}
