#include "palisade/traces.h"

/* One channel of a trace; what is left of it without its mean is kept times `samples`, as an
 * integer of up to 49 bits, which is exact. */
typedef struct {
    const int32_t *first; /* its first value */
    uint32_t step;        /* values to its next one */
    uint32_t samples;
    int64_t sum;
    float mg_per_count;
} channel_of_trace;

static int64_t moving(const channel_of_trace *channel, uint32_t at)
{
    return (int64_t)channel->first[(size_t)at * channel->step] * channel->samples - channel->sum;
}

static channel_of_trace channel_at(const pal_traces_tables *tables, const int32_t *traces,
                                   uint32_t place)
{
    uint32_t t;
    channel_of_trace channel = {traces + place, tables->channels, tables->samples, 0,
                                tables->mg_per_count[place]};
    for (t = 0; t < channel.samples; t++) {
        channel.sum += channel.first[(size_t)t * channel.step];
    }
    return channel;
}

static float shaken(const pal_traces_tables *tables, const channel_of_trace *channel,
                    uint32_t start)
{
    uint32_t t;
    float sum = 0.0f;
    for (t = 0; t < tables->frame_samples; t++) {
        float mean_free = (float)moving(channel, start + t) / (float)channel->samples;
        float ratio = mean_free * channel->mg_per_count / tables->acc_offset_mg;
        float square = ratio * ratio;
        sum += square * square;
    }
    return 0.25f * pal_log1p_f32(sum / (float)tables->frame_samples);
}

static float passive_infrared(const pal_traces_tables *tables, const channel_of_trace *channel,
                              uint32_t start)
{
    uint32_t t;
    int64_t sum = 0;
    float mean;
    for (t = 0; t < tables->frame_samples; t++) {
        sum += moving(channel, start + t);
    }
    mean = (float)sum / (float)(channel->samples * tables->frame_samples);
    return pal_asinh_f32(mean * channel->mg_per_count / tables->pir_offset_mg);
}

static int32_t is_positive(float x)
{
    return x > 0.0f && pal_is_finite(x);
}

pal_status pal_traces_check(const pal_traces_tables *tables)
{
    uint32_t c;
    if (tables == NULL || tables->kinds == NULL || tables->mg_per_count == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    if (tables->samples == 0 || tables->samples > PAL_LONGEST_TRACE || tables->channels == 0 ||
        tables->channels > PAL_MOST_TRACES || tables->frame_samples == 0 ||
        tables->frame_samples > PAL_LONGEST_TRACE_FRAME ||
        tables->frame_samples > tables->samples) {
        return PAL_FAULT_RANGE;
    }
    if (!is_positive(tables->acc_offset_mg) || !is_positive(tables->pir_offset_mg)) {
        return PAL_FAULT_RANGE;
    }
    for (c = 0; c < tables->channels; c++) {
        if (tables->kinds[c] != PAL_TRACE_SHAKEN &&
            tables->kinds[c] != PAL_TRACE_PASSIVE_INFRARED) {
            return PAL_FAULT_ARGUMENT;
        }
        if (!is_positive(tables->mg_per_count[c])) {
            return PAL_FAULT_RANGE;
        }
    }
    return PAL_OK;
}

static pal_status check_call(const pal_traces_tables *tables, const int32_t *traces, size_t count,
                             const void *features, size_t features_count)
{
    pal_status status = pal_traces_check(tables);
    if (status != PAL_OK) {
        return status;
    }
    if (traces == NULL || features == NULL) {
        return PAL_FAULT_ARGUMENT;
    }
    if (count != (size_t)tables->samples * tables->channels ||
        features_count !=
            (size_t)(tables->samples / tables->frame_samples) * tables->channels) {
        return PAL_FAULT_LENGTH;
    }
    return PAL_OK;
}

/* The feature of one frame of a channel. */
static float feature(const pal_traces_tables *tables, const channel_of_trace *channel,
                     uint32_t place, uint32_t start)
{
    return tables->kinds[place] == PAL_TRACE_SHAKEN ? shaken(tables, channel, start)
                                                    : passive_infrared(tables, channel, start);
}

pal_status pal_traces_f32(const pal_traces_tables *tables, const int32_t *traces, size_t count,
                          float *features, size_t features_count)
{
    uint32_t c;
    uint32_t at;
    pal_status status = check_call(tables, traces, count, features, features_count);
    for (c = 0; status == PAL_OK && c < tables->channels; c++) {
        channel_of_trace channel = channel_at(tables, traces, c);
        for (at = 0; at < features_count / tables->channels; at++) {
            float found = feature(tables, &channel, c, at * tables->frame_samples);
            if (!pal_is_finite(found)) {
                return PAL_FAULT_NOT_FINITE;
            }
            features[(size_t)at * tables->channels + c] = found;
        }
    }
    return status;
}

pal_status pal_traces_i8(const pal_traces_tables *tables, const pal_quantisation *to,
                         const int32_t *traces, size_t count, int8_t *features,
                         size_t features_count)
{
    uint32_t c;
    uint32_t at;
    pal_status status = check_call(tables, traces, count, features, features_count);
    for (c = 0; status == PAL_OK && c < tables->channels; c++) {
        channel_of_trace channel = channel_at(tables, traces, c);
        for (at = 0; status == PAL_OK && at < features_count / tables->channels; at++) {
            float found = feature(tables, &channel, c, at * tables->frame_samples);
            size_t place = (size_t)at * tables->channels + c;
            status = pal_quantise_i8(to, &found, 1, features + place);
        }
    }
    return status;
}
