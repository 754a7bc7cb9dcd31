/* What the nodes of an optimizer's model say: a walk over its protobuf, of which nothing else is needed. */
#include "stub.h"
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>

namespace {

using Bytes = std::string;

/* Calls for each field with its number, its value where it is a number, and its bytes where it has a length. */
void fields(const Bytes &message, const std::function<void(int, uint64_t, const Bytes &)> &tell)
{
    size_t at = 0;
    auto varint = [&] {
        uint64_t value = 0;
        for (int shift = 0;; shift += 7) {
            auto byte = static_cast<unsigned char>(message.at(at++));
            value |= static_cast<uint64_t>(byte & 127) << shift;
            if (byte < 128) {
                return value;
            }
        }
    };
    while (at < message.size()) {
        uint64_t key = varint(), value = 0;
        Bytes body;
        switch (key & 7) {
        case 0:
            value = varint();
            break;
        case 1:
            memcpy(&value, message.data() + at, 8);
            at += 8;
            break;
        case 2:
            value = varint();
            body = message.substr(at, value);
            at += value;
            break;
        default:
            memcpy(&value, message.data() + at, 4);
            at += 4;
        }
        tell(static_cast<int>(key >> 3), value, body);
    }
}

} // namespace

OptimizerModel read_optimizer(const std::string &path)
{
    std::ifstream file(path, std::ios::binary);
    Bytes model(std::istreambuf_iterator<char>(file), {});
    OptimizerModel found;
    auto attribute = [&](const Bytes &bytes) {
        Bytes name;
        float number = 0;
        int64_t whole = 0;
        fields(bytes, [&](int id, uint64_t value, const Bytes &body) {
            name = id == 1 ? body : name;
            if (id == 2) {
                memcpy(&number, &value, sizeof number);
            }
            whole = id == 3 ? static_cast<int64_t>(value) : whole;
        });
        std::map<Bytes, float *> numbers = {{"alpha", &found.alpha}, {"beta", &found.beta}, {"epsilon", &found.epsilon},
            {"weight_decay", &found.weight_decay}, {"max_norm", &found.max_norm}};
        if (numbers.count(name)) {
            *numbers[name] = number;
        }
        found.adam_mode = name == "adam_mode" ? whole : found.adam_mode;
        found.correct_bias = name == "correct_bias" ? whole : found.correct_bias;
    };
    fields(model, [&](int id, uint64_t, const Bytes &graph) {
        if (id == 7) {
            fields(graph, [&](int part, uint64_t, const Bytes &node) {
                if (part == 1) {
                    fields(node, [&](int piece, uint64_t, const Bytes &body) {
                        if (piece == 5) {
                            attribute(body);
                        }
                    });
                }
            });
        }
    });
    return found;
}
