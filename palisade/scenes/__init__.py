"""Events at the front door, each witnessed by every task's sensor at once."""
