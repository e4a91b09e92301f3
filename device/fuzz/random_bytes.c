/* Drives the fuzz target where there is no libFuzzer: a fixed number of inputs of bytes that are
 * the same on every machine. Usage: program [runs]. Prints how often each reason came out, and
 * how many commands were accepted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz_step.h"

enum { RUNS = 20000, LONGEST = 1024 };

/* xorshift64* of Vigna, arXiv:1402.6246. */
static uint64_t next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 2685821657736338717u;
}

/* In memory of its own, so that a sanitizer sees a read past its end. */
static void run(uint64_t *state, size_t size, int constant)
{
    uint8_t *data = malloc(size > 0 ? size : 1);
    if (data == NULL) {
        exit(2);
    }
    for (size_t i = 0; i < size; i++) {
        data[i] = (uint8_t)(constant >= 0 ? (uint64_t)constant : next(state) >> 56);
    }
    (void)LLVMFuzzerTestOneInput(data, size);
    free(data);
}

int main(int argc, char **argv)
{
    const long runs = argc > 1 ? strtol(argv[1], NULL, 10) : RUNS;
    uint64_t state = 88172645463325252u;
    for (size_t size = 0; size < LONGEST; size += 16) {
        run(&state, size, 0x00);
        run(&state, size, 0x01);
        run(&state, size, 0xff);
    }
    for (long i = 0; i < runs; i++) {
        run(&state, (size_t)(next(&state) % LONGEST), -1);
    }
    for (int reason = 0; reason <= PAL_REASON_MODEL; reason++) {
        printf("%d: %llu\n", reason, (unsigned long long)fuzz_reasons[reason]);
    }
    printf("commands: %llu\n", (unsigned long long)fuzz_heard);
    return 0;
}
