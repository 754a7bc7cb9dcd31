using System.Globalization;
using System.Net;
using System.Text;

namespace OrtDpo.GpuCheck.Reports;

/// <summary>A report as a page for people: one file, which asks nothing of a network.</summary>
static class ReportPage
{
    /// <summary>The name of its file.</summary>
    public const string FileName = "page.html";

    const string Style = """
        :root { color-scheme: light dark; --line: #8884; --good: #1a7f37; --bad: #cf222e; --dim: #6e7781; --band: #bf870022; }
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .3rem; }
        .band { background: var(--band); border-left: 4px solid #bf8700; padding: .6rem 1rem; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; vertical-align: top; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line); }
        td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
        .wide { overflow-x: auto; }
        .good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; } .dim { color: var(--dim); }
        pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #8881; padding: .6rem; font-size: .85rem; }
        a { color: inherit; }
        """;

    public static string Of(Report report)
    {
        var title = report.Gpu is { } gpu ? $"GPU check on {gpu.Name}" : "GPU check: no device";
        var page = new StringBuilder();
        page.Append("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .Append(CultureInfo.InvariantCulture, $"<title>{Text(title)}</title>\n<style>\n{Style}\n</style>\n<h1>{Text(title)}</h1>\n");
        if (report.Gpu is { IsStub: true })
        {
            page.Append("<p class=\"band\"><strong>These are stub libraries, which compute nothing.</strong> Loading, launches, copies and "
                + "memory are real; numbers and times are junk, and are not judged.</p>\n");
        }

        Facts(page, report);
        Summary(page, report);
        foreach (var check in report.Checks)
        {
            Section(page, check);
        }

        return page.ToString();
    }

    static void Facts(StringBuilder page, Report report)
    {
        page.Append("<p class=\"dim\">");
        if (report.Gpu is { } gpu)
        {
            string[] facts =
            [
                gpu.Name, $"compute capability {gpu.Capability}",
                string.Create(CultureInfo.InvariantCulture, $"{gpu.FreeBytes / 1e9:0.0} GB free at the start"),
                gpu.Driver.Length > 0 ? $"driver {gpu.Driver}" : "driver not told", $"ONNX Runtime {gpu.OnnxRuntime}", $".NET {gpu.Dotnet}",
                $"OrtDpo {gpu.Program}", $"{gpu.Processor}, {gpu.Cores} threads", gpu.OperatingSystem,
            ];
            page.Append(Text(string.Join("; ", facts))).Append(". ");
        }

        page.Append(CultureInfo.InvariantCulture, $"Made at {report.MadeAt:yyyy-MM-dd HH:mm} UTC.</p>\n");
    }

    static void Summary(StringBuilder page, Report report)
    {
        var counts = report.Checks.CountBy(check => check.Status).OrderBy(count => count.Key)
            .Select(count => $"{count.Value} {StatusText.Of(count.Key)}");
        page.Append(CultureInfo.InvariantCulture, $"<p>{Text(string.Join(", ", counts))}.</p>\n<div class=\"wide\"><table>\n")
            .Append("<tr><th class=\"number\">#</th><th>check</th><th>ended</th><th class=\"number\">seconds</th><th>why</th></tr>\n");
        foreach (var check in report.Checks)
        {
            var broken = check.Figures.Where(figure => figure.Holds == false).Select(FigureText.Of);
            var why = check.Message.Length > 0 ? check.Message.Split('\n', 2)[0] : string.Join("; ", broken);
            page.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"number\">{check.Number}</td>")
                .Append(CultureInfo.InvariantCulture, $"<td><a href=\"#c{check.Number}\">{Text(check.Name)}</a></td>")
                .Append(CultureInfo.InvariantCulture, $"<td class=\"{Class(check.Status)}\">{StatusText.Of(check.Status)}</td>")
                .Append(CultureInfo.InvariantCulture, $"<td class=\"number\">{check.Seconds:0.0}</td><td>{Text(why)}</td></tr>\n");
        }

        page.Append("</table></div>\n");
    }

    static void Section(StringBuilder page, CheckResult check)
    {
        page.Append(CultureInfo.InvariantCulture, $"<h2 id=\"c{check.Number}\">{check.Number} {Text(check.Name)}: ")
            .Append(CultureInfo.InvariantCulture, $"<span class=\"{Class(check.Status)}\">{StatusText.Of(check.Status)}</span></h2>\n");
        if (check.Message.Length > 0)
        {
            page.Append(CultureInfo.InvariantCulture, $"<pre>{Text(check.Message)}</pre>\n");
        }

        if (check.Figures.Count == 0)
        {
            return;
        }

        page.Append("<div class=\"wide\"><table>\n<tr><th>figure</th><th>found</th><th>limit</th><th>judged</th></tr>\n");
        foreach (var figure in check.Figures)
        {
            var (style, judged) = figure.Holds switch
            {
                true => ("good", "holds"),
                false => ("bad", "does not hold"),
                _ when figure.IsComputed && FigureText.Limit(figure).Length > 0 => ("dim", "junk"),
                _ => ("dim", ""),
            };
            string[] cells = [figure.Name, FigureText.Value(figure), FigureText.Limit(figure)];
            page.Append("<tr>").AppendJoin("", cells.Select(cell => $"<td>{Text(cell)}</td>"))
                .Append(CultureInfo.InvariantCulture, $"<td class=\"{style}\">{judged}</td></tr>\n");
        }

        page.Append("</table></div>\n");
    }

    static string Class(CheckStatus status) => status switch
    {
        CheckStatus.Passed => "good",
        CheckStatus.Skipped or CheckStatus.Junk => "dim",
        _ => "bad",
    };

    static string Text(string text) => WebUtility.HtmlEncode(text);
}
