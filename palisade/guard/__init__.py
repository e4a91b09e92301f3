"""Whether a network's answer can be believed: integer checks that a microcontroller runs.

Each module holds one signal's table, how the table is made from floats, and an integer
reference that ``device/`` equals to the bit.

=================  ==========================================================================
module             what it holds
=================  ==========================================================================
``judgement``      decisions, reasons and signals, as the device's headers number them
``margin``         how far ahead the first choice is
``energy``         how much evidence the logits hold in all
``autoencoder``    how far an embedding is from those of training; ``fitting`` trains it
``engineered``     sums and differences of the network's input, block by block
``tree``           a companion decision tree on them
``texture``        how the network's input changes from element to element
``consistency``    agreement of successive answers
``tables``         all of a task's guard: JSON to read and write
``reference``      the verdicts of a guard, in NumPy
``source``         the guard as C arrays; ``flash`` counts their bytes
``policy_source``  the agreement of several tasks as C
=================  ==========================================================================
"""
