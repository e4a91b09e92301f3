"""Whether what devices meet in the field is still what their model was calibrated on."""
