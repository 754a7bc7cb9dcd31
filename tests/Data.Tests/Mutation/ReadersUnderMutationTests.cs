using System.Text.Json;

namespace OrtDpo.Data.Tests.Mutation;

/// <summary>
/// Damaged files of every kind are read, or refused with an exception that a program turns into a sentence: within 5 s, and with no more
/// memory than four times the folder's bytes and 64 MiB.
/// </summary>
[Collection(nameof(NothingBeside))]
public sealed class ReadersUnderMutationTests
{
    const int InSuite = 500;
    const int Long = 20_000;
    const ulong Seed = 20261128;

    static readonly FileKind[] Kinds = [.. ModelFileKinds.All, .. DataFileKinds.All, .. CacheFileKinds.All];

    public static TheoryData<string> Names => [.. Kinds.Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_whole_file_is_read(string kind)
    {
        var found = Find(kind);
        foreach (var whole in found.Originals)
        {
            using var folder = new TemporaryFolder();
            found.WriteBeside(folder.Path);
            Assert.Null(GuardedRead.Fault(new MutatedInput(found, Seed: 0, "whole", whole), folder.Path, out _));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_damaged_file_is_read_or_refused(string kind) =>
        RequireNone(MutationRun.Faults(Find(kind), Seed, 1 + (InSuite / Kinds.Length)));

    [Theory]
    [MemberData(nameof(Names))]
    [Trait("Speed", "long")]
    public void Many_damaged_files_are_read_or_refused(string kind) =>
        RequireNone(MutationRun.Faults(Find(kind), Seed + 1, 1 + (Long / Kinds.Length)));

    // Drawn again by what a failure names: kind and seed.
    [Theory]
    [InlineData("config.json", 6100081632595293553)]
    [InlineData("config.json", 7255504100412670782)]
    [InlineData("tokenizer.json", 6100081632595293553)]
    [InlineData("tokenizer_config.json", 8820371913362675379)]
    [InlineData("Arrow", 4999930953685024839)]
    [InlineData("Arrow", 14518474073722544822)]
    [InlineData("Arrow", 9798593939815462034)]
    [InlineData("Arrow", 14106826690245847483)]
    [InlineData("manifest of a cache", 10080616888270431666)]
    [InlineData("rows of a run", 2523342066295045869)]
    [InlineData("rows of a run", 4288885445872018479)]
    [InlineData("rows of a run", 3412610626588235785)]
    public void A_file_that_was_once_misread_is_read_or_refused(string kind, ulong seed) =>
        RequireNone(MutationRun.Faults(Find(kind), [seed]));

    // JsonDocument looks at what a string holds only when the string is asked for: the readers of headers and tokenizers did this once.
    [Fact]
    public void Invalid_utf8_in_a_string_of_json_is_found()
    {
        var naive = new FileKind(
            "a naive reader", "a.json", ["""{"__metadata__": {"format": "pt"}, "version": "1.0"}"""u8.ToArray()], ReadNaively);

        var faults = MutationRun.Faults(naive, Seed, 200);

        Assert.Contains(faults, fault => fault.Contains("invalid UTF-8 in a string: InvalidOperationException", StringComparison.Ordinal));
    }

    [Fact]
    public void A_reader_that_hangs_or_allocates_beyond_measure_is_found()
    {
        var hangs = new FileKind("a reader that hangs", "a", ["a"u8.ToArray()], _ => Thread.Sleep(Timeout.Infinite));
        var allocates = new FileKind("a reader that allocates", "a", ["a"u8.ToArray()], _ => GC.KeepAlive(new byte[80 << 20]));

        Assert.Contains("it is still being read after 5 s", MutationRun.Faults(hangs, Seed, 1)[0], StringComparison.Ordinal);
        Assert.Contains("bytes were allocated", MutationRun.Faults(allocates, Seed, 1)[0], StringComparison.Ordinal);
    }

    static void ReadNaively(string folder)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "a.json")));
            foreach (var member in document.RootElement.EnumerateObject())
            {
                _ = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString() : member.Name;
            }
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    static FileKind Find(string name) => Array.Find(Kinds, kind => kind.Name == name)!;

    static void RequireNone(IReadOnlyList<string> faults) => Assert.True(faults.Count == 0, string.Join("\n\n", faults));
}

/// <summary>Runs while no other tests do: memory is measured over the whole process.</summary>
[CollectionDefinition(nameof(NothingBeside), DisableParallelization = true)]
public sealed class NothingBeside;
