/* The table of onnxruntime_training_c_api.h in 1.19.2, of which the functions that are used have their parameters. */
#pragma once
#include "stub.h"

struct CheckpointState;
struct TrainingSession;

typedef OrtStatus *(ORT_API_CALL *Unused)(void);

struct OrtTrainingApi {
    OrtStatus *(ORT_API_CALL *LoadCheckpoint)(const char *path, CheckpointState **out);
    OrtStatus *(ORT_API_CALL *SaveCheckpoint)(CheckpointState *state, const char *path, const bool include_optimizer_state);
    OrtStatus *(ORT_API_CALL *CreateTrainingSession)(const OrtEnv *env, const OrtSessionOptions *options, CheckpointState *state,
        const char *train_model_path, const char *eval_model_path, const char *optimizer_model_path, TrainingSession **out);
    Unused CreateTrainingSessionFromBuffer;
    OrtStatus *(ORT_API_CALL *TrainingSessionGetTrainingModelOutputCount)(const TrainingSession *session, size_t *out);
    OrtStatus *(ORT_API_CALL *TrainingSessionGetEvalModelOutputCount)(const TrainingSession *session, size_t *out);
    OrtStatus *(ORT_API_CALL *TrainingSessionGetTrainingModelOutputName)(
        const TrainingSession *session, size_t index, OrtAllocator *allocator, char **output);
    OrtStatus *(ORT_API_CALL *TrainingSessionGetEvalModelOutputName)(
        const TrainingSession *session, size_t index, OrtAllocator *allocator, char **output);
    OrtStatus *(ORT_API_CALL *LazyResetGrad)(TrainingSession *session);
    OrtStatus *(ORT_API_CALL *TrainStep)(TrainingSession *session, const OrtRunOptions *run_options, size_t inputs_len,
        const OrtValue *const *inputs, size_t outputs_len, OrtValue **outputs);
    OrtStatus *(ORT_API_CALL *EvalStep)(const TrainingSession *session, const OrtRunOptions *run_options, size_t inputs_len,
        const OrtValue *const *inputs, size_t outputs_len, OrtValue **outputs);
    OrtStatus *(ORT_API_CALL *SetLearningRate)(TrainingSession *session, float learning_rate);
    OrtStatus *(ORT_API_CALL *GetLearningRate)(TrainingSession *session, float *learning_rate);
    OrtStatus *(ORT_API_CALL *OptimizerStep)(TrainingSession *session, const OrtRunOptions *run_options);
    Unused RegisterLinearLRScheduler, SchedulerStep, GetParametersSize, CopyParametersToBuffer, CopyBufferToParameters;
    void(ORT_API_CALL *ReleaseTrainingSession)(TrainingSession *session);
    void(ORT_API_CALL *ReleaseCheckpointState)(CheckpointState *state);
    Unused ExportModelForInferencing, SetSeed;
    OrtStatus *(ORT_API_CALL *TrainingSessionGetTrainingModelInputCount)(const TrainingSession *session, size_t *out);
    OrtStatus *(ORT_API_CALL *TrainingSessionGetEvalModelInputCount)(const TrainingSession *session, size_t *out);
    OrtStatus *(ORT_API_CALL *TrainingSessionGetTrainingModelInputName)(
        const TrainingSession *session, size_t index, OrtAllocator *allocator, char **output);
    OrtStatus *(ORT_API_CALL *TrainingSessionGetEvalModelInputName)(
        const TrainingSession *session, size_t index, OrtAllocator *allocator, char **output);
    Unused AddProperty, GetProperty, LoadCheckpointFromBuffer, GetParameterTypeAndShape, UpdateParameter, GetParameter;
};
