#include "palisade/stream.h"

static pal_status check_stream(const pal_mfcc_tables *tables, const pal_mfcc_stream *stream)
{
    if (stream == NULL || stream->tail == NULL || stream->features == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    if (stream->frames == 0 || stream->frames > PAL_MOST_FRAMES ||
        stream->heard > stream->frames) {
        return PAL_FAULT_RANGE;
    }
    return stream->held >= tables->window ? PAL_FAULT_RANGE : PAL_OK;
}

pal_status pal_mfcc_restart(pal_mfcc_stream *stream)
{
    if (stream == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    stream->held = 0;
    stream->heard = 0;
    return PAL_OK;
}

/* Makes room for a row at the end, and says where. */
static int8_t *next_row(const pal_mfcc_tables *tables, pal_mfcc_stream *stream)
{
    size_t i;
    size_t last = (size_t)(stream->frames - 1) * tables->coefficients;
    for (i = 0; i < last; i++) {
        stream->features[i] = stream->features[i + tables->coefficients];
    }
    return stream->features + last;
}

/* The tail is a whole frame: computes its row and keeps what the next frame begins with. */
static pal_status take_frame(const pal_mfcc_tables *tables, const pal_quantisation *to,
                             pal_mfcc_stream *stream, float *scratch, size_t scratch_count)
{
    uint32_t i;
    pal_status status = pal_mfcc_frame_i8(tables, to, stream->tail, tables->window, scratch,
                                          scratch_count, next_row(tables, stream));
    if (status != PAL_OK) {
        (void)pal_mfcc_restart(stream);
        return status;
    }
    stream->held = tables->window - tables->hop;
    for (i = 0; i < stream->held; i++) {
        stream->tail[i] = stream->tail[i + tables->hop];
    }
    stream->heard += stream->heard < stream->frames;
    return PAL_OK;
}

/* Copies as many samples as the tail has room for, and says how many: at least one of any. */
static size_t fill(const pal_mfcc_tables *tables, pal_mfcc_stream *stream,
                   const int16_t *samples, size_t count)
{
    size_t i;
    size_t room = tables->window - stream->held;
    size_t taken = count < room ? count : room;
    int16_t *end = stream->tail + stream->held;
    for (i = 0; i < taken; i++) {
        end[i] = samples[i];
    }
    stream->held += (uint32_t)taken;
    return taken;
}

pal_status pal_mfcc_push(const pal_mfcc_tables *tables, const pal_quantisation *to,
                         pal_mfcc_stream *stream, const int16_t *samples, size_t count,
                         float *scratch, size_t scratch_count, uint8_t *ready)
{
    size_t needed;
    pal_status status = pal_mfcc_check(tables, &needed);
    if (status == PAL_OK) {
        status = pal_quantisation_check(to);
    }
    if (status == PAL_OK) {
        status = check_stream(tables, stream);
    }
    if (status != PAL_OK) {
        return status;
    }
    if (samples == NULL || scratch == NULL || ready == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    if (scratch_count < needed) {
        return PAL_FAULT_LENGTH;
    }
    while (status == PAL_OK && count > 0) {
        size_t taken = fill(tables, stream, samples, count);
        samples += taken;
        count -= taken;
        if (stream->held == tables->window) {
            status = take_frame(tables, to, stream, scratch, scratch_count);
        }
    }
    *ready = stream->heard == stream->frames;
    return status;
}
