"""How fast a review is answered: beside a webhook in Go, and by stage."""
