/* Checkpoints: FlatBuffers "ODTC" of version 2, read by offsets and written front to back. */
#include "stub.h"
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <stdexcept>

namespace {

struct Reader {
    std::vector<char> bytes, external;

    template <class T> T at(size_t place) const
    {
        T value;
        if (place + sizeof value > bytes.size()) {
            throw std::runtime_error("an offset lies outside of the checkpoint");
        }
        memcpy(&value, bytes.data() + place, sizeof value);
        return value;
    }

    /* The place of a table's field; 0: it is absent. */
    size_t field(size_t table, int id) const
    {
        size_t vtable = table - at<int32_t>(table);
        size_t entry = 4 + 2 * static_cast<size_t>(id);
        uint16_t offset = entry < at<uint16_t>(vtable) ? at<uint16_t>(vtable + entry) : 0;
        return offset ? table + offset : 0;
    }

    /* What a field refers to; 0: it is absent. */
    size_t reference(size_t table, int id) const
    {
        size_t place = field(table, id);
        return place ? place + at<uint32_t>(place) : 0;
    }

    std::string text(size_t place) const { return std::string(bytes.data() + place + 4, at<uint32_t>(place)); }

    std::vector<size_t> tables(size_t vector) const
    {
        std::vector<size_t> places;
        for (uint32_t i = 0; vector && i < at<uint32_t>(vector); i++) {
            size_t slot = vector + 4 + 4 * i;
            places.push_back(slot + at<uint32_t>(slot));
        }
        return places;
    }

    std::pair<std::string, Tensor> tensor(size_t table) const
    {
        Tensor tensor;
        size_t dims = reference(table, 2);
        size_t count = 1;
        for (uint32_t i = 0; i < at<uint32_t>(dims); i++) {
            tensor.shape.push_back(at<int64_t>(dims + 4 + 8 * i));
            count *= static_cast<size_t>(tensor.shape.back());
        }
        tensor.type = at<int32_t>(field(table, 3));
        if (size_t place = field(table, 6)) {
            auto offset = static_cast<size_t>(at<int64_t>(place));
            if (tensor.type != 1 || offset + 4 * count > external.size()) {
                throw std::runtime_error("a tensor's data lies outside of the file beside the checkpoint");
            }
            tensor.data.assign(external.begin() + offset, external.begin() + offset + 4 * count);
        } else {
            size_t raw = reference(table, 4);
            tensor.data.assign(bytes.begin() + raw + 4, bytes.begin() + raw + 4 + at<uint32_t>(raw));
        }
        return {text(reference(table, 0)), tensor};
    }
};

std::vector<char> contents(const std::string &path)
{
    std::ifstream file(path, std::ios::binary);
    return std::vector<char>(std::istreambuf_iterator<char>(file), {});
}

/* Appends; what a slot refers to is appended later, and then the slot is filled. */
struct Writer {
    std::vector<char> bytes;

    void align(size_t size, size_t rest = 0)
    {
        while (bytes.size() % size != rest) {
            bytes.push_back(0);
        }
    }

    template <class T> void put(T value)
    {
        const char *at = reinterpret_cast<const char *>(&value);
        bytes.insert(bytes.end(), at, at + sizeof value);
    }

    void point(size_t slot)
    {
        auto offset = static_cast<uint32_t>(bytes.size() - slot);
        memcpy(bytes.data() + slot, &offset, sizeof offset);
    }

    /* A table of fields with a size each (0: absent); gives the place of each. Larger fields lie first. */
    std::vector<size_t> table(size_t slot, const std::vector<int> &sizes)
    {
        size_t size = 4;
        std::vector<size_t> offsets(sizes.size());
        for (int width : {8, 4, 1}) {
            for (size_t i = 0; i < sizes.size(); i++) {
                if (sizes[i] == width) {
                    offsets[i] = size;
                    size += width;
                }
            }
        }
        size_t vtable = 4 + 2 * sizes.size();
        bool wide = false;
        for (int width : sizes) {
            wide |= width == 8;
        }
        align(2);
        while ((bytes.size() + vtable) % (wide ? 8 : 4) != (wide ? 4u : 0u)) {
            put<uint16_t>(0);
        }
        put(static_cast<uint16_t>(vtable));
        put(static_cast<uint16_t>(size));
        for (size_t offset : offsets) {
            put(static_cast<uint16_t>(offset));
        }
        point(slot);
        size_t start = bytes.size();
        put(static_cast<int32_t>(vtable));
        bytes.resize(start + size);
        for (size_t &offset : offsets) {
            offset += start;
        }
        return offsets;
    }

    template <class T> void set(size_t place, T value) { memcpy(bytes.data() + place, &value, sizeof value); }

    void text(size_t slot, const std::string &value)
    {
        align(4);
        point(slot);
        put(static_cast<uint32_t>(value.size()));
        bytes.insert(bytes.end(), value.begin(), value.end());
        bytes.push_back(0);
    }

