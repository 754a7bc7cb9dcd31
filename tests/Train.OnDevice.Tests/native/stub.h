/*
 * A stand-in for ONNX Runtime 1.19.2 built with training: the library without training behind it does everything but what
 * OrtTrainingApi adds, and that is done here as ONNX Runtime's documents and sources say, with more checks than it has.
 */
#pragma once
#include <onnxruntime_c_api.h>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

/* The table of the library behind. */
extern const OrtApi *real_api;

/* One line to the log that a test reads. */
void log_line(const std::string &line);

/* Logs what must not happen, and ends the process: a use after release would be memory of others in the real library. */
[[noreturn]] void violation(const std::string &what);

/* A status of the library behind. */
OrtStatus *failure(const std::string &text);

const struct OrtTrainingApi *training_api(void);

struct Tensor {
    std::vector<int64_t> shape;
    int32_t type = 0;
    std::vector<char> data;

    float *floats() { return reinterpret_cast<float *>(data.data()); }
    size_t count() const { return data.size() / sizeof(float); }
};

/* The parameters in the order of the file; moments by parameter. */
struct CheckpointData {
    std::vector<std::pair<std::string, Tensor>> trainable, frozen;
    std::map<std::string, std::pair<Tensor, Tensor>> moments;
    std::map<std::string, std::string> properties;
    int64_t step = 0;
    bool has_optimizer = false;
};

CheckpointData read_checkpoint(const std::string &path);
void write_checkpoint(const std::string &path, CheckpointData &data, bool with_optimizer);

/* The optimizer's model: what its two nodes say. */
struct OptimizerModel {
    float alpha = 0.9f, beta = 0.999f, epsilon = 1e-8f, weight_decay = 0.01f, max_norm = 0;
    int64_t adam_mode = 0, correct_bias = 1;
};

OptimizerModel read_optimizer(const std::string &path);

/* com.microsoft::InPlaceAccumulatorV2, which the library behind does not have. */
OrtCustomOpDomain *accumulator_domain(void);
