/*
 * The training API: forward and backward by sessions of the library behind, accumulation by the operator of accumulator.cpp, clipping and
 * AdamW here. Lifetimes are checked.
 */
#include "training_api.h"
#include <cmath>
#include <cstring>
#include <set>
#include <stdexcept>

struct CheckpointState {
    CheckpointData data;
    int sessions = 0;
};

/* A model of the session: which inputs the caller feeds, and which outputs it gets. */
struct Model {
    OrtSession *session = nullptr;
    std::vector<std::string> user_inputs, parameters, buffers, outputs;
    bool resets = false;
};

struct TrainingSession {
    CheckpointState *state;
    Model train, eval;
    OptimizerModel optimizer;
    std::map<std::string, Tensor> gradients;
    float rate = 0.001f;
    bool accumulates = false;
};

namespace {

std::set<const void *> live_states, live_sessions;

void require_live(const TrainingSession *session, const char *function)
{
    if (!live_sessions.count(session)) {
        violation(std::string(function) + " of a session that was released");
    }
}

void require(OrtStatus *status)
{
    if (status) {
        std::string message = real_api->GetErrorMessage(status);
        real_api->ReleaseStatus(status);
        throw std::runtime_error(message);
    }
}

template <class T> OrtStatus *guarded(const T &body)
{
    try {
        body();
        return nullptr;
    } catch (const std::exception &e) {
        return failure(e.what());
    }
}

OrtAllocator *allocator(void)
{
    OrtAllocator *found;
    require(real_api->GetAllocatorWithDefaultOptions(&found));
    return found;
}

std::string take(char *text)
{
    std::string taken = text;
    require(real_api->AllocatorFree(allocator(), text));
    return taken;
}

bool ends_with(const std::string &text, const std::string &end)
{
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

Tensor *find(std::vector<std::pair<std::string, Tensor>> &all, const std::string &name)
{
    for (auto &one : all) {
        if (one.first == name) {
            return &one.second;
        }
    }
    return nullptr;
}

Tensor *parameter(CheckpointState *state, const std::string &name)
{
    Tensor *found = find(state->data.trainable, name);
    return found ? found : find(state->data.frozen, name);
}

/* As Module::Module sorts inputs by their names. */
Model load(const OrtEnv *env, const OrtSessionOptions *options, const char *path, CheckpointState *state)
{
    OrtSessionOptions *own;
    require(real_api->CloneSessionOptions(options, &own));
    require(real_api->AddCustomOpDomain(own, accumulator_domain()));
    Model model;
    OrtStatus *status = real_api->CreateSession(env, path, own, &model.session);
    real_api->ReleaseSessionOptions(own);
    require(status);
    size_t count;
    require(real_api->SessionGetInputCount(model.session, &count));
    for (size_t i = 0; i < count; i++) {
        char *text;
        require(real_api->SessionGetInputName(model.session, i, allocator(), &text));
        std::string name = take(text);
        if (parameter(state, name)) {
            model.parameters.push_back(name);
        } else if (name == "lazy_reset_grad") {
            model.resets = true;
        } else if (ends_with(name, "_grad.accumulation.buffer")) {
            model.buffers.push_back(name);
        } else {
            model.user_inputs.push_back(name);
        }
    }
    require(real_api->SessionGetOutputCount(model.session, &count));
    for (size_t i = 0; i < count; i++) {
        char *text;
        require(real_api->SessionGetOutputName(model.session, i, allocator(), &text));
        std::string name = take(text);
        if (!ends_with(name, "_grad.accumulation.out")) {
            model.outputs.push_back(name);
        }
    }
    return model;
}

struct Values {
    OrtMemoryInfo *memory;
    std::vector<OrtValue *> values;

    Values() { require(real_api->CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &memory)); }

    ~Values()
    {
        for (OrtValue *value : values) {
            real_api->ReleaseValue(value);
        }
        real_api->ReleaseMemoryInfo(memory);
    }

    const OrtValue *add(Tensor &tensor)
    {
        OrtValue *value;
        require(real_api->CreateTensorWithDataAsOrtValue(memory, tensor.data.data(), tensor.data.size(), tensor.shape.data(),
            tensor.shape.size(), static_cast<ONNXTensorElementDataType>(tensor.type), &value));
        values.push_back(value);
        return value;
    }
};

std::string described(const std::string &name, const OrtValue *value)
{
    OrtTensorTypeAndShapeInfo *info;
    ONNXTensorElementDataType type;
    size_t rank;
    require(real_api->GetTensorTypeAndShape(value, &info));
    require(real_api->GetTensorElementType(info, &type));
    require(real_api->GetDimensionsCount(info, &rank));
    std::vector<int64_t> shape(rank);
    require(real_api->GetDimensions(info, shape.data(), rank));
    real_api->ReleaseTensorTypeAndShapeInfo(info);
    std::string text = name + ":" + std::to_string(type) + "[";
    for (size_t i = 0; i < rank; i++) {
        text += (i ? "," : "") + std::to_string(shape[i]);
    }
    return text + "]";
}

void run(const char *function, TrainingSession *session, Model &model, const OrtRunOptions *options, size_t inputs_len,
    const OrtValue *const *inputs, size_t outputs_len, OrtValue **outputs)
{
    if (inputs_len != model.user_inputs.size() || outputs_len != model.outputs.size()) {
        throw std::runtime_error(std::string(function) + " takes " + std::to_string(model.user_inputs.size()) + " inputs and "
            + std::to_string(model.outputs.size()) + " outputs");
    }
    std::string line = function;
    std::vector<const char *> names, wanted;
    std::vector<const OrtValue *> feeds;
    for (size_t i = 0; i < inputs_len; i++) {
        line += " " + described(model.user_inputs[i], inputs[i]);
        names.push_back(model.user_inputs[i].c_str());
        feeds.push_back(inputs[i]);
    }
    log_line(line + (options ? " options" : ""));
    Values own;
    for (auto &name : model.parameters) {
        names.push_back(name.c_str());
        feeds.push_back(own.add(*parameter(session->state, name)));
    }
    for (auto &name : model.buffers) {
        names.push_back(name.c_str());
        feeds.push_back(own.add(session->gradients.at(name.substr(0, name.size() - strlen("_grad.accumulation.buffer")))));
    }
    Tensor reset;
    reset.shape = {1};
    reset.type = ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL;
    reset.data = {static_cast<char>(!session->accumulates)};
    if (model.resets) {
        names.push_back("lazy_reset_grad");
        feeds.push_back(own.add(reset));
    }
    for (auto &name : model.outputs) {
        wanted.push_back(name.c_str());
    }
    require(real_api->Run(
        model.session, nullptr, names.data(), feeds.data(), feeds.size(), wanted.data(), wanted.size(), outputs));
}

/* InplaceClipGradNorm, and AdamWOptimizer of mode 0. */
void update(TrainingSession *session)
{
    const OptimizerModel &model = session->optimizer;
    if (model.adam_mode != 0 || !model.correct_bias) {
        throw std::runtime_error("the optimizer's model is not of torch's AdamW");
    }
    CheckpointData &data = session->state->data;
    double squares = 0;
    for (auto &entry : session->gradients) {
        for (size_t i = 0; i < entry.second.count(); i++) {
            squares += static_cast<double>(entry.second.floats()[i]) * entry.second.floats()[i];
        }
    }
    double norm = std::sqrt(squares);
    double clip = model.max_norm > 0 ? std::min(1.0, model.max_norm / (norm + 1e-6)) : 1;
    auto step = static_cast<double>(++data.step);
    data.has_optimizer = true;
    for (auto &entry : data.trainable) {
        Tensor &weights = entry.second;
        float *w = weights.floats(), *g = session->gradients.at(entry.first).floats();
        auto &moments = data.moments[entry.first];
        float *m = moments.first.floats(), *v = moments.second.floats();
        for (size_t i = 0; i < weights.count(); i++) {
            double gradient = g[i] * clip;
            w[i] -= session->rate * model.weight_decay * w[i];
            m[i] = static_cast<float>(model.alpha * m[i] + (1 - model.alpha) * gradient);
            v[i] = static_cast<float>(model.beta * v[i] + (1 - model.beta) * gradient * gradient);
            double first = m[i] / (1 - std::pow(model.alpha, step)), second = v[i] / (1 - std::pow(model.beta, step));
            w[i] -= static_cast<float>(session->rate * first / (std::sqrt(second) + model.epsilon));
        }
    }
}

OrtStatus *ORT_API_CALL load_checkpoint(const char *path, CheckpointState **out)
{
    log_line("LoadCheckpoint");
    return guarded([&] {
        *out = new CheckpointState{read_checkpoint(path)};
        live_states.insert(*out);
    });
}

OrtStatus *ORT_API_CALL save_checkpoint(CheckpointState *state, const char *path, const bool include_optimizer_state)
{
    log_line(std::string("SaveCheckpoint ") + (include_optimizer_state ? "with" : "without") + " optimizer");
    if (!live_states.count(state)) {
        violation("SaveCheckpoint of a state that was released");
    }
    return guarded([&] { write_checkpoint(path, state->data, include_optimizer_state && state->data.has_optimizer); });
}

OrtStatus *ORT_API_CALL create_session(const OrtEnv *env, const OrtSessionOptions *options, CheckpointState *state, const char *train,
    const char *eval, const char *optimizer, TrainingSession **out)
{
    log_line("CreateTrainingSession");
    if (!live_states.count(state)) {
        violation("CreateTrainingSession over a state that was released");
    }
    return guarded([&] {
        auto session = std::make_unique<TrainingSession>();
        session->state = state;
        session->train = load(env, options, train, state);
        session->eval = load(env, options, eval, state);
        session->optimizer = read_optimizer(optimizer);
        if (!session->train.resets) {
            throw std::runtime_error("the training model has no input lazy_reset_grad");
        }
        if (session->train.parameters != session->eval.parameters) {
            throw std::runtime_error("the parameters of the training and the eval model are not the same in the same order");
        }
        for (auto &entry : state->data.trainable) {
            Tensor zeros = entry.second;
            std::fill(zeros.data.begin(), zeros.data.end(), 0);
            session->gradients[entry.first] = zeros;
            if (!state->data.has_optimizer) {
                state->data.moments[entry.first] = {zeros, zeros};
            }
        }
        if (session->train.buffers.size() != session->gradients.size()) {
            throw std::runtime_error("Gradient buffer input not provided for param");
        }
        state->sessions++;
        *out = session.release();
        live_sessions.insert(*out);
    });
}

OrtStatus *name_of(const std::vector<std::string> &names, size_t index, OrtAllocator *with, char **output)
{
    return guarded([&] {
        const std::string &name = names.at(index);
        require(real_api->AllocatorAlloc(with, name.size() + 1, reinterpret_cast<void **>(output)));
        memcpy(*output, name.c_str(), name.size() + 1);
    });
}

OrtStatus *ORT_API_CALL reset(TrainingSession *session)
{
    log_line("LazyResetGrad");
    require_live(session, "LazyResetGrad");
    session->accumulates = false;
    return nullptr;
}

OrtStatus *ORT_API_CALL train_step(TrainingSession *session, const OrtRunOptions *options, size_t inputs_len,
    const OrtValue *const *inputs, size_t outputs_len, OrtValue **outputs)
{
    require_live(session, "TrainStep");
    return guarded([&] {
        run("TrainStep", session, session->train, options, inputs_len, inputs, outputs_len, outputs);
        session->accumulates = true;
    });
}

OrtStatus *ORT_API_CALL eval_step(const TrainingSession *session, const OrtRunOptions *options, size_t inputs_len,
    const OrtValue *const *inputs, size_t outputs_len, OrtValue **outputs)
{
    require_live(session, "EvalStep");
    auto own = const_cast<TrainingSession *>(session);
    return guarded([&] { run("EvalStep", own, own->eval, options, inputs_len, inputs, outputs_len, outputs); });
}

OrtStatus *ORT_API_CALL set_rate(TrainingSession *session, float rate)
{
    log_line("SetLearningRate " + std::to_string(rate));
    require_live(session, "SetLearningRate");
    session->rate = rate;
    return nullptr;
}

OrtStatus *ORT_API_CALL optimizer_step(TrainingSession *session, const OrtRunOptions *)
{
    log_line("OptimizerStep");
    require_live(session, "OptimizerStep");
    return guarded([&] { update(session); });
}

void ORT_API_CALL release_session(TrainingSession *session)
{
    log_line("ReleaseTrainingSession");
    require_live(session, "ReleaseTrainingSession");
    live_sessions.erase(session);
    session->state->sessions--;
    real_api->ReleaseSession(session->train.session);
    real_api->ReleaseSession(session->eval.session);
    delete session;
}

void ORT_API_CALL release_state(CheckpointState *state)
{
    log_line("ReleaseCheckpointState");
    if (!live_states.erase(state)) {
        violation("ReleaseCheckpointState of a state that was released");
    }
    if (state->sessions) {
        violation("ReleaseCheckpointState before the session over it was released");
    }
    delete state;
}

#define COUNT(names) \
    [](const TrainingSession *session, size_t *out) -> OrtStatus * { \
        *out = session->names.size(); \
        return nullptr; \
    }
#define NAME(names) \
    [](const TrainingSession *session, size_t index, OrtAllocator *with, char **output) { \
        return name_of(session->names, index, with, output); \
    }

} // namespace

const OrtTrainingApi *training_api(void)
{
    static OrtTrainingApi api;
    api.LoadCheckpoint = load_checkpoint;
    api.SaveCheckpoint = save_checkpoint;
    api.CreateTrainingSession = create_session;
    api.TrainingSessionGetTrainingModelOutputCount = COUNT(train.outputs);
    api.TrainingSessionGetEvalModelOutputCount = COUNT(eval.outputs);
    api.TrainingSessionGetTrainingModelOutputName = NAME(train.outputs);
    api.TrainingSessionGetEvalModelOutputName = NAME(eval.outputs);
    api.LazyResetGrad = reset;
    api.TrainStep = train_step;
    api.EvalStep = eval_step;
    api.SetLearningRate = set_rate;
    api.OptimizerStep = optimizer_step;
    api.ReleaseTrainingSession = release_session;
    api.ReleaseCheckpointState = release_state;
    api.TrainingSessionGetTrainingModelInputCount = COUNT(train.user_inputs);
    api.TrainingSessionGetEvalModelInputCount = COUNT(eval.user_inputs);
    api.TrainingSessionGetTrainingModelInputName = NAME(train.user_inputs);
    api.TrainingSessionGetEvalModelInputName = NAME(eval.user_inputs);
    return &api;
}
