"""sign: the development signature of the release, which shows integrity and nothing more.

Reads   models/release/               and the key in $PALISADE_KEY or the user's config folder
Writes  models/release.sigstore.json  the signature, a Sigstore bundle in key mode
        models/release.pub.pem        the public half of the key that made it

The one stage whose bytes differ at each run (ECDSA draws a nonce). Nothing depends on it.
"""

from __future__ import annotations

from palisade.files import replacing
from palisade.release import key, signature
from palisade.stage import Stage, run


def main(this: Stage) -> None:
    """Sign the release; neither file appears before the signature was checked against both."""
    release = this.dep("models/release")
    bundle = this.out("models/release.sigstore.json")
    public_key = this.out("models/release.pub.pem")
    with replacing(public_key) as key_draft, replacing(bundle) as bundle_draft:
        public = signature.sign(release, bundle_draft, private_key=key.location())
        key_draft.write_bytes(key.public_pem(public))
        signature.verify(release, bundle_draft, public_key=key_draft)


if __name__ == "__main__":
    run("sign", main)
