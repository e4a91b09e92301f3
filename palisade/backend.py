"""TensorFlow and Keras 2, set up once so that every run gives the same bytes.

Import ``tf``, ``keras`` and ``tfmot`` from here and nowhere else: the settings must come before
TensorFlow is first imported, and TensorFlow Model Optimization works on Keras 2 only.
"""

from __future__ import annotations

import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from palisade.quiet import native_stderr
from palisade.seeds import derive

with native_stderr():  # it announces the processor, and the graphics card that is not there
    import tensorflow as tf
    import tensorflow_model_optimization as tfmot
    import tf_keras as keras

__all__ = ["keras", "set_seed", "tf", "tfmot"]

# Fixed whatever the machine has: the order of a sum depends on the number of threads.
INTRA_OP_THREADS = 2
INTER_OP_THREADS = 1

tf.config.threading.set_intra_op_parallelism_threads(INTRA_OP_THREADS)
tf.config.threading.set_inter_op_parallelism_threads(INTER_OP_THREADS)
tf.config.experimental.enable_op_determinism()
tf.get_logger().setLevel("ERROR")
with native_stderr():
    tf.constant(0)  # the first operation looks for devices


def set_seed(seed: int, *names: str | int) -> None:
    """Seed Python's, NumPy's and TensorFlow's global generators by name."""
    keras.utils.set_random_seed(derive(seed, *names) % 2**32)
