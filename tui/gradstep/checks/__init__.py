"""What a run has to hold: findings that must not be met, and assertions; judged from stops alone."""
