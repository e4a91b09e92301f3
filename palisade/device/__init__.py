"""The device's C99 library (``device/``) as Python calls it; nothing here needs TensorFlow.

=================  ===========================================================================
module             what it holds
=================  ===========================================================================
``library``        compiles ``device/src`` with the system's C compiler and loads it
``preprocess``     feature squeezing and filters on raw samples, and the plan that orders them
``frontend``       raw samples to the network's int8 input, and the tables that this needs
``emulation``      the same functions on an emulated Cortex-M4F, with their instruction counts
=================  ===========================================================================
"""
