using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;

namespace OrtDpo.Testing;

/// <summary>
/// Packages of npm, of the versions that a <c>package.json</c> in <c>tests/clients</c> names, for programs in Node. They are not part of
/// the repository: the first test that needs them installs them, and skips with the reason where it cannot.
/// </summary>
static class NodePackages
{
    static readonly Lock Installing = new();

    // Why there are none, and how long was waited for them: the next test of this process asks again only if it waits longer.
    static readonly Dictionary<string, (TimeSpan Patience, string Fault)> Failed = [];

    /// <summary>The folder that holds <c>node_modules</c>, in a place of its own for each version of the list.</summary>
    /// <param name="client">The folder in <c>tests/clients</c> whose <c>package.json</c> is the list.</param>
    /// <param name="what">What is not there where they cannot be installed: <c>onnxruntime-web is</c>.</param>
    /// <param name="patience">How long they may take to install; past that the test is skipped.</param>
    public static string Installed(string client, string what, TimeSpan patience)
    {
        var list = Repository.Find("tests", "clients", client, "package.json");
        var name = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(list)))[..12];
        var folder = Path.Combine(Repository.Root, "artifacts", "clients", name);
        lock (Installing)
        {
            if (!Directory.Exists(folder))
            {
                Install(list, folder, what, patience);
            }
        }

        return folder;
    }

    // Made under another name first, as other processes may look for it.
    static void Install(string list, string folder, string what, TimeSpan patience)
    {
        var temporary = $"{folder}.{Environment.ProcessId}";
        Directory.CreateDirectory(temporary);
        try
        {
            File.Copy(list, Path.Combine(temporary, "package.json"));
            // Without scripts: those of onnxruntime-node fetch libraries of GPUs.
            var fault = Failed.TryGetValue(list, out var before) && before.Patience >= patience ? before.Fault : Fault(
                "npm", ["install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel", "error"], temporary,
                patience) ?? Fault("node", ["--version"], temporary, patience);
            if (fault is not null)
            {
                Failed[list] = (patience, fault);
            }

            Assert.SkipWhen(fault is not null, $"{what} not there: {fault}");
            Directory.Move(temporary, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            // Another process was faster.
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    static string? Fault(string program, string[] arguments, string folder, TimeSpan patience)
    {
        Process process;
        try
        {
            process = ProgramRun.Start(program, arguments, folder);
        }
        catch (Win32Exception e)
        {
            return $"{program} does not start ({e.Message})";
        }

        using (process)
        {
            var error = process.StandardError.ReadToEndAsync();
            _ = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(patience))
            {
                process.Kill(entireProcessTree: true);
                return $"{program} {arguments[0]} did not end within {patience.TotalSeconds} s";
            }

            return process.ExitCode == 0 ? null : $"{program} {arguments[0]} failed: {error.GetAwaiter().GetResult().Trim()}";
        }
    }
}
