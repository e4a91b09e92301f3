"""Palisade: adversarially robust TinyML for smart-home devices, as one DVC pipeline."""
