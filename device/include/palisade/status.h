/* What every function of the library answers.
 *
 * A function that can be given a wrong argument returns a pal_status. On any status but PAL_OK
 * it has written nothing that a caller may use.
 *
 * These headers are read twice: by a C or C++ compiler, and by cffi, which skips the lines of
 * the preprocessor and what stands between `#ifdef __cplusplus` and `#endif`. So a declaration
 * contains no macro, and constants are enums.
 */
#ifndef PALISADE_STATUS_H
#define PALISADE_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    PAL_OK = 0,
    PAL_FAULT_ARGUMENT,   /* a pointer is NULL or misaligned, or a table or choice is not valid */
    PAL_FAULT_LENGTH,     /* a buffer or sample has another length than the tables ask for */
    PAL_FAULT_NOT_FINITE, /* a result is not a finite number, so a table or an input is corrupt */
    PAL_FAULT_RANGE       /* a number is outside of the range that the header states */
} pal_status;

#ifdef __cplusplus
}
#endif

#endif
