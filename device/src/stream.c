#include "palisade/stream.h"

#include "rows.h"

/* Samples that are pushed: those from `at` on are yet to be heard. */
typedef struct {
    const int16_t *samples;
    size_t at;
    size_t count;
} sound;

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

/* How many frames will be whole with that sound. */
static size_t frames_in(const pal_mfcc_tables *tables, const pal_mfcc_stream *stream, size_t count)
{
    size_t missing = tables->window - stream->held;
    return count < missing ? 0 : (count - missing) / tables->hop + 1;
}

/* Makes room for rows at the end, at once for all frames of a push, and says where; of more
 * frames than the stream keeps, the last ones count. */
static int8_t *make_room(const pal_mfcc_tables *tables, pal_mfcc_stream *stream, size_t frames)
{
    size_t i;
    size_t rows = frames < stream->frames ? frames : stream->frames;
    size_t room = rows * tables->coefficients;
    size_t last = (size_t)stream->frames * tables->coefficients - room;
    for (i = 0; rows > 0 && i < last; i++) {
        stream->features[i] = stream->features[i + room];
    }
    return stream->features + last;
}

/* Copies as many samples as the tail has room for: at least one of any. */
static void fill(const pal_mfcc_tables *tables, pal_mfcc_stream *stream, sound *from)
{
    size_t i;
    size_t room = tables->window - stream->held;
    size_t taken = from->count - from->at < room ? from->count - from->at : room;
    int16_t *end = stream->tail + stream->held;
    const int16_t *samples = from->samples + from->at;
    for (i = 0; i < taken; i++) {
        end[i] = samples[i];
    }
    stream->held += (uint32_t)taken;
    from->at += taken;
}

/* Leaves in the tail what the next frame begins with; or goes back in the sound, if it is there. */
static void keep(const pal_mfcc_tables *tables, pal_mfcc_stream *stream, sound *from)
{
    uint32_t i;
    stream->held = tables->window - tables->hop;
    if (from->at >= stream->held) {
        from->at -= stream->held;
        stream->held = 0;
    }
    for (i = 0; i < stream->held; i++) {
        stream->tail[i] = stream->tail[i + tables->hop];
    }
}

/* The next whole frame, in the tail or in the sound itself, or NULL: all is in the tail. */
static const int16_t *next_frame(const pal_mfcc_tables *tables, pal_mfcc_stream *stream,
                                 sound *from)
{
    if (stream->held == 0 && from->count - from->at >= tables->window) {
        const int16_t *frame = from->samples + from->at;
        from->at += tables->hop;
        return frame;
    }
    fill(tables, stream, from);
    return stream->held == tables->window ? stream->tail : NULL;
}

static pal_status take_frames(const pal_mfcc_tables *tables, const pal_quantisation *to,
                              pal_mfcc_stream *stream, sound *from, float *scratch)
{
    size_t frames = frames_in(tables, stream, from->count);
    int8_t *row = make_room(tables, stream, frames);
    pal_status status = PAL_OK;
    while (status == PAL_OK && from->at < from->count) {
        const int16_t *frame = next_frame(tables, stream, from);
        if (frame != NULL) {
            status = pal_mfcc_row_i8(tables, to, frame, scratch, row);
            stream->heard += stream->heard < stream->frames;
            if (frames > stream->frames) { /* the next one takes its place */
                frames--;
            } else {
                row += tables->coefficients;
            }
        }
        if (frame == stream->tail) {
            keep(tables, stream, from);
        }
    }
    return status;
}

pal_status pal_mfcc_push(const pal_mfcc_tables *tables, const pal_quantisation *to,
                         pal_mfcc_stream *stream, const int16_t *samples, size_t count,
                         float *scratch, size_t scratch_count, uint8_t *ready)
{
    size_t needed;
    sound from = {samples, 0, count};
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
    status = take_frames(tables, to, stream, &from, scratch);
    if (status != PAL_OK) {
        (void)pal_mfcc_restart(stream);
    }
    *ready = stream->heard == stream->frames;
    return status;
}
