"""What one inference costs on a microcontroller: memory, instructions, time and energy."""
