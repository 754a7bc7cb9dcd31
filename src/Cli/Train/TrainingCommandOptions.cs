using System.CommandLine;
using OrtDpo.Cli.CommandLine;
using OrtDpo.Safetensors;
using OrtDpo.Train;
using OrtDpo.Training;

namespace OrtDpo.Cli.Train;

/// <summary>The options that <c>train</c> and <c>sft</c> share.</summary>
sealed class TrainingCommandOptions
{
    static readonly TrainingOptions Defaults = new();

    readonly Option<string> model = new("--model")
    {
        Description = "The model to train: a Hugging Face folder, or one with an ONNX model and a tokenizer.",
        Required = true,
    };

    readonly Option<string> output = new Option<string>("--out")
    {
        Description = "The run's folder, which must not exist yet.",
        Required = true,
    }.NotEmpty();
    readonly Option<double> learningRate;
    readonly Option<int> maxSteps = new("--max-steps") { Description = "Optimizer steps, over as many epochs as that takes." };
    readonly Option<int> epochs = new("--epochs")
    {
        Description = "Passes over the training rows.",
        DefaultValueFactory = _ => Defaults.Epochs,
    };

    readonly Option<int> batch = new("--batch-pairs")
    {
        Description = "Pairs (or rows that are no pairs) of an optimizer step.",
        DefaultValueFactory = _ => Defaults.BatchPairs,
    };

    readonly Option<int> micro = new("--micro-pairs")
    {
        Description = "Pairs (or rows that are no pairs) that go through the model together; "
            + "by default as many as fit a budget of positions.",
    };

    readonly Option<int> evalSteps = new("--eval-steps")
    {
        Description = "Steps between two evaluations.",
        DefaultValueFactory = _ => Defaults.EvalSteps,
    };

    readonly EngineCommandOptions engine = new();

    readonly Option<string> device = DeviceOption.Create("the model");

    readonly Option<string> dtype;

    readonly OffloadOptions offload = new();

    readonly Option<int> threads = ThreadsOption.Create();

    readonly Option<float> weightDecay = new("--weight-decay")
    {
        Description = "AdamW's decoupled decay, on matrices: biases and norms have none.",
        DefaultValueFactory = _ => Defaults.WeightDecay,
    };

    readonly Option<float> maxGradNorm = new("--max-grad-norm")
    {
        Description = "Clip of the gradient's global norm; 0 = none.",
        DefaultValueFactory = _ => Defaults.MaxGradNorm,
    };

    readonly OptimizationCommandOptions optimization = new();

    readonly Option<string> optimizer = OptimizerOption.Create();

    readonly Option<ActivationMemory> memory = MemoryOption.Create();

    readonly Option<bool> force = MemoryOption.CreateForce();

    readonly Option<string> saveDtype = DtypeOption.Create(
        OptionNames.Of(nameof(TrainRequest.SaveDtype)),
        "The type that checkpoints store weights in: float32 (the default), bfloat16 or float16 (fp32, bf16, fp16). What trains is "
        + "float32, and then lies with the optimizer's state.");

    readonly Option<long> seed;
    readonly AdapterCommandOptions adapter;
    readonly LogCommandOptions logs;
    readonly EvaluationCommandOptions evaluation;
    readonly CheckpointCommandOptions checkpoints;

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="defaultLearningRate">Its default of <c>--learning-rate</c>.</param>
    /// <param name="seed">Of <see cref="CreateSeed"/>, for the options of the data too.</param>
    /// <param name="defaultDtype">What is said of the default of <c>--dtype</c>.</param>
    public TrainingCommandOptions(Command command, double defaultLearningRate, Option<long> seed, string defaultDtype)
    {
        this.seed = seed;
        dtype = ComputeDtypeOption.Create($"What trains is float32 all the same [default: {defaultDtype}].");
        learningRate = new("--learning-rate")
        {
            Description = "The highest learning rate.",
            DefaultValueFactory = _ => defaultLearningRate,
        };
        foreach (var option in (Option[])
            [
                model, output, learningRate.Positive(), maxSteps.Positive(), epochs.Positive(), batch.Positive(), micro.Positive(),
                evalSteps.Positive(), seed, device, dtype, threads, weightDecay.Between(0, 1),
                maxGradNorm.Between(0, float.MaxValue), optimizer, memory, force, saveDtype,
            ])
        {
            command.Add(option);
        }

        engine.AddTo(command);
        optimization.AddTo(command);
        offload.AddTo(command);
        adapter = new AdapterCommandOptions(command);
        logs = new LogCommandOptions(command);
        evaluation = new EvaluationCommandOptions(command, evalSteps);
        checkpoints = new CheckpointCommandOptions(command);
    }

    /// <summary>The option <c>--seed</c>.</summary>
    public static Option<long> CreateSeed() => new("--seed")
    {
        Description = "Decides the order of the rows, which prompts --eval-fraction holds out, which a fraction in --weights takes, "
            + "which rows --max-rows takes, and the numbers that a new adapter begins with.",
        DefaultValueFactory = _ => (long)Defaults.Seed,
    };

    /// <summary>Reads the options.</summary>
    /// <exception cref="ArgumentException">Two options do not go together.</exception>
    public TrainRequest Bind(ParseResult parse, LossChoice loss)
    {
        if (parse.IsGiven(maxSteps) && parse.IsGiven(epochs))
        {
            throw new ArgumentException("--epochs has no effect beside --max-steps; give one of them.");
        }

        if (parse.Given(micro) is { } pairs && pairs > parse.GetValue(batch))
        {
            throw new ArgumentException($"--micro-pairs is {pairs}; it must be at most --batch-pairs, which is {parse.GetValue(batch)}.");
        }

        var (lora, folder) = adapter.Bind(parse);
        return checkpoints.Bind(parse, new TrainRequest
        {
            Model = parse.GetRequiredValue(model),
            Lora = lora,
            Adapter = folder,
            Base = adapter.BindBase(parse),
            Out = parse.GetRequiredValue(output),
            Engine = engine.Bind(parse),
            OnDeviceLibrary = engine.BindLibrary(parse),
            Device = DeviceOption.Bind(parse, device),
            Dtype = ComputeDtypeOption.Bind(parse, dtype),
            Offload = offload.Bind(parse),
            Threads = parse.GetValue(threads),
            Optimizer = OptimizerOption.Bind(parse, optimizer),
            Memory = parse.GetValue(memory),
            Force = parse.GetValue(force),
            SaveDtype = DtypeOption.Bind(parse, saveDtype) ?? WeightType.F32,
            Loss = loss,
            Logs = logs.Bind(parse),
            Options = evaluation.Bind(parse, new TrainingOptions
            {
                LearningRate = parse.GetValue(learningRate),
                MaxSteps = parse.Given(maxSteps),
                Epochs = parse.GetValue(epochs),
                BatchPairs = parse.GetValue(batch),
                MicroPairs = parse.Given(micro),
                EvalSteps = parse.GetValue(evalSteps),
                Seed = unchecked((ulong)parse.GetValue(seed)),
                WeightDecay = parse.GetValue(weightDecay),
                MaxGradNorm = parse.GetValue(maxGradNorm),
                WarmupRatio = optimization.BindRatio(parse),
                Optimization = optimization.Bind(parse),
            }),
        });
    }
}
