"""What the battery's attacks and the models' verdicts are called, everywhere."""

from __future__ import annotations

NOISE, FGSM = "noise", "fgsm"
PGD_CROSS_ENTROPY, PGD_MARGIN = "pgd_cross_entropy", "pgd_margin"
ITERATED = (PGD_CROSS_ENTROPY, PGD_MARGIN)
# With twice the steps, to see whether the steps are enough.
DOUBLED_CROSS_ENTROPY, DOUBLED_MARGIN = (f"{name}_doubled" for name in ITERATED)
DOUBLED = (DOUBLED_CROSS_ENTROPY, DOUBLED_MARGIN)
ATTACKS = (NOISE, FGSM, *ITERATED)

# Verdicts beside a model's own: of the white box that attacks are crafted on, and with the guard.
WHITE_BOX = "fake_quant"
GUARDED = "guarded"
