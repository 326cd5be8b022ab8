"""How fast a review is answered: beside a webhook in Go, by policy, and by stage."""
