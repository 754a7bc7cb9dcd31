namespace OrtDpo.Runs.Tests;

public sealed class MachineFactsTests
{
    // Two packages of two cores, each core with two hardware threads.
    static readonly string[] TwoPackages =
    [
        .. from package in Enumerable.Range(0, 2)
           from thread in Enumerable.Range(0, 2)
           from core in Enumerable.Range(0, 2)
           from line in new[] { $"physical id\t: {package}", $"core id\t\t: {core}", "" }
           select line,
    ];

    [Theory]
    [InlineData(8, 4)]
    [InlineData(3, 3)]
    public void Hardware_threads_of_a_core_count_once_and_never_more_than_the_process_may_use(int hardwareThreads, int expected) =>
        Assert.Equal(expected, MachineFacts.CountCores(TwoPackages, hardwareThreads));

    [Fact]
    public void Where_the_system_does_not_tell_every_hardware_thread_is_a_core() =>
        Assert.Equal(6, MachineFacts.CountCores([], 6));

    [Fact]
    public void This_machine_has_at_least_one_core_and_some_memory()
    {
        var facts = MachineFacts.Read();
        Assert.InRange(facts.PhysicalCores, 1, Environment.ProcessorCount);
        Assert.True(facts.MemoryBytes > 1 << 20);
    }
}
