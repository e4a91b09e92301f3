#include "palisade/median.h"

#include "arguments.h"

/* Medians. That of nine is the median of the largest of three columns' least, the middle of
 * their middles and the least of their largest; a column is sorted once and looked at thrice. */

typedef struct {
    int32_t least;
    int32_t middle;
    int32_t largest;
} column_of_three;

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t larger(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

static int32_t median_of_three(int32_t a, int32_t b, int32_t c)
{
    return larger(smaller(a, b), smaller(larger(a, b), c));
}

static column_of_three sorted(int32_t a, int32_t b, int32_t c)
{
    column_of_three column;
    column.least = smaller(smaller(a, b), c);
    column.middle = median_of_three(a, b, c);
    column.largest = larger(larger(a, b), c);
    return column;
}

static int32_t median_of_nine(const column_of_three *a, const column_of_three *b,
                              const column_of_three *c)
{
    return median_of_three(larger(larger(a->least, b->least), c->least),
                           median_of_three(a->middle, b->middle, c->middle),
                           smaller(smaller(a->largest, b->largest), c->largest));
}

/* One channel of one row; the four rows are `width` pixels, `step` values apart. */
static void median_row(const uint8_t *above, const uint8_t *here, const uint8_t *below,
                       uint8_t *result, uint32_t width, uint32_t step)
{
    uint32_t x;
    column_of_three left = sorted(above[0], here[0], below[0]);
    column_of_three centre = left;
    column_of_three right = left;
    for (x = 0; x < width; x++) {
        if (x + 1 < width) {
            size_t next = (size_t)(x + 1) * step;
            right = sorted(above[next], here[next], below[next]);
        }
        result[(size_t)x * step] = (uint8_t)median_of_nine(&left, &centre, &right);
        left = centre;
        centre = right;
    }
}

static void copy_bytes(uint8_t *to, const uint8_t *from, size_t count)
{
    size_t i;
    for (i = 0; i < count; i++) {
        to[i] = from[i];
    }
}

pal_status pal_median3x3_u8(uint8_t *picture, uint32_t height, uint32_t width, uint32_t channels,
                            uint8_t *rows, size_t rows_bytes)
{
    uint32_t y;
    uint32_t c;
    size_t row_bytes;
    pal_status status = check_picture(picture, height, width, channels);
    if (status != PAL_OK) {
        return status;
    }
    row_bytes = (size_t)width * channels;
    if (rows == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    if (rows_bytes < 2 * row_bytes) {
        return PAL_FAULT_LENGTH;
    }
    copy_bytes(rows, picture, row_bytes); /* the row above, as it was */
    for (y = 0; y < height; y++) {
        uint8_t *row = picture + y * row_bytes;
        uint8_t *above = rows + (y % 2) * row_bytes;
        uint8_t *here = rows + (1 - y % 2) * row_bytes;
        copy_bytes(here, row, row_bytes);
        for (c = 0; c < channels; c++) {
            const uint8_t *below = y + 1 < height ? row + row_bytes : here;
            median_row(above + c, here + c, below + c, row + c, width, channels);
        }
    }
    return PAL_OK;
}

pal_status pal_median3_i32(int32_t *values, size_t count, uint32_t channels)
{
    size_t t;
    uint32_t c;
    pal_status status = check_values(values, count, channels);
    if (status != PAL_OK) {
        return status;
    }
    for (c = 0; c < channels; c++) {
        int32_t before = values[c];
        for (t = c; t < count; t += channels) {
            int32_t here = values[t];
            int32_t after = count - t > channels ? values[t + channels] : here;
            values[t] = median_of_three(before, here, after);
            before = here;
        }
    }
    return PAL_OK;
}
