/* Mel-frequency cepstral coefficients: sound as int16 to the network's input.
 *
 * A frame goes through a window, a real Fourier transform, triangular filters on the power
 * spectrum, log(1 + energy / energy_offset) and a liftered cosine transform (S. B. Davis,
 * P. Mermelstein, IEEE Trans. ASSP 28(4), 1980). The pipeline makes the tables from its params.
 * Float32 throughout, with the same bits on every machine. */
#ifndef PALISADE_MFCC_H
#define PALISADE_MFCC_H

#include <stddef.h>
#include <stdint.h>

#include "palisade/numeric.h"
#include "palisade/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    PAL_SHORTEST_TRANSFORM = 128,
    PAL_LONGEST_TRANSFORM = 4096,
    PAL_MOST_BANDS = 128,
    PAL_MOST_COEFFICIENTS = 64,
    PAL_MOST_FRAMES = 4096 /* of a clip */
};

typedef struct {
    uint32_t window;       /* samples in a frame, 1 to fft_length */
    uint32_t hop;          /* samples from a frame's start to the next one's, 1 to window */
    uint32_t fft_length;   /* points; a power of two, 128 to 4096 */
    uint32_t bands;        /* filters, 1 to PAL_MOST_BANDS */
    uint32_t coefficients; /* a frame, 1 to PAL_MOST_COEFFICIENTS and to bands */
    uint32_t weights_count;
    float energy_offset;       /* above 0; energies are of sound in [-1, 1) */
    const float *taper;        /* [window] the window's function over 65536: of int16's full scale,
                                * and by half as the transform gives the spectrum doubled */
    const float *cosine;       /* [fft_length / 4 + 1] cos(2 pi k / fft_length) */
    const uint16_t *first_bin; /* [bands] where a filter begins, from 1 */
    const uint16_t *bins;      /* [bands] its length; it ends before bin fft_length / 2 */
    const float *weights;      /* [weights_count] the filters, one behind the other */
    const float *cepstral;     /* [coefficients][bands] */
} pal_mfcc_tables;

/* PAL_OK if the tables fit each other; `scratch_count` is then the floats of scratch that the
 * functions below need. Values of the tables are not looked at. */
pal_status pal_mfcc_check(const pal_mfcc_tables *tables, size_t *scratch_count);

/* One frame: `samples[count]`, count being the window, to `row[coefficients]`.
 * PAL_FAULT_NOT_FINITE if a coefficient is not finite. */
pal_status pal_mfcc_frame(const pal_mfcc_tables *tables, const int16_t *samples, size_t count,
                          float *scratch, size_t scratch_count, float *row);

/* The same, quantised. */
pal_status pal_mfcc_frame_i8(const pal_mfcc_tables *tables, const pal_quantisation *to,
                             const int16_t *samples, size_t count, float *scratch,
                             size_t scratch_count, int8_t *row);

/* Whole frames in a clip of `count` samples; 0 if there is none, or the tables are not valid. */
size_t pal_mfcc_frames(const pal_mfcc_tables *tables, size_t count);

/* A clip to `features[frames][coefficients]`, features_count being their product. */
pal_status pal_mfcc_clip(const pal_mfcc_tables *tables, const int16_t *samples, size_t count,
                         float *scratch, size_t scratch_count, float *features,
                         size_t features_count);

/* The same, quantised. */
pal_status pal_mfcc_clip_i8(const pal_mfcc_tables *tables, const pal_quantisation *to,
                            const int16_t *samples, size_t count, float *scratch,
                            size_t scratch_count, int8_t *features, size_t features_count);

#ifdef __cplusplus
}
#endif

#endif
