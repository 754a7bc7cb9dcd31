using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace OrtDpo.FakeCuda.Tests.Provider;

/// <summary>Sessions on the CUDA provider, all on a stream of the caller's.</summary>
static class CudaSession
{
    static readonly Lazy<OrtEnv> Environment = new(CreateEnvironment);

    /// <summary>A session that runs all of the model on <paramref name="stream"/>, or does not come to be.</summary>
    /// <param name="model">The model.</param>
    /// <param name="stream">The user's stream.</param>
    /// <param name="sharesAllocators">Whether it uses the environment's allocators.</param>
    /// <param name="fallsBack">Whether nodes may run on the CPU.</param>
    public static InferenceSession Open(byte[] model, nint stream, bool sharesAllocators = false, bool fallsBack = false)
    {
        _ = Environment.Value;
        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(new Dictionary<string, string>
        {
            ["device_id"] = "0",
            ["has_user_compute_stream"] = "1",
            ["user_compute_stream"] = stream.ToString(CultureInfo.InvariantCulture),
            ["use_tf32"] = "0",
            ["arena_extend_strategy"] = "kSameAsRequested",
        });
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL, EnableMemoryPattern = false,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        options.DisablePerSessionThreads();
        if (!fallsBack)
        {
            options.AddSessionConfigEntry("session.disable_cpu_ep_fallback", "1");
        }

        if (sharesAllocators)
        {
            options.AddSessionConfigEntry("session.use_env_allocators", "1");
        }

        options.AppendExecutionProvider_CUDA(cuda);
        return new InferenceSession(model, options);
    }

    /// <summary>The environment of all sessions of the process.</summary>
    public static OrtEnv Env => Environment.Value;

    /// <summary>A run that does not wait for the device at its end.</summary>
    public static RunOptions Unsynchronised()
    {
        var options = new RunOptions();
        options.AddRunConfigEntry("disable_synchronize_execution_providers", "1");
        return options;
    }

    static OrtEnv CreateEnvironment()
    {
        using var threading = new OrtThreadingOptions
        {
            GlobalIntraOpNumThreads = 1, GlobalInterOpNumThreads = 1, GlobalSpinControl = false,
        };
        var options = new EnvironmentCreationOptions
        {
            logId = "fakecuda", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL, threadOptions = threading,
        };
        return OrtEnv.CreateInstanceWithOptions(ref options);
    }
}
