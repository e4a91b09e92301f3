"""Why a model's image or an update is refused: one class a reason, with a status from 40 to 59."""

from __future__ import annotations

from palisade.refusal import Refusal


class ImageError(Refusal):
    """An image, or what is in it, is not as it must be."""


class BadMagic(ImageError):
    """The bytes do not begin as an MCUboot image does."""

    status = 40
    meaning = "the file is no MCUboot image"


class Truncated(ImageError):
    """The image ends before the lengths in it say so."""

    status = 41
    meaning = "the image is truncated"


class TrailingBytes(ImageError):
    """Something follows the image."""

    status = 42
    meaning = "something follows the image"


class MalformedImage(ImageError):
    """Header or TLVs contradict themselves, or are of a kind that no image here has."""

    status = 43
    meaning = "the image's header or TLVs are malformed, or not those of a model"


class HashMismatch(ImageError):
    """The image's content is not what its own digest says."""

    status = 44
    meaning = "the image's content was changed: its digest does not fit"


class WrongImageKey(ImageError):
    """The image says that another key signed it."""

    status = 45
    meaning = "another key signed the image"


class BadImageSignature(ImageError):
    """The image names the right key, which did not sign it."""

    status = 46
    meaning = "the image's signature was not made by its key"


class MissingProtectedTlv(ImageError):
    """The image does not say, under its signature, what a model's image has to say."""

    status = 47
    meaning = "the image lacks a protected TLV (counter, dependency or manifest)"


class CounterTooLow(ImageError):
    """The image is older than what the device or the caller still accepts."""

    status = 48
    meaning = "the image's security counter is too low: a downgrade"


class WrongManifest(ImageError):
    """The image was made for another model-manifest.json, or differs from what that says."""

    status = 49
    meaning = "the image is of another release: it does not match model-manifest.json"


class WrongPayload(ImageError):
    """The image's payload is not a payload, or not the one expected."""

    status = 50
    meaning = "the image's payload is malformed, or not the release's"


class WrongTask(ImageError):
    """The image is one of another task."""

    status = 51
    meaning = "the image is of another task"


class UnmetDependency(ImageError):
    """The firmware is older than the image asks for."""

    status = 52
    meaning = "the image asks for newer firmware"


class WrongImages(ImageError):
    """Not exactly one image a task."""

    status = 53
    meaning = "an image is missing, or one is there that no task has"


class TooLargeForSlot(ImageError):
    """The image does not fit in its slot."""

    status = 54
    meaning = "the image is too large for its slot"


class OnTrial(ImageError):
    """An update came while the running image is not confirmed."""

    status = 55
    meaning = "the running image is on trial: no update before it is confirmed"


class NothingToBoot(ImageError):
    """No slot holds an image that may run."""

    status = 56
    meaning = "no slot holds an image that may run: inference is refused"


class CounterLost(ImageError):
    """The memory of the security counter cannot be read."""

    status = 57
    meaning = "the device's security counter cannot be read: inference is refused"


# What only a device can find.
_ON_DEVICE = (UnmetDependency, TooLargeForSlot, OnTrial, NothingToBoot, CounterLost)


OF_MAKING = (WrongManifest, WrongPayload, WrongTask, WrongImages)  # what making images ends with


def kinds() -> list[type[ImageError]]:
    """Every reason for which a device refuses an image or an update."""
    return ImageError.__subclasses__()


def of_images() -> list[type[ImageError]]:
    """Every reason that can be found without a device."""
    return [kind for kind in kinds() if kind not in _ON_DEVICE]
