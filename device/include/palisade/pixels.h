/* Pixels as uint8 to the network's input, (pixel - 128) / 255. */
#ifndef PALISADE_PIXELS_H
#define PALISADE_PIXELS_H

#include <stddef.h>
#include <stdint.h>

#include "palisade/numeric.h"
#include "palisade/sample.h"
#include "palisade/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PAL_PIXEL_VALUES = 256 };

/* `features[count]` of `pixels[count]`. */
pal_status pal_pixels_f32(const uint8_t *pixels, size_t count, float *features);

/* What each of the 256 values is quantised to; made once, it costs a look-up a pixel. */
pal_status pal_pixels_table(const pal_quantisation *to, int8_t table[256]);

/* `features[count]` of `pixels[count]` by such a table. */
pal_status pal_pixels_i8(const int8_t table[256], const uint8_t *pixels, size_t count,
                         int8_t *features);

#ifdef __cplusplus
}
#endif

#endif
