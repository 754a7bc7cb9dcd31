using System.Diagnostics;
using System.Text.Json;
using OrtDpo.Batches;
using OrtDpo.Data;
using OrtDpo.Data.Cache;
using OrtDpo.Models;
using OrtDpo.PrecomputeBench;
using OrtDpo.Runs;
using OrtDpo.Runtime.Models;
using OrtDpo.Runtime.Sessions;
using OrtDpo.Tokenizers;

// Stage 1 with one scoring thread, which is where all of ONNX Runtime's work is then done. One JSON line on stdout.
if (args is not [var model, var data, var destination])
{
    Console.Error.WriteLine("usage: PrecomputeBench <model folder> <data file> <folder to make>");
    return 2;
}

var watch = Stopwatch.StartNew();
var tokenizer = ModelTokenizer.Load(model);
string digest;
using (var folder = ModelFolder.Open(model))
{
    digest = ReferenceDigest.Compute(folder);
}

var contract = new CacheContract(digest, CacheContract.CurrentScoringVersion, "fp32");
var (maxLength, _) = MaxLengthChoice.Of(ModelFolder.ModelOf(model), asked: null);
var rows = new DataSettings { Files = DataSource.FromPaths([data]) };
var encoder = new ExampleEncoder(tokenizer.Encode, tokenizer.EncodeContinuation, tokenizer.EosId, maxLength);
var prepared = ExamplePreparation.Prepare(RowKind.Pair, rows, encoder, Shard.Whole);
var encoded = Environment.CpuUsage.TotalTime;
var identity = new CacheIdentity
{
    ContractDigest = contract.Digest(),
    ReferenceDigest = digest,
    ScoringVersion = contract.ScoringVersion,
    Dtype = contract.Dtype,
    TokenizerDigest = tokenizer.Digest,
    TemplateDigest = null,
    TruncationDigest = ExampleEncoder.TruncationDigest(maxLength),
    MaxLength = maxLength,
};
var plan = ScoringPlan.Make(prepared.Examples, identity, KnownScores.None);
var shard = new ShardIdentity(Shard.Whole, identity, DataDigest.Of(rows, prepared.Ledger.Sources));
using var writer = CacheWriter.Begin(destination, shard, plan, KnownScores.None, prepared.Ledger);
var scorer = new TimedScorer(DecoderScorer.Load(model, threads: 1));
writer.Finish(() => (scorer, new ScoringEnvironment(OrtProcess.Version, "cpu", 1)), _ => { });

var total = Environment.CpuUsage.TotalTime;
Console.WriteLine(JsonSerializer.Serialize(
    new
    {
        rows = plan.Summary.Rows,
        tokens = prepared.Examples.Sum(pair => (long)pair.Tokens.Length),
        wall_seconds = watch.Elapsed.TotalSeconds,
        cpu_seconds = total.TotalSeconds,
        cpu_seconds_until_encoded = encoded.TotalSeconds,
        cpu_seconds_scoring = scorer.Inside.TotalSeconds,
        share_outside = 1 - (scorer.Inside / total),
    },
    new JsonSerializerOptions(FileJson.Options) { WriteIndented = false }));
return 0;
