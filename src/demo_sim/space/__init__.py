"""What a person can be: the places there are, and the routes between them."""
