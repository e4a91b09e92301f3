"""What the battery's attacks and the models' verdicts are called, everywhere."""

from __future__ import annotations

NOISE, FGSM = "noise", "fgsm"
PGD_CROSS_ENTROPY, PGD_MARGIN = "pgd_cross_entropy", "pgd_margin"
# PGD with a step that falls by a fixed rule: a baseline.
ITERATED = (PGD_CROSS_ENTROPY, PGD_MARGIN)
# With twice the steps and as many starts, to see whether the steps are enough.
TWICE = "_doubled"
DOUBLED_CROSS_ENTROPY, DOUBLED_MARGIN = (f"{name}{TWICE}" for name in ITERATED)
DOUBLED = (DOUBLED_CROSS_ENTROPY, DOUBLED_MARGIN)
# With a step that the attack halves by itself, and momentum.
APGD_CROSS_ENTROPY, APGD_DLR = "apgd_cross_entropy", "apgd_dlr"
APGD_TARGETED = "apgd_targeted"  # where there are four classes or more
ADAPTIVE = (APGD_CROSS_ENTROPY, APGD_DLR, APGD_TARGETED)
# PGD on the margin, on the artefact's own integers, with the white box's gradients.
PGD_EXACT = "pgd_exact"
# By queries on the device's own path, with no gradient.
SQUARE = "square"
# By queries as well, which estimate gradients: on the subset alone, of both models.
NES = "nes"
# The same, looking away from the answers: what as many tries find by chance.
NES_BLIND = "nes_blind"
BY_QUERIES = (SQUARE, NES)
# Crafted on another model: the same before it was quantised, and the one that nothing defends.
TRANSFER_FLOAT, TRANSFER_UNDEFENDED = "transfer_float", "transfer_undefended"
TRANSFERRED = (TRANSFER_FLOAT, TRANSFER_UNDEFENDED)
# On network and guard at once: a wrong answer that the guard accepts.
GUARD_AWARE, FEATURE_MATCHING = "guard_aware", "feature_matching"
JOINT = (GUARD_AWARE, FEATURE_MATCHING)
# In the order in which they run on what still stands; Square runs last.
ATTACKS = (NOISE, FGSM, *ITERATED, *ADAPTIVE, PGD_EXACT, *TRANSFERRED, *JOINT, SQUARE)
# On the subset alone, at the reference budget.
ALONE = (*DOUBLED, NES, NES_BLIND)
# Those that need nothing but gradients of the model's own logits.
PLAIN = (NOISE, FGSM, *ITERATED, APGD_CROSS_ENTROPY, APGD_DLR, APGD_TARGETED)

# Verdicts beside a model's own: of the white box that attacks are crafted on, and with the guard.
WHITE_BOX = "fake_quant"
GUARDED = "guarded"
