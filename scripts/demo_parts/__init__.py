"""What the demo is made of: its house (programs that run), its evidence (files that are looked at) and its words."""
