"""Reading a labelled folder of recordings, in the layout of Speech Commands."""
