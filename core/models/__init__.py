"""Networks, fusion, heads, and the checkpoint that carries them."""
