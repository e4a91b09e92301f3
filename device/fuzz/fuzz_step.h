/* What a driver of the fuzz target needs; libFuzzer brings its own. */
#ifndef PALISADE_FUZZ_STEP_H
#define PALISADE_FUZZ_STEP_H

#include <stddef.h>
#include <stdint.h>

#include "palisade/guard.h"

/* How often each pal_reason came out so far: a run that never gets somewhere finds nothing there. */
extern uint64_t fuzz_reasons[PAL_REASON_MODEL + 1];

/* How often a command was accepted. */
extern uint64_t fuzz_heard;

/* Runs one input; aborts if a promise of the headers is broken. The name is libFuzzer's. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
