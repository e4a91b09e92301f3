/* Rows of features from frames of sound; for the sources of this folder alone. */
#ifndef PALISADE_ROWS_H
#define PALISADE_ROWS_H

#include "palisade/mfcc.h"

/* As pal_mfcc_frame_i8 of a window of samples, but for checks: they were made by who calls. */
pal_status pal_mfcc_row_i8(const pal_mfcc_tables *tables, const pal_quantisation *to,
                           const int16_t *samples, float *scratch, int8_t *row);

#endif
