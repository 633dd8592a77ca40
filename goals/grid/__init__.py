"""The target grid: people down, months across (G5)."""
