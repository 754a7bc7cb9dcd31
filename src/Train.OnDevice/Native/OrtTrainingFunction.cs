namespace OrtDpo.Train.OnDevice.Native;

/// <summary>
/// Functions of ONNX Runtime's training API by their places in the table that <c>GetTrainingApi</c> gives: the struct
/// <c>OrtTrainingApi</c> of <c>onnxruntime_training_c_api.h</c>.
/// </summary>
enum OrtTrainingFunction
{
    LoadCheckpoint = 0,
    SaveCheckpoint = 1,
    CreateTrainingSession = 2,
    TrainingSessionGetTrainingModelOutputCount = 4,
    TrainingSessionGetEvalModelOutputCount = 5,
    TrainingSessionGetTrainingModelOutputName = 6,
    TrainingSessionGetEvalModelOutputName = 7,
    LazyResetGrad = 8,
    TrainStep = 9,
    EvalStep = 10,
    SetLearningRate = 11,
    OptimizerStep = 13,
    ReleaseTrainingSession = 19,
    ReleaseCheckpointState = 20,
    TrainingSessionGetTrainingModelInputCount = 23,
    TrainingSessionGetEvalModelInputCount = 24,
    TrainingSessionGetTrainingModelInputName = 25,
    TrainingSessionGetEvalModelInputName = 26,
}
