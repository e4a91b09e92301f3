/* Median filters of a raw sample: what lasts one value alone is taken away. */
#ifndef PALISADE_MEDIAN_H
#define PALISADE_MEDIAN_H

#include <stddef.h>
#include <stdint.h>

#include "palisade/sample.h"
#include "palisade/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The median of each pixel and its eight neighbours, channel by channel; beyond an edge, the
 * pixels at the edge are repeated. `rows` is scratch of at least 2 * width * channels bytes. */
pal_status pal_median3x3_u8(uint8_t *picture, uint32_t height, uint32_t width,
                            uint32_t channels, uint8_t *rows, size_t rows_bytes);

/* The median of each value and its two neighbours in time, channel by channel, of traces
 * [count / channels][channels]; the first and the last value are repeated beyond the edges. */
pal_status pal_median3_i32(int32_t *values, size_t count, uint32_t channels);

#ifdef __cplusplus
}
#endif

#endif
