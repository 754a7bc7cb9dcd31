using Microsoft.ML.OnnxRuntime;

namespace OrtDpo.Runtime.Sessions;

/// <summary>
/// What all sessions of the process share: one pool of threads and one allocator. Many small sessions with pools and arenas of their own
/// would spin against each other and hold memory five times (measured).
/// </summary>
public static class OrtProcess
{
    internal static readonly Lock Gate = new();

    /// <summary>ONNX Runtime's version.</summary>
    public static string Version => OrtEnv.Instance().GetVersionString();

    /// <summary>Threads of the shared pool; 0 before <see cref="Start"/>.</summary>
    public static int Threads { get; private set; }

    /// <summary>Starts ONNX Runtime with <paramref name="threads"/> threads. The first call decides for the process.</summary>
    /// <exception cref="InvalidOperationException">It was started with another number of threads.</exception>
    public static void Start(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        lock (Gate)
        {
            if (Threads == threads)
            {
                return;
            }

            if (Threads != 0)
            {
                throw new InvalidOperationException(
                    $"ONNX Runtime runs with {Threads} threads in this process; {threads} were asked for. Use a process of its own.");
            }

            Memory.SystemAllocator.ReturnLargeBlocks();
            using var threading = new OrtThreadingOptions
            {
                GlobalIntraOpNumThreads = threads, GlobalInterOpNumThreads = 1, GlobalSpinControl = false,
            };
            if (DenormalsAsZero.IsSupported)
            {
                threading.SetGlobalDenormalAsZero();
            }

            var options = new EnvironmentCreationOptions
            {
                logId = "ortdpo", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, threadOptions = threading,
            };
            var environment = OrtEnv.CreateInstanceWithOptions(ref options);
            SessionAllocator.Register(environment, Devices.SessionAllocatorKind.Cpu);
            Threads = threads;
        }
    }

    /// <summary>Options of a session on the shared threads and memory.</summary>
    internal static SessionOptions DefaultOptions(bool oneThread = false)
    {
        if (Threads == 0)
        {
            throw new InvalidOperationException("ONNX Runtime is not started; call OrtProcess.Start first.");
        }

        var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            // The pattern's block comes on top of what the arena already holds: twice the memory, no time saved (measured).
            EnableMemoryPattern = false,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        options.AddSessionConfigEntry("session.use_env_allocators", "1");
        if (oneThread)
        {
            options.IntraOpNumThreads = 1;
        }
        else
        {
            options.DisablePerSessionThreads();
        }

        return options;
    }
}
