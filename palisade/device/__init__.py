"""The device's C99 library (``device/``) as Python calls it; nothing here needs TensorFlow.

=================  ===========================================================================
module             what it holds
=================  ===========================================================================
``library``        compiles ``device/src`` with the system's C compiler and loads it
``records``        C structs from plain data
``preprocess``     feature squeezing and filters on raw samples, in the order of a plan
``plans``          such plans from a task's params
``frontend``       raw samples to the network's int8 input, and the tables that this needs
``guard``          a guard's verdicts on thousands of answers, and a guard as a C record
``step``           one stream of frames, with Python in the firmware's places
``agreement``      pooling and decision of several sensors
``sha256``         hashing and attestation
``emulation``      the same functions on an emulated Cortex-M4F, with their instruction counts
=================  ===========================================================================
"""
