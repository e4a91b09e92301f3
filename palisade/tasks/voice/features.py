"""The audio front end: one second of sound to mel-frequency cepstral coefficients.

It can be reproduced in C and on a stream: causal by frame, of fixed gain, with no peak
normalisation and no statistic of the whole clip. The logarithm's offset is a defence. It
bounds how far a perturbation in a quiet band can move a feature, as a Lipschitz bound would.
"""

from __future__ import annotations

from typing import Any

import scipy.signal

from palisade.backend import tf
from palisade.cepstrum import cepstral_matrix, mel_filters
from palisade.errors import PalisadeError
from palisade.tasks.voice.geometry import Params


class FrontEnd:
    """Differentiable MFCC: sound as float32 in [-1, 1) to the network's input.

    Power spectrum of Hann windows, triangular filters equally spaced on the HTK mel scale
    with unit peaks, ``log(x + c) - log(c)``, and a liftered DCT-II (Davis and Mermelstein,
    IEEE Trans. ASSP 28(4), 1980; Young et al., The HTK Book, section 5.4). Digital silence is
    all zeros, and coefficient 0 is the mean over the filters.

    Attributes:
        shape: ``(frames, coefficients, 1)``.
    """

    def __init__(self, params: Params) -> None:
        self.params = params
        self.shape = (params.frames, params.coefficients, 1)
        self._window = tf.constant(scipy.signal.get_window("hann", params.window), dtype=tf.float32)
        self._mel = tf.constant(mel_filters(params), dtype=tf.float32)
        self._dct = tf.constant(cepstral_matrix(params), dtype=tf.float32)

    def __call__(self, x: Any) -> Any:
        """Features ``[n, frames, coefficients, 1]`` of sound ``[n, samples]`` in [-1, 1).

        Raises:
            PalisadeError: The clips are of another length than the params say.
        """
        if x.shape[1] != self.params.samples:
            raise PalisadeError(
                f"clips have {x.shape[1]} samples, and features expects {self.params.samples}",
                "give features and prepare the same sample_rate_hz and clip_ms",
            )
        energy = tf.matmul(self._power(x), self._mel)
        logs = tf.math.log1p(energy / self.params.energy_offset)
        return tf.matmul(logs, self._dct)[..., tf.newaxis]

    def _power(self, x: Any) -> Any:
        """Power spectra ``[n, frames, bins]``, with the gradient written out.

        Left to itself, TensorFlow spends more on the gradient of the framing than on all else.
        """
        length = self.params.fft_length

        @tf.custom_gradient
        def power(x: Any) -> Any:
            spectrum = tf.signal.rfft(self._framed(x) * self._window, [length])

            def gradient(upstream: Any) -> Any:
                # d|S_k|^2 / dx_n = 2 Re(S_k e^{i 2 pi k n / N}); irfft doubles each bin but
                # the first and the last, on which no filter stands.
                scaled = tf.cast(upstream, tf.complex64) * spectrum
                frames = tf.signal.irfft(scaled, [length])[..., : self.params.window]
                return self._added(frames * (self._window * length))

            return tf.math.real(spectrum) ** 2 + tf.math.imag(spectrum) ** 2, gradient

        return power(x)

    def _framed(self, x: Any) -> Any:
        """``[n, frames, window]`` overlapping frames of ``[n, samples]``, by two reshapes."""
        count, hop = self.params.frames, self.params.hop
        padded = tf.pad(x, [[0, 0], [0, hop]])
        head = tf.reshape(padded[:, : count * hop], [-1, count, hop])
        tail = tf.reshape(padded[:, hop : (count + 1) * hop], [-1, count, hop])
        return tf.concat([head, tail[..., : self.params.window - hop]], axis=-1)

    def _added(self, frames: Any) -> Any:
        """The transpose of ``_framed``: overlapping frames added up to ``[n, samples]``."""
        count, hop, samples = self.params.frames, self.params.hop, self.params.samples
        tail = tf.pad(frames[..., hop:], [[0, 0], [0, 0], [0, 2 * hop - self.params.window]])
        head = tf.reshape(frames[..., :hop], [-1, count * hop])
        whole = tf.pad(head, [[0, 0], [0, hop]])
        whole += tf.pad(tf.reshape(tail, [-1, count * hop]), [[0, 0], [hop, 0]])
        rest = max(0, samples - (count + 1) * hop)
        return tf.pad(whole[:, :samples], [[0, 0], [0, rest]])
