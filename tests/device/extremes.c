/* Calls every function of preprocessing and front end with extreme inputs, for the sanitizers to
 * watch. Each buffer is a heap block of exactly the length that is passed, so that one value too
 * many is seen. Prints how often each status came out. */
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "palisade/frontend.h"
#include "palisade/median.h"
#include "palisade/mfcc.h"
#include "palisade/numeric.h"
#include "palisade/pixels.h"
#include "palisade/preprocess.h"
#include "palisade/smooth.h"
#include "palisade/squeeze.h"
#include "palisade/stream.h"
#include "palisade/traces.h"

static unsigned long counts[PAL_FAULT_RANGE + 1];
static uint32_t state = 20261125u;

static void note(pal_status status)
{
    if ((int)status < 0 || status > PAL_FAULT_RANGE) {
        abort();
    }
    counts[status] += 1;
}

/* xorshift32 (G. Marsaglia, 2003) */
static uint32_t drawn(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static uint32_t below(uint32_t end)
{
    return drawn() % end;
}

/* Bytes from the heap, random or all the same; NULL once in a while, and freed by `drop`. */
static void *heap(size_t bytes)
{
    size_t i;
    uint8_t *made = malloc(bytes > 0 ? bytes : 1);
    uint32_t kind = below(4);
    static const uint8_t fills[3] = {0x00, 0xFF, 0x80};
    if (made == NULL || below(60) == 0) {
        free(made);
        return NULL;
    }
    for (i = 0; i < bytes; i++) {
        made[i] = kind < 3 ? fills[kind] : (uint8_t)drawn();
    }
    return made;
}

static int32_t extreme(void)
{
    static const int32_t choices[] = {0, 1, -1, 2, 3, 4, 7, 8, 9, 10, 15, 16, 17, 64, 65, 255, 256,
                                      32767, -32768, 32768, INT32_MAX, INT32_MIN};
    return choices[below(sizeof choices / sizeof choices[0])];
}

static float extreme_float(void)
{
    static const float choices[] = {0.0f, -0.0f, 1.0f, -1.0f, 0.5f, 1e-30f, FLT_MIN, FLT_MAX,
                                    -FLT_MAX, 2147483648.0f, -2147483648.0f, 8388609.0f};
    uint32_t bits = drawn();
    float value;
    memcpy(&value, &bits, sizeof value); /* infinities and NaN among them */
    return below(2) == 0 ? value : choices[below(sizeof choices / sizeof choices[0])];
}

static void numbers(void)
{
    int8_t *found = heap(4);
    float values[4];
    pal_quantisation to = {below(2) == 0 ? 0.1f : extreme_float(), below(2) == 0 ? 3 : extreme()};
    size_t i;
    for (i = 0; i < 4; i++) {
        values[i] = extreme_float();
        (void)pal_log_f32(values[i]);
        (void)pal_log1p_f32(values[i]);
        (void)pal_exp_f32(values[i]);
        (void)pal_sqrt_f32(values[i]);
        (void)pal_asinh_f32(values[i]);
        (void)pal_round_half_even(values[i]);
    }
    note(pal_quantise_i8(below(20) == 0 ? NULL : &to, values, 4, found));
    free(found);
}

static void squeezing(void)
{
    size_t count = below(40);
    uint32_t channels = below(5);
    uint8_t *bytes = heap(count);
    int16_t *sound = heap(count * sizeof *sound);
    int32_t *traces = heap(count * sizeof *traces);
    int32_t *low = heap(channels * sizeof *low);
    int32_t *high = heap(channels * sizeof *high);
    note(pal_squeeze_u8(bytes, count, extreme()));
    note(pal_squeeze_i16(sound, count, extreme(), extreme(), extreme()));
    note(pal_squeeze_i32(traces, count, extreme(), channels, low, high));
    note(pal_mu_law_i16(sound, count, extreme()));
    free(bytes);
    free(sound);
    free(traces);
    free(low);
    free(high);
}

static void smoothing(void)
{
    uint32_t height = below(12);
    uint32_t width = below(12);
    uint32_t channels = below(4);
    uint32_t taps_count = below(12);
    size_t area = (size_t)height * width * channels;
    size_t scratch_count = below(40);
    uint8_t *picture = heap(area);
    uint8_t *rows = heap(scratch_count);
    int16_t *sound = heap(area * sizeof *sound);
    int32_t *traces = heap(area * sizeof *traces);
    int16_t *taps = heap(taps_count * sizeof *taps);
    int32_t *window = heap(scratch_count * sizeof *window);
    note(pal_downsample_u8(picture, height, width, channels, (uint32_t)extreme()));
    note(pal_median3x3_u8(picture, height, width, channels, rows, scratch_count));
    note(pal_median3_i32(traces, area, channels));
    note(pal_low_pass_i16(sound, area, taps, taps_count, window, scratch_count));
    note(pal_low_pass_i32(traces, area, channels, taps, taps_count, window, scratch_count));
    free(picture);
    free(rows);
    free(sound);
    free(traces);
    free(taps);
    free(window);
}

static void plans(void)
{
    static int32_t low[16];
    static int32_t high[16];
    static const int16_t taps[5] = {INT16_MIN, INT16_MAX, INT16_MIN, INT16_MAX, INT16_MIN};
    static const size_t sizes[4] = {1, 1, 2, 4};
    uint32_t i;
    size_t scratch_bytes = below(2) == 0 ? 256 : below(64);
    size_t needed;
    void *scratch = heap(scratch_bytes);
    pal_filter filters[3];
    pal_preprocess_plan plan = {(int32_t)below(5), below(9), below(3), below(4), low, high,
                                below(4), filters};
    size_t count = (size_t)plan.height * plan.width * plan.channels;
    void *values = heap(count * sizes[plan.sample & 3]);
    for (i = 0; i < 16; i++) {
        low[i] = below(9) == 0 ? extreme() : INT16_MIN;
        high[i] = below(9) == 0 ? extreme() : INT16_MAX;
    }
    for (i = 0; i < 3; i++) {
        filters[i].kind = (int32_t)below(7);
        filters[i].strength = (int32_t)below(18);
        filters[i].taps_count = below(7);
        filters[i].taps = below(20) == 0 ? NULL : taps;
    }
    note(pal_preprocess_check(&plan, &needed));
    note(pal_preprocess(&plan, values, count, scratch, scratch_bytes));
    free(scratch);
    free(values);
}

enum { LENGTH = 128, BANDS = 4, WINDOW = 100, HOP = 60, ROW = 3, WEIGHTS = 8 };

typedef struct {
    pal_mfcc_tables tables;
    float *taper;
    float *cosine;
    float *weights;
    float *cepstral;
    uint16_t first_bin[BANDS];
    uint16_t bins[BANDS];
} cepstra;

static float *table(size_t count)
{
    size_t i;
    float *made = malloc(count * sizeof *made);
    int sound = below(4) != 0;
    if (made == NULL) {
        abort();
    }
    for (i = 0; i < count; i++) {
        made[i] = sound ? (float)below(1000) / 1000.0f : extreme_float();
    }
    return made;
}

static void make(cepstra *with)
{
    pal_mfcc_tables tables = {WINDOW, HOP, LENGTH, BANDS, ROW, WEIGHTS, 0.4f, NULL, NULL, NULL,
                              NULL, NULL, NULL};
    uint32_t *field = &tables.window + below(6);
    uint32_t i;
    for (i = 0; i < BANDS; i++) {
        with->first_bin[i] = (uint16_t)(below(30) == 0 ? drawn() : 1 + below(60));
        with->bins[i] = (uint16_t)(below(30) == 0 ? drawn() : 2);
    }
    with->taper = table(WINDOW);
    with->cosine = table(LENGTH / 4 + 1);
    with->weights = table(WEIGHTS);
    with->cepstral = table(ROW * BANDS);
    tables.taper = with->taper;
    tables.cosine = with->cosine;
    tables.first_bin = with->first_bin;
    tables.bins = with->bins;
    tables.weights = with->weights;
    tables.cepstral = below(40) == 0 ? NULL : with->cepstral;
    if (below(6) == 0) { /* a geometry that must be refused, as its tables would be too short */
        *field = below(2) == 0 ? 0 : *field * 4096u;
    }
    if (below(20) == 0) {
        tables.energy_offset = extreme_float();
    }
    with->tables = tables;
}

static void hearing(void)
{
    cepstra with;
    size_t count = below(400);
    size_t scratch_count = below(3) == 0 ? below(200) : LENGTH + BANDS + ROW;
    size_t features_count = below(2) == 0 ? below(20) : 3 * ROW;
    size_t clip_count = below(2) == 0 ? count : WINDOW + 2 * HOP;
    int16_t *sound = heap(count * sizeof *sound);
    int16_t *clip = heap(clip_count * sizeof *clip);
    float *scratch = heap(scratch_count * sizeof *scratch);
    float *features = heap(features_count * sizeof *features);
    int8_t *steps = heap(features_count);
    int16_t *frame = heap(WINDOW * sizeof *frame);
    int16_t *tail = heap(WINDOW * sizeof *tail);
    int8_t *rows = heap(3 * ROW);
    int8_t *row = heap(ROW);
    pal_quantisation to = {0.1f, 0};
    pal_mfcc_stream stream = {tail, rows, 3, below(WINDOW + 2), below(5)};
    uint8_t ready;
    make(&with);
    note(pal_mfcc_frame_i8(&with.tables, &to, frame, WINDOW, scratch, scratch_count, row));
    note(pal_mfcc_clip(&with.tables, clip, clip_count, scratch, scratch_count, features,
                       features_count));
    note(pal_mfcc_clip_i8(&with.tables, &to, clip, clip_count, scratch, scratch_count, steps,
                          features_count));
    note(pal_mfcc_push(&with.tables, &to, &stream, sound, count, scratch, scratch_count, &ready));
    note(pal_mfcc_push(&with.tables, &to, &stream, sound, count, scratch, scratch_count, &ready));
    free(with.taper);
    free(with.cosine);
    free(with.weights);
    free(with.cepstral);
    free(sound);
    free(clip);
    free(scratch);
    free(features);
    free(steps);
    free(frame);
    free(tail);
    free(rows);
    free(row);
}

static void moving(void)
{
    int32_t kinds[3];
    float mg[3];
    size_t count = below(4) == 0 ? below(100) : 60;
    size_t features_count = below(4) == 0 ? below(20) : 15;
    int32_t *traces = heap(count * sizeof *traces);
    float *features = heap(features_count * sizeof *features);
    int8_t *steps = heap(features_count);
    pal_quantisation to = {0.1f, 0};
    pal_traces_tables tables = {below(9) == 0 ? (uint32_t)extreme() : 20,
                                below(9) == 0 ? (uint32_t)extreme() : 3,
                                below(9) == 0 ? (uint32_t)extreme() : 4,
                                below(4) == 0 ? extreme_float() : 100.0f,
                                below(4) == 0 ? extreme_float() : 100.0f, kinds, mg};
    size_t i;
    for (i = 0; i < 3; i++) {
        kinds[i] = below(20) == 0 ? extreme() : 1 + (int32_t)below(2);
        mg[i] = below(8) == 0 ? extreme_float() : 1.0f;
    }
    if (tables.channels <= 3) { /* the tables above are no longer than that */
        note(pal_traces_f32(&tables, traces, count, features, features_count));
        note(pal_traces_i8(&tables, &to, traces, count, steps, features_count));
    }
    free(traces);
    free(features);
    free(steps);
}

static void seeing(void)
{
    size_t count = below(50);
    size_t scratch_bytes = below(2) == 0 ? 256 : below(256);
    uint8_t *pixels = heap(count);
    int8_t *steps = heap(count);
    float *features = heap(count * sizeof *features);
    void *scratch = heap(scratch_bytes);
    pal_filter filter = {(int32_t)below(4), (int32_t)below(9), 0, NULL};
    pal_preprocess_plan plan = {PAL_SAMPLE_U8, (uint32_t)count, 1, 1, NULL, NULL, 1, &filter};
    pal_front_end front = {(int32_t)below(5), (uint32_t)count, (uint32_t)count,
                           {below(4) == 0 ? extreme_float() : 0.004f, 0},
                           below(2) == 0 ? &plan : NULL, NULL, NULL};
    note(pal_pixels_f32(pixels, count, features));
    note(pal_front_end_i8(&front, pixels, count, scratch, scratch_bytes, steps, count));
    free(pixels);
    free(steps);
    free(features);
    free(scratch);
}

int main(int argc, char **argv)
{
    long i;
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 1000;
    for (i = 0; i < rounds; i++) {
        numbers();
        squeezing();
        smoothing();
        plans();
        hearing();
        moving();
        seeing();
    }
    printf("%lu %lu %lu %lu %lu\n", counts[PAL_OK], counts[PAL_FAULT_ARGUMENT],
           counts[PAL_FAULT_LENGTH], counts[PAL_FAULT_NOT_FINITE], counts[PAL_FAULT_RANGE]);
    return 0;
}
