"""From verdicts to figures: rates with intervals, worst cases, and checks on the measurement."""
