"""The two classes of a door camera's picture."""

NOBODY = "nobody"  # no person, whatever else: pets, posters, coat stands
PERSON = "person"  # at least one, wherever in the picture and however much of them shows
