"""Who needs what: counting rules applied to the projected population."""
