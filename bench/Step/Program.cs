using System.Globalization;
using OrtDpo.Runs;
using OrtDpo.StepBench;

// One JSON line on stdout; a process per measurement. bench/run.sh does it all.
const string Usage = """
    usage: StepBench <folder> <tiny|m30|m110> <write|floor|kept|recomputed> [steps]
           StepBench report <file of measurements> <folder of results> <load average before>
    """;
var threads = MachineFacts.Read().PhysicalCores;
switch (args)
{
    case ["report", var measurements, var results, var load]:
        Console.WriteLine(Report.Write(File.ReadLines(measurements).Select(Measurement.Parse), results, load));
        return 0;
    case [var root, var size, "write"] when BenchModel.Names.Contains(size):
        BenchModel.Write(Path.Combine(root, size), size, threads);
        return 0;
    case [var root, var size, "floor"] when BenchModel.Names.Contains(size):
        Floor.Measure(Path.Combine(root, size), threads).Print();
        return 0;
    case [var root, var size, "kept" or "recomputed", ..] when BenchModel.Names.Contains(size) && args.Length <= 4:
        var steps = args.Length == 4 ? int.Parse(args[3], CultureInfo.InvariantCulture) : 6;
        TrainingSteps.Measure(Path.Combine(root, size), args[2], threads, steps).Print();
        return 0;
    default:
        Console.Error.WriteLine(Usage);
        return 2;
}
