using System.Reflection;

namespace OrtDpo.Runs;

/// <summary>Which version of a package a run uses.</summary>
public static class PackageVersion
{
    /// <summary>The version of the package that brought <paramref name="assembly"/>, such as <c>6.1.0</c>.</summary>
    public static string Of(Assembly assembly)
    {
        var version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? assembly.GetName().Version?.ToString()
            ?? "unknown";
        return version.Split('+')[0];
    }
}
