/* host_read copy: copies one byte of device memory to the host. host_read read: reads it, as if it were the host's. */
#include <string.h>

int cudaMalloc(void **address, unsigned long bytes);
int cudaMemcpy(void *to, const void *from, unsigned long bytes, int direction);

enum { DEVICE_TO_HOST = 2 };

int main(int count, char **words)
{
    void *block;
    char byte = 1;
    if (count != 2 || cudaMalloc(&block, 1) != 0) {
        return 2;
    }
    if (strcmp(words[1], "read") == 0) {
        return *(volatile char *)block;
    }
    return cudaMemcpy(&byte, block, 1, DEVICE_TO_HOST) != 0 || byte != 0;
}
