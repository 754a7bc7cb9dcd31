/* Disjoint ranges of addresses, in order. */
#include "../fakecuda.h"
#include <stdlib.h>
#include <string.h>

/* The place of the first range that ends after the address. */
static size_t place(const struct fake_ranges *ranges, uintptr_t address)
{
    size_t low = 0, high = ranges->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (ranges->items[middle].end <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct fake_range *fake_range_at(struct fake_ranges *ranges, uintptr_t address)
{
    size_t index = place(ranges, address);
    return index < ranges->count && ranges->items[index].start <= address ? &ranges->items[index] : NULL;
}

bool fake_range_is_free(struct fake_ranges *ranges, uintptr_t start, size_t bytes)
{
    size_t index = place(ranges, start);
    return index == ranges->count || ranges->items[index].start >= start + bytes;
}

struct fake_range *fake_range_add(struct fake_ranges *ranges, uintptr_t start, size_t bytes)
{
    if (ranges->count == ranges->capacity) {
        ranges->capacity = ranges->capacity ? 2 * ranges->capacity : 64;
        ranges->items = realloc(ranges->items, ranges->capacity * sizeof *ranges->items);
    }
    struct fake_range *range = &ranges->items[place(ranges, start)];
    memmove(range + 1, range, (char *)&ranges->items[ranges->count] - (char *)range);
    ranges->count++;
    *range = (struct fake_range){.start = start, .end = start + bytes};
    return range;
}

void fake_range_remove(struct fake_ranges *ranges, struct fake_range *range)
{
    memmove(range, range + 1, (char *)&ranges->items[ranges->count] - (char *)(range + 1));
    ranges->count--;
}
