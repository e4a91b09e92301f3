"""What keyless signatures must lead back to: a Sigstore instance's certificates and log keys.

The public instance's root is read from the locked package itself. The library's own way to it
goes through a cache in the user's home, which neither a policy nor a lock vouches for.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from urllib.parse import quote

from sigstore.models import TrustedRoot

from palisade.release.contents import shown
from palisade.release.failures import BadPolicy
from palisade.release.reading import bounded

PUBLIC = "sigstore"  # how a policy names the root of the public instance
LARGEST_BYTES = 1024 * 1024
_PUBLIC_INSTANCE = "https://tuf-repo-cdn.sigstore.dev"


def public() -> TrustedRoot:
    """The root of the public instance, as the locked version of sigstore-python has it."""
    place = resources.files("sigstore._store") / quote(_PUBLIC_INSTANCE, safe="")
    with resources.as_file(place / "trusted_root.json") as file:
        return TrustedRoot.from_file(str(file))


def load(file: Path, *, policy: Path) -> TrustedRoot:
    """Read the root that a policy names.

    Raises:
        BadPolicy: It is missing or no trusted root.
    """
    try:
        bounded(file, limit_bytes=LARGEST_BYTES)
        root = TrustedRoot.from_file(str(file))
        root.get_fulcio_certs()
    except OSError as error:
        reason = str(error.strerror)
    except Exception as error:  # the library has no class of its own for a malformed root
        reason = type(error).__name__
    else:
        return root
    raise BadPolicy(
        f"{shown(str(policy))} names the trusted root {shown(file.name)}, which is none ({reason})",
        "get trusted_root.json from whoever runs the Sigstore instance",
    )
