"""The rooms of the page. They lay out and call; they hold no formula of the score."""
