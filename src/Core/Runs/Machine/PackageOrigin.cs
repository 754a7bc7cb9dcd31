using System.Reflection;

namespace OrtDpo.Core.Runs;

/// <summary>Which version of a package a run uses, and whether it is the published one.</summary>
/// <param name="Version">The package's version.</param>
/// <param name="IsFromFeed">True when the repository's own feed packed it (a stand-in, or ONNX Runtime from its sources).</param>
public readonly record struct PackageOrigin(string Version, bool IsFromFeed)
{
    /// <summary>The origin of the package that brought <paramref name="assembly"/>.</summary>
    public static PackageOrigin Of(Assembly assembly)
    {
        string version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? assembly.GetName().Version?.ToString()
            ?? "unknown";
        bool isFromFeed = assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Any(data => data is { Key: "PackedBy", Value: "eng/feed" });
        return new PackageOrigin(version.Split('+')[0], isFromFeed);
    }

    /// <summary>Such as <c>6.1.0, packed by eng/feed</c>.</summary>
    public override string ToString() => IsFromFeed ? $"{Version}, packed by eng/feed" : $"{Version}, published package";
}
