/*
 * A program on the stubs, for what would end the tests' own process, or is read when a process starts.
 * probe copy: copies a byte of device memory to the host; probe read: then reads it as if it were the host's.
 * Ends with 0, or with the error of CUDA that it met.
 */
#include <string.h>

int cudaMalloc(void **address, unsigned long bytes);
int cudaMemcpy(void *to, const void *from, unsigned long bytes, int direction);

enum { DEVICE_TO_HOST = 2 };

int main(int count, char **words)
{
    void *block;
    char byte;
    int error = cudaMalloc(&block, 1 << 20);
    if (error != 0) {
        return error;
    }
    error = cudaMemcpy(&byte, block, 1, DEVICE_TO_HOST);
    if (error == 0 && count == 2 && strcmp(words[1], "read") == 0) {
        return *(volatile char *)block;
    }
    return error;
}
