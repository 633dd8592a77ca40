"""What customers said: figures, words and themes of surveys (S5)."""
