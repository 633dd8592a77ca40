"""What a person may be expected to reach, and how likely a target is (RULES.md section 16, features G2 and A4)."""
