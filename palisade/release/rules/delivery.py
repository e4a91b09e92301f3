"""What reaches a device, most of it decided by `python -m palisade verify` once it is signed."""

from __future__ import annotations

from palisade.release.rules.rule import Finding, Rule, Section

SECTION = Section(
    "Delivery",
    of_task=(
        Rule(
            "model_is_in_c",
            "The model ships as C with its SHA-256, for the device to compare before it runs.",
            "/files/firmware~1model_TASK.c/sha256",
        ),
    ),
    of_delivery=(
        Finding(
            "signature_is_trusted",
            "A signature over this folder by a key or identity that the policy names for releases; "
            "a development signature does not count.",
        ),
        Finding(
            "no_file_added_or_missing",
            "Every file has the digest that was signed; none is added, missing, a link, or outside "
            "the folder; manifest.json describes them all.",
        ),
        Finding(
            "security_counter_not_below_least",
            "Security counter {/security_counter} is at least the least one of the policy.",
        ),
        Finding(
            "version_not_below_least",
            "Version {/version} is at least the least one of the policy.",
        ),
        Finding(
            "provenance_is_signed",
            "A signed statement of this release's provenance: commit, lock, params, builder.",
        ),
        Finding(
            "images_carry_the_manifest",
            "Each boot image is signed by an image key that the policy names, carries the digest "
            "of model-manifest.json, and holds this release's payload, version and counter.",
            where="/files/model-manifest.json/sha256",
        ),
    ),
)
