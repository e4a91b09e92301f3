#include "palisade/squeeze.h"

#include "arguments.h"

pal_status pal_squeeze_u8(uint8_t *values, size_t count, int32_t bits)
{
    size_t i;
    uint32_t steps;
    pal_status status = check_values(values, count, 1);
    if (status == PAL_OK) {
        status = check_bits(bits, 1, 8);
    }
    if (status != PAL_OK) {
        return status;
    }
    steps = (1u << bits) - 1u;
    for (i = 0; i < count; i++) {
        uint32_t level = (2u * values[i] * steps + 255u) / 510u;
        values[i] = (uint8_t)((2u * level * 255u + steps) / (2u * steps));
    }
    return PAL_OK;
}

pal_status pal_squeeze_i16(int16_t *values, size_t count, int32_t bits, int32_t low, int32_t high)
{
    size_t i;
    uint32_t steps;
    uint32_t span;
    pal_status status = check_values(values, count, 1);
    if (status == PAL_OK) {
        status = check_bits(bits, 1, 15);
    }
    if (status == PAL_OK) {
        status = check_bounds(&low, &high, 1, INT16_MIN, INT16_MAX);
    }
    if (status != PAL_OK) {
        return status;
    }
    steps = (1u << bits) - 1u; /* 2 * steps * span + span is below 2^32 */
    span = (uint32_t)(high - low);
    for (i = 0; i < count; i++) {
        int32_t value = values[i] < low ? low : values[i] > high ? high : values[i];
        uint32_t level = (2u * (uint32_t)(value - low) * steps + span) / (2u * span);
        values[i] = (int16_t)(low + (int32_t)((2u * level * span + steps) / (2u * steps)));
    }
    return PAL_OK;
}

static int32_t squeezed(int64_t value, uint64_t steps, int64_t low, int64_t high)
{
    uint64_t span = (uint64_t)(high - low); /* 2 * steps * span is below 2^49 */
    uint64_t level;
    value = value < low ? low : value > high ? high : value;
    level = (2u * (uint64_t)(value - low) * steps + span) / (2u * span);
    return (int32_t)(low + (int64_t)((2u * level * span + steps) / (2u * steps)));
}

pal_status pal_squeeze_i32(int32_t *values, size_t count, int32_t bits, uint32_t channels,
                           const int32_t *low, const int32_t *high)
{
    size_t t;
    uint32_t c;
    pal_status status = check_values(values, count, channels);
    if (status == PAL_OK) {
        status = check_bits(bits, 1, 16);
    }
    if (status == PAL_OK) {
        status = check_bounds(low, high, channels, INT32_MIN, INT32_MAX);
    }
    if (status != PAL_OK) {
        return status;
    }
    for (t = 0; t < count; t += channels) {
        for (c = 0; c < channels; c++) {
            uint64_t steps = ((uint64_t)1 << bits) - 1u;
            values[t + c] = squeezed(values[t + c], steps, low[c], high[c]);
        }
    }
    return PAL_OK;
}

/* Companding: a biased size of 2^(7 + segment) or above lies in that segment, whose
 * 2^(bits - 4) steps are told apart; it comes back as the middle of its step. */
static int32_t companded(int32_t value, int32_t bits)
{
    int32_t bias = 128 + (1 << (10 - bits));
    int32_t size = value < 0 ? -value : value;
    int32_t step = 1 << (11 - bits);
    int32_t end = 256; /* of the segment */
    size = (size < 32767 - bias ? size : 32767 - bias) + bias;
    while (size >= end) { /* at most seven times, as size is below 2^15 */
        end *= 2;
        step *= 2;
    }
    size = size - size % step + step / 2 - bias;
    return value < 0 ? -size : size;
}

pal_status pal_mu_law_i16(int16_t *values, size_t count, int32_t bits)
{
    size_t i;
    pal_status status = check_values(values, count, 1);
    if (status == PAL_OK) {
        status = check_bits(bits, 4, 10);
    }
    if (status != PAL_OK) {
        return status;
    }
    for (i = 0; i < count; i++) {
        values[i] = (int16_t)companded(values[i], bits);
    }
    return PAL_OK;
}
