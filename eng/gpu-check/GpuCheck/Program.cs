using System.Globalization;
using OrtDpo.GpuCheck.Checks;
using OrtDpo.GpuCheck.Devices;
using OrtDpo.GpuCheck.Reports;
using OrtDpo.GpuCheck.Running;

const string Usage = """
    usage: GpuCheck run --repository FOLDER --work FOLDER --out FOLDER [--seconds 145] [--rehearse] CHECKS...
           GpuCheck list
           GpuCheck merge FOLDER REPORT...
    CHECKS are numbers and ranges, 1 11-12 2; README.md has them. `run` starts each as a process of this program.
    """;
var options = new Dictionary<string, string>(StringComparer.Ordinal);
var words = new List<string>();
for (var i = 0; i < args.Length; i++)
{
    if (args[i] == "--rehearse")
    {
        options[args[i]] = "";
    }
    else if (args[i].StartsWith("--", StringComparison.Ordinal) && i + 1 < args.Length)
    {
        options[args[i]] = args[++i];
    }
    else
    {
        words.Add(args[i]);
    }
}

try
{
    switch (words)
    {
        case ["list"]:
            Console.WriteLine(string.Join('\n', Check.All.Select(c => string.Create(
                CultureInfo.InvariantCulture, $"{c.Number,2} {c.Name}, at most {c.Time.TotalSeconds:0} s"))));
            return 0;
        case ["merge", var folder, var first, .. var others]:
            others.Select(Report.Read).Aggregate(Report.Read(first), (report, later) => report.With(later)).Write(folder);
            return 0;
        case ["run", .. var numbers] when numbers.Count > 0:
            var seconds = double.Parse(options.GetValueOrDefault("--seconds", "145"), CultureInfo.InvariantCulture);
            var runner = new CheckRunner(Places(), Path.GetFullPath(Option("--out")), TimeSpan.FromSeconds(seconds));
            return runner.Run([.. CheckNumbers.Parse(numbers).Select(Check.Of)]) ? 0 : 1;
        case ["check", var number]:
            var check = Check.Of(int.Parse(number, CultureInfo.InvariantCulture));
            var run = new CheckRun(check.Number, check.Name, Places());
            check.Run(run);
            ReportJson.Write(run.Places.Result(check.Number), run.End());
            return 0;
        case ["facts"]:
            DeviceFacts.Write(Places());
            return 0;
        case ["digest"]:
            Console.WriteLine(StepDigest.Of(Places()));
            return 0;
        default:
            Console.Error.WriteLine(Usage);
            return 2;
    }
}
// What a check throws is its crash, and keeps its stack.
catch (Exception exception) when (exception is ArgumentException or InvalidDataException && words is not ["check", ..])
{
    Console.Error.WriteLine(exception.Message);
    return 2;
}

string Option(string name) => options.GetValueOrDefault(name) ?? throw new ArgumentException($"{name} is missing.\n{Usage}");

Places Places() => new(Path.GetFullPath(Option("--repository")), Path.GetFullPath(Option("--work")), options.ContainsKey("--rehearse"));
