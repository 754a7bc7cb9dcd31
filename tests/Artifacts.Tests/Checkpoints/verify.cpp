// Answers, for a checkpoint, for all that are cut from it, and for all with one byte flipped, whether the verifier takes it that flatc made
// of checkpoint.fbs: a 1 or a 0 each, in this order, flips by the masks 0xFF, 0x01 and 0x80 of each byte in turn.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>
#include "checkpoint_generated.h"

// The limits that ONNX Runtime has, which are FlatBuffers' own. The bytes are copied, so that a read beyond them is one beyond an array.
static void answer(const std::vector<uint8_t>& bytes) {
  std::vector<uint8_t> copy(bytes);
  flatbuffers::Verifier verifier(copy.data(), copy.size(), 64, 1000000);
  std::putchar(VerifyCheckpointBuffer(verifier) ? '1' : '0');
}

int main(int, char** arguments) {
  std::ifstream file(arguments[1], std::ios::binary);
  std::vector<uint8_t> bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  answer(bytes);
  for (size_t length = 0; length < bytes.size(); length++) {
    answer(std::vector<uint8_t>(bytes.begin(), bytes.begin() + length));
  }
  for (size_t at = 0; at < bytes.size(); at++) {
    for (uint8_t mask : {0xFF, 0x01, 0x80}) {
      bytes[at] ^= mask;
      answer(bytes);
      bytes[at] ^= mask;
    }
  }
}
