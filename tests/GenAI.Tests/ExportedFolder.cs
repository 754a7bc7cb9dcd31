using OrtDpo.Batches;
using OrtDpo.Export;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Safetensors;

namespace OrtDpo.GenAI.Tests;

/// <summary>A model's export, compared on a pair of any tokens.</summary>
static class ExportedFolder
{
    public static void Make(string model, string output, int positions = 256)
    {
        OrtProcess.Start(threads: 2);
        OnnxExport.Run(model, output, [Example.Pair([1, 5, 9], [4], [5])], threads: 2, WeightType.F32, positions);
    }
}
