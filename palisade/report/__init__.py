"""The report: one HTML page that shows what a run gave, without scripts and without a network."""
