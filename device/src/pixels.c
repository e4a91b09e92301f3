#include "palisade/pixels.h"

static float centred(uint8_t pixel)
{
    return (float)pixel / 255.0f - 128.0f / 255.0f;
}

static pal_status check_call(const uint8_t *pixels, size_t count, const void *features)
{
    if (pixels == NULL || features == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    return count == 0 || count > PAL_LONGEST_SAMPLE ? PAL_FAULT_LENGTH : PAL_OK;
}

pal_status pal_pixels_f32(const uint8_t *pixels, size_t count, float *features)
{
    size_t i;
    pal_status status = check_call(pixels, count, features);
    for (i = 0; status == PAL_OK && i < count; i++) {
        features[i] = centred(pixels[i]);
    }
    return status;
}

pal_status pal_pixels_table(const pal_quantisation *to, int8_t table[256])
{
    uint32_t value;
    pal_status status = table == NULL ? PAL_FAULT_ARGUMENT : PAL_OK;
    for (value = 0; status == PAL_OK && value < PAL_PIXEL_VALUES; value++) {
        float feature = centred((uint8_t)value);
        status = pal_quantise_i8(to, &feature, 1, table + value);
    }
    return status;
}

pal_status pal_pixels_i8(const int8_t table[256], const uint8_t *pixels, size_t count,
                         int8_t *features)
{
    size_t i;
    pal_status status = check_call(pixels, count, features);
    if (table == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    for (i = 0; status == PAL_OK && i < count; i++) {
        features[i] = table[pixels[i]];
    }
    return status;
}
