"""What a delivery is made of, whoever makes it: body, signature, and what follows."""
