using OrtDpo.HostsBench;

// One JSON line on stdout; a process per measurement. bench/hosts.sh does it all.
const string Usage = """
    usage: HostsBench <plain|genai> <exported folder> <name of its precision>
           HostsBench report <file of measurements> <folder of results> <load average before>
    """;
switch (args)
{
    case ["report", var measurements, var results, var load]:
        Console.WriteLine(Report.Write([.. File.ReadLines(measurements).Select(Measurement.Parse)], results, load));
        return 0;
    case ["plain", var folder, var precision]:
        Decoding.Measure("plain", folder, precision, path => new PlainHost(path)).Print();
        return 0;
    case ["genai", var folder, var precision]:
        Decoding.Measure("genai", folder, precision, path => new GenAiHost(path)).Print();
        return 0;
    default:
        Console.Error.WriteLine(Usage);
        return 2;
}
