using System.Text.Json;

namespace OrtDpo.Pipeline.Tests.OnDevice;

/// <summary>Twenty steps by both engines over the stub, accumulated and clipped: docs/on-device.md has their differences.</summary>
public sealed class OnDeviceTrajectoryTests : IDisposable
{
    const int Steps = 20;

    readonly TemporaryFolder folder = new();

    public static TheoryData<string, string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, string, bool>();
            foreach (var model in (string[])["demo", "stories260K"])
            {
                foreach (var loss in (string[])["sigmoid", "ipo", "kto", "simpo"])
                {
                    cases.Add(model, loss, false);
                    cases.Add(model, loss, true);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    [Trait("Speed", "long")]
    public void Both_engines_go_the_same_way(string model, string loss, bool isAdapter)
    {
        var path = model == "demo" ? Repository.Find("models", model) : SharedData.Folder(model);
        var byOnDevice = OnDeviceFixture.ByOnDevice();
        var data = folder.Write("rows.jsonl", string.Join('\n', Rows(loss == "kto")));
        string[] source = loss == "simpo" ? ["--data", data] : ["--ref", folder.File("ref")];
        if (loss != "simpo")
        {
            TinyPipeline.Succeed("precompute", "--model", path, "--data", data, "--out", folder.File("ref"));
        }

        // At 1e-4 the rows of tokens that hardly occur, whose gradients are rounding, lie 1.04e-4 apart (measured, kto): AdamW makes of
        // any gradient above its epsilon a step of the rate's size.
        string[] train =
        [
            "train", "--model", path, .. source, "--loss", loss, "--max-steps", $"{Steps}", "--batch-pairs", "4", "--micro-pairs", "2",
            "--learning-rate", "5e-5", "--max-grad-norm", "0.5", .. isAdapter ? ["--lora-rank", "4"] : Array.Empty<string>(),
        ];
        TinyPipeline.Succeed([.. train, "--out", folder.File("step")]);
        TinyPipeline.Succeed([.. train, "--out", folder.File("device"), .. byOnDevice]);
        TwoRuns.RequireAlike(folder.File("step"), folder.File("device"), Steps);
    }

    public void Dispose() => folder.Dispose();

    // The demo's first pairs; of unpaired feedback alternately the chosen and the rejected completion.
    static IEnumerable<string> Rows(bool areUnpaired)
    {
        var lines = File.ReadLines(Repository.Find("models", "demo", "data", "train.jsonl")).Take(90);
        return !areUnpaired ? lines : lines.Select((line, i) =>
        {
            using var pair = JsonDocument.Parse(line);
            return JsonSerializer.Serialize(new
            {
                prompt = pair.RootElement.GetProperty("prompt"),
                completion = pair.RootElement.GetProperty(i % 2 == 0 ? "chosen" : "rejected"),
                label = i % 2 == 0,
            });
        });
    }
}
