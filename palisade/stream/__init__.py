"""A decision over a stream without end, and its figures: false accepts an hour, false rejects.

==================  ==========================================================================
module              what it holds
==================  ==========================================================================
``recording``       some time of a stream as the network hears it: windows, and what is said
``decision``        logits to margins, their smoothing, the threshold and the pause after it
``hearing``         recordings to margins: LiteRT for all windows, TFLM for those that count
``thresholds``      the threshold, from calibration recordings
``figures``         what a threshold accepts and misses, and the curve over all of them
==================  ==========================================================================
"""