    /* A vector of references, each written by a call with its slot. */
    void list(size_t slot, const std::vector<std::function<void(size_t)>> &items)
    {
        align(4);
        point(slot);
        put(static_cast<uint32_t>(items.size()));
        size_t first = bytes.size();
        bytes.resize(first + 4 * items.size());
        for (size_t i = 0; i < items.size(); i++) {
            items[i](first + 4 * i);
        }
    }

    void tensor(size_t slot, const std::string &name, const Tensor &tensor)
    {
        auto fields = table(slot, {4, 0, 4, 4, 4});
        set(fields[3], tensor.type);
        text(fields[0], name);
        align(8, 4);
        point(fields[2]);
        put(static_cast<uint32_t>(tensor.shape.size()));
        for (int64_t dimension : tensor.shape) {
            put(dimension);
        }
        align(4);
        point(fields[4]);
        put(static_cast<uint32_t>(tensor.data.size()));
        bytes.insert(bytes.end(), tensor.data.begin(), tensor.data.end());
    }

    void tensors(size_t slot, const std::vector<std::pair<std::string, Tensor>> &all)
    {
        std::vector<std::function<void(size_t)>> items;
        for (auto &one : all) {
            items.push_back([this, &one](size_t at) { tensor(at, one.first, one.second); });
        }
        list(slot, items);
    }
};

} // namespace

CheckpointData read_checkpoint(const std::string &path)
{
    Reader file{contents(path), contents(path + ".data")};
    if (file.bytes.size() < 8 || memcmp(file.bytes.data() + 4, "ODTC", 4) != 0) {
        throw std::runtime_error("Checkpoint file is invalid: " + path);
    }
    size_t root = file.at<uint32_t>(0);
    if (file.at<int32_t>(file.field(root, 0)) != 2) {
        throw std::runtime_error("Checkpoint file version mismatch");
    }
    CheckpointData data;
    size_t module = file.reference(root, 1);
    for (size_t tensor : file.tables(file.reference(module, 0))) {
        data.trainable.push_back(file.tensor(tensor));
    }
    for (size_t tensor : file.tables(file.reference(module, 1))) {
        data.frozen.push_back(file.tensor(tensor));
    }
    for (size_t group : file.tables(file.reference(root, 2))) {
        data.has_optimizer = true;
        size_t step = file.field(group, 1);
        data.step = step ? file.at<int64_t>(step) : 0;
        for (size_t state : file.tables(file.reference(group, 3))) {
            auto &moments = data.moments[file.text(file.reference(state, 0))];
            for (size_t tensor : file.tables(file.reference(state, 1))) {
                auto moment = file.tensor(tensor);
                (moment.first == "momentum0" ? moments.first : moments.second) = moment.second;
            }
        }
    }
    for (auto &parameter : data.trainable) {
        if (data.has_optimizer && !data.moments.count(parameter.first)) {
            throw std::runtime_error(parameter.first + " not found in the source optimizer checkpoint states");
        }
    }
    if (size_t bag = file.reference(root, 3)) {
        for (size_t entry : file.tables(file.reference(bag, 2))) {
            data.properties[file.text(file.reference(entry, 0))] = file.text(file.reference(entry, 1));
        }
    }
    return data;
}

void write_checkpoint(const std::string &path, CheckpointData &data, bool with_optimizer)
{
    Writer file;
    file.put<uint32_t>(0);
    for (char letter : {'O', 'D', 'T', 'C'}) {
        file.put(letter);
    }
    auto root = file.table(0, {4, 4, with_optimizer ? 4 : 0, data.properties.empty() ? 0 : 4});
    file.set<int32_t>(root[0], 2);
    auto module = file.table(root[1], {4, 4});
    file.tensors(module[0], data.trainable);
    file.tensors(module[1], data.frozen);
    if (with_optimizer) {
        file.list(root[2], {[&](size_t slot) {
            auto group = file.table(slot, {4, 8, 4, 4});
            file.set<int64_t>(group[1], data.step);
            file.set<float>(group[2], 0.001f);
            file.text(group[0], "group0");
            std::vector<std::function<void(size_t)>> states;
            for (auto &entry : data.moments) {
                states.push_back([&](size_t at) {
                    auto state = file.table(at, {4, 4});
                    file.text(state[0], entry.first);
                    file.tensors(state[1], {{"momentum0", entry.second.first}, {"momentum1", entry.second.second}});
                });
            }
            file.list(group[3], states);
        }});
    }
    if (!data.properties.empty()) {
        auto bag = file.table(root[3], {0, 0, 4});
        std::vector<std::function<void(size_t)>> entries;
        for (auto &entry : data.properties) {
            entries.push_back([&](size_t at) {
                auto property = file.table(at, {4, 4});
                file.text(property[0], entry.first);
                file.text(property[1], entry.second);
            });
        }
        file.list(bag[2], entries);
    }
    std::ofstream(path, std::ios::binary).write(file.bytes.data(), static_cast<std::streamsize>(file.bytes.size()));
}
