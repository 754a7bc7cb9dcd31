using System.Text.RegularExpressions;
using OrtDpo.Testing.OnDevice;
using OrtDpo.Train.OnDevice.Native;

namespace OrtDpo.Train.OnDevice.Tests.Native;

public sealed partial class OrtTableTests
{
    /// <summary>Versions only add to the table, so the header of a later one has 1.19.2's places.</summary>
    [Fact]
    public void Functions_stand_where_the_header_has_them()
    {
        var headers = StubRuntime.Headers();
        Assert.SkipWhen(headers is null, "No package of ONNX Runtime with its C headers is in NuGet's folder.");
        var places = Members(File.ReadAllText(Path.Combine(headers!, "onnxruntime_c_api.h")), "struct OrtApi {");
        Assert.All(Enum.GetValues<OrtFunction>(), function => Assert.Equal((int)function, places.IndexOf(function.ToString())));
    }

    /// <summary>The stub's table has what comes before a function that is used, so that one forgotten moves all behind it.</summary>
    [Fact]
    public void Functions_of_training_stand_where_the_stub_has_them()
    {
        var header = File.ReadAllText(Repository.Find("tests", "Train.OnDevice.Tests", "native", "training_api.h"));
        var body = header[header.IndexOf("struct OrtTrainingApi {", StringComparison.Ordinal)..];
        var places = Place().Matches(body).SelectMany(match => match.Groups[1].Success
            ? [match.Groups[1].Value]
            : match.Groups[2].Value.Split(',', StringSplitOptions.TrimEntries)).ToList();
        // As onnxruntime_training_c_api.h of 1.19.2 counts them.
        Assert.Equal(33, places.Count);
        Assert.All(
            Enum.GetValues<OrtTrainingFunction>(), function => Assert.Equal((int)function, places.IndexOf(function.ToString())));
    }

    static List<string> Members(string header, string start)
    {
        var from = header.IndexOf(start, StringComparison.Ordinal);
        var to = header.IndexOf("\n};", from, StringComparison.Ordinal);
        return
        [
            .. Member().Matches(Comment().Replace(header[from..to], "")).Select(match =>
                match.Groups[1].Success ? match.Groups[1].Value
                : match.Groups[2].Success ? "Release" + match.Groups[2].Value
                : match.Groups[3].Success ? match.Groups[3].Value
                : match.Groups[4].Value),
        ];
    }

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(
        @"ORT_API2_STATUS\(\s*(\w+)|ORT_CLASS_RELEASE\((\w+)\)|ORT_API_CALL\s*\*\s*(\w+)\)|ORT_API_T\([^,]+,\s*(\w+)")]
    private static partial Regex Member();

    [GeneratedRegex(@"ORT_API_CALL \*(\w+)\)|^    Unused ([\w, ]+);", RegexOptions.Multiline)]
    private static partial Regex Place();
}
