"""How many bytes of flash a guard's tables take on a 32-bit microcontroller."""

from __future__ import annotations

from palisade.guard.autoencoder import Autoencoder
from palisade.guard.dense import Dense
from palisade.guard.judgement import Signal
from palisade.guard.tables import Guard
from palisade.guard.texture import Texture
from palisade.guard.tree import Tree

# sizeof the structs of device/include/palisade with pointers of 4 bytes.
STRUCT_BYTES = {
    "pal_guard": 32,
    "pal_limit": 8,
    "pal_energy": 8,
    "pal_autoencoder": 40,
    "pal_tree": 28,
    "pal_texture": 16,
    "pal_consistency": 3,
}


def table_bytes(guard: Guard) -> dict[str, int]:
    """Bytes of each part, structs and arrays; up to 3 bytes of alignment an array go on top."""
    parts = {"pal_guard": len(Signal) * STRUCT_BYTES["pal_limit"]}
    if guard.energy:
        parts["pal_energy"] = guard.energy.exp_q24.nbytes
    if guard.autoencoder:
        parts["pal_autoencoder"] = _of_autoencoder(guard.autoencoder)
    if guard.tree:
        parts["pal_tree"] = _of_tree(guard.tree)
    if guard.texture:
        parts["pal_texture"] = _of_texture(guard.texture)
    if guard.consistency:
        parts["pal_consistency"] = 0
    return {
        name.removeprefix("pal_"): STRUCT_BYTES[name] + arrays for name, arrays in parts.items()
    }


def _of_autoencoder(autoencoder: Autoencoder) -> int:
    return sum(_of_layer(layer) for layer in (autoencoder.encoder, autoencoder.decoder))


def _of_layer(layer: Dense) -> int:
    return layer.weights.nbytes + layer.biases.nbytes


def _of_tree(tree: Tree) -> int:
    arrays = (tree.feature, tree.threshold, tree.left, tree.right, tree.label, tree.plausible)
    return sum(array.nbytes for array in arrays)


def _of_texture(texture: Texture) -> int:
    return texture.means_q8.nbytes + texture.weights.nbytes + texture.shifts.nbytes
