using OrtDpo.GpuCheck.Running;

namespace OrtDpo.GpuCheck.Checks;

/// <summary>One thing that only a GPU can show. Numbers are those of README.md, and stay.</summary>
/// <param name="number">Its number.</param>
/// <param name="name">Its name.</param>
/// <param name="seconds">The time that it may take.</param>
abstract class Check(int number, string name, int seconds)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Check> All { get; } =
    [
        new EnvironmentCheck(), new InPlaceCheck(), new RowAdderCheck(), new FragmentsCheck(), new DemoCheck(), new PrecisionCheck(),
        new OrderingCheck(), new MemoryCheck(), new SpeedCheck(), new SanitizerCheck(), new MappedMemoryCheck(), new ViewsCheck(),
        new ExtremesCheck(), new OffloadCheck(),
    ];

    public int Number => number;

    public string Name => name;

    public TimeSpan Time { get; } = TimeSpan.FromSeconds(seconds);

    /// <summary>The check of a number.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static Check Of(int number) => All.FirstOrDefault(check => check.Number == number)
        ?? throw new ArgumentException(FormattableString.Invariant($"There is no check {number}; they are 1 to {All.Count}."));

    /// <summary>Runs it; what it throws is its crash.</summary>
    public abstract void Run(CheckRun run);
}
