using System.ComponentModel;
using System.Globalization;
using OrtDpo.GpuCheck.Models;
using OrtDpo.GpuCheck.Running;

namespace OrtDpo.GpuCheck.Checks;

/// <summary>The machine's PyTorch.</summary>
/// <param name="Python">The program whose Python imports it.</param>
/// <param name="Version">Its version, and that of its CUDA.</param>
sealed record PyTorch(string Python, string Version)
{
    static readonly string[] Pythons = ["python3", "python"];

    static readonly TimeSpan Time = TimeSpan.FromSeconds(60);

    /// <summary>The first Python that imports it; null: none.</summary>
    public static PyTorch? Find() => Pythons.Select(Ask).FirstOrDefault(found => found is not null);

    /// <summary>Steps by <c>compare.py</c>, with the reference from a cache and without.</summary>
    /// <returns>What it measured, and why that is not all; null: it is.</returns>
    public (IReadOnlyList<PyTorchLoop> Loops, string? Fault) Measure(
        string script, ModelShape shape, bool isAdapter, int rank, int pairs, int prompt, int completion)
    {
        var process = SelfProcess.Run(
            Python, Time,
            [
                script, "--config", shape.Config(), "--rank", Number(isAdapter ? rank : 0), "--pairs", Number(pairs),
                "--prompt", Number(prompt), "--completion", Number(completion),
            ]);
        // A line that was cut off by its end is no measurement.
        var lines = process.Output[..(process.Output.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return ([.. lines.Select(PyTorchLoop.Parse)], process.ExitCode == 0 ? null : process.Reason);
    }

    static PyTorch? Ask(string python)
    {
        try
        {
            var told = SelfProcess.Run(python, Time, ["-c", "import torch; print(torch.__version__, 'CUDA', torch.version.cuda)"]);
            return told.ExitCode == 0 ? new PyTorch(python, told.Output.Trim()) : null;
        }
        catch (Win32Exception)
        {
            // There is no such program.
            return null;
        }
    }

    static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
