#include "palisade/smooth.h"

#include "arguments.h"

/* Block means */

typedef struct {
    uint8_t *first; /* upper left value of the block, of one channel */
    uint32_t height;
    uint32_t width;
    uint32_t step;   /* values to the next pixel */
    size_t row_step; /* values to the next row */
} block_of_pixels;

static void level_out(const block_of_pixels *at)
{
    uint32_t row;
    uint32_t column;
    uint32_t sum = 0;
    uint32_t area = at->height * at->width;
    uint8_t mean;
    for (row = 0; row < at->height; row++) {
        for (column = 0; column < at->width; column++) {
            sum += at->first[row * at->row_step + column * at->step];
        }
    }
    mean = (uint8_t)((2u * sum + area) / (2u * area));
    for (row = 0; row < at->height; row++) {
        for (column = 0; column < at->width; column++) {
            at->first[row * at->row_step + column * at->step] = mean;
        }
    }
}

pal_status pal_downsample_u8(uint8_t *picture, uint32_t height, uint32_t width, uint32_t channels,
                             uint32_t block)
{
    uint32_t y;
    uint32_t x;
    uint32_t c;
    block_of_pixels at;
    pal_status status = check_picture(picture, height, width, channels);
    if (status != PAL_OK) {
        return status;
    }
    if (block == 0 || block > PAL_LARGEST_BLOCK) {
        return PAL_FAULT_RANGE;
    }
    at.step = channels;
    at.row_step = (size_t)width * channels;
    for (y = 0; y < height; y += block) {
        at.height = height - y < block ? height - y : block;
        for (x = 0; x < width; x += block) {
            at.width = width - x < block ? width - x : block;
            for (c = 0; c < channels; c++) {
                at.first = picture + y * at.row_step + (size_t)x * channels + c;
                level_out(&at);
            }
        }
    }
    return PAL_OK;
}

/* Low-pass. The window is a ring of the values around the current one as they were; what has
 * left it may be overwritten. */

typedef struct {
    int32_t *values;
    const int16_t *taps;
    uint32_t count;
    uint32_t oldest;
} window_of_values;

static void push(window_of_values *window, int32_t value)
{
    window->values[window->oldest] = value;
    window->oldest = window->oldest + 1 == window->count ? 0 : window->oldest + 1;
}

/* The weighted sum in Q15, a half going up; written without a shift of a negative number. */
static int64_t weighted(const window_of_values *window)
{
    uint32_t j;
    int64_t sum = 16384;
    uint32_t tail = window->count - window->oldest;
    for (j = 0; j < tail; j++) {
        sum += (int64_t)window->values[window->oldest + j] * window->taps[j];
    }
    for (j = tail; j < window->count; j++) {
        sum += (int64_t)window->values[j - tail] * window->taps[j];
    }
    return sum >= 0 ? sum / 32768 : -((32767 - sum) / 32768);
}

static int64_t bounded(int64_t value, int64_t least, int64_t most)
{
    return value < least ? least : value > most ? most : value;
}

static pal_status check_low_pass(const int16_t *taps, uint32_t taps_count, const int32_t *window,
                                 size_t window_count)
{
    pal_status status = check_taps(taps, taps_count);
    if (status != PAL_OK) {
        return status;
    }
    if (window == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    return window_count < taps_count ? PAL_FAULT_LENGTH : PAL_OK;
}

pal_status pal_low_pass_i16(int16_t *values, size_t count, const int16_t *taps,
                            uint32_t taps_count, int32_t *window, size_t window_count)
{
    size_t t;
    size_t half = taps_count / 2;
    window_of_values around = {window, taps, taps_count, 0};
    pal_status status = check_values(values, count, 1);
    if (status == PAL_OK) {
        status = check_low_pass(taps, taps_count, window, window_count);
    }
    if (status != PAL_OK) {
        return status;
    }
    for (t = 0; t < taps_count; t++) {
        push(&around, values[t < half ? 0 : t - half < count ? t - half : count - 1]);
    }
    for (t = 0; t < count; t++) {
        size_t next = t + half + 1;
        int16_t value = values[next < count ? next : count - 1];
        values[t] = (int16_t)bounded(weighted(&around), INT16_MIN, INT16_MAX);
        push(&around, value);
    }
    return PAL_OK;
}

static void low_pass_channel(int32_t *values, size_t count, uint32_t step,
                             window_of_values *around)
{
    size_t t;
    size_t half = around->count / 2;
    for (t = 0; t < around->count; t++) {
        size_t at = t < half ? 0 : t - half < count ? t - half : count - 1;
        push(around, values[at * step]);
    }
    for (t = 0; t < count; t++) {
        size_t next = t + half + 1;
        int32_t value = values[(next < count ? next : count - 1) * step];
        values[t * step] = (int32_t)bounded(weighted(around), INT32_MIN, INT32_MAX);
        push(around, value);
    }
}

pal_status pal_low_pass_i32(int32_t *values, size_t count, uint32_t channels, const int16_t *taps,
                            uint32_t taps_count, int32_t *window, size_t window_count)
{
    uint32_t c;
    window_of_values around = {window, taps, taps_count, 0};
    pal_status status = check_values(values, count, channels);
    if (status == PAL_OK) {
        status = check_low_pass(taps, taps_count, window, window_count);
    }
    if (status != PAL_OK) {
        return status;
    }
    for (c = 0; c < channels; c++) {
        around.oldest = 0;
        low_pass_channel(values + c, count / channels, channels, &around);
    }
    return PAL_OK;
}
