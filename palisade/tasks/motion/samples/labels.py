"""What a trace is of, in the order of the network's outputs."""

NOTHING = "nothing"
PET = "pet"
PERSON = "person"  # walks up to the door and stays
KNOCK = "knock"
TAMPERING = "tampering"
TRAFFIC = "traffic"  # wind, vehicles and passers-by

CLASSES = (NOTHING, PET, PERSON, KNOCK, TAMPERING, TRAFFIC)
